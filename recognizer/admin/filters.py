from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recognizer.models import Submission, SubmissionQuerySet


class ClaimDiffers(admin.SimpleListFilter):
    title = _("claim differs")
    parameter_name = "claim_differs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No, it agrees"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Submission]
    ) -> QuerySet[Submission]:
        chosen = {
            "yes": SubmissionQuerySet.disputed,
            "no": SubmissionQuerySet.undisputed,
        }
        return chosen.get(self.value() or "", SubmissionQuerySet.all)(queryset)  # type: ignore[arg-type]


class Confidence(admin.SimpleListFilter):
    title = _("confidence")
    parameter_name = "confidence"
    bands = {
        "low": (0, 0.5),
        "middle": (0.5, 0.8),
        "high": (0.8, 0.95),
        "top": (0.95, 1.01),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("low", _("under 50 %")),
            ("middle", _("50 to 80 %")),
            ("high", _("80 to 95 %")),
            ("top", _("95 % and more")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Submission]
    ) -> QuerySet[Submission]:
        if band := self.bands.get(self.value() or ""):
            return queryset.filter(
                answer__confidence__gte=band[0], answer__confidence__lt=band[1]
            )
        return queryset

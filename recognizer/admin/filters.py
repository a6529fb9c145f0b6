from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recognizer.models import LABELS


class LabelFilter(admin.SimpleListFilter):
    """Shows submissions without a label, unless another choice is made."""

    title = _("label")
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("labelled", _("labelled")),
            ("all", _("all")),
            *((str(value), name) for value, name in LABELS),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            is_default = choice["display"] == _("All")
            yield choice | ({"display": _("not labelled")} if is_default else {})

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen is None:
            return queryset.unlabelled()
        if chosen == "labelled":
            return queryset.labelled()
        if chosen == "all":
            return queryset
        return queryset.filter(label=int(chosen)) if chosen.isdecimal() else queryset


class ClaimDiffers(admin.SimpleListFilter):
    title = _("claim differs")
    parameter_name = "claim_differs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No, it agrees"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return queryset.disputed()
        if self.value() == "no":
            return queryset.undisputed()
        return queryset


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

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if band := self.bands.get(self.value() or ""):
            return queryset.filter(
                answer__confidence__gte=band[0], answer__confidence__lt=band[1]
            )
        return queryset

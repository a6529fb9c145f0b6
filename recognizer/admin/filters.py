from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recognizer.models import CLAIMS, LABELS, TrainedModel
from recognizer.reviewing.visitor_figures import predictions_of


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


class ReadAs(admin.SimpleListFilter):
    """What was read: in the answer, or by the model that `read_by` names.

    It is offered only while it is in use. The figures' confusion matrix links to it.
    """

    title: Any = _("read as")
    parameter_name = "read_as"
    model: TrainedModel | None = None

    def __init__(
        self, request: HttpRequest, params: Any, model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        key = params.pop("read_by", [None])[-1]
        if key is not None and self.value() is not None:
            self.model = _get_model(key)
            self.title = _("read by %(model)s as") % {"model": self.model}

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name, "read_by"]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if self.value() is None:
            return []
        choices = [(str(value), name) for value, name in CLAIMS]
        if self.value() not in dict(choices):
            raise IncorrectLookupParameters
        return choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen is None:
            return queryset
        if self.model is None:
            return queryset.filter(read_as=int(chosen))
        predictions = predictions_of(self.model).filter(submission=OuterRef("pk"))
        return queryset.filter(Exists(predictions.filter(read_as=int(chosen))))


def _get_model(key: str) -> TrainedModel:
    """Return the model with this primary key. Raises IncorrectLookupParameters."""
    try:
        return TrainedModel.objects.get(pk=key)
    except (TrainedModel.DoesNotExist, ValueError) as error:
        raise IncorrectLookupParameters from error

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recognizer import answers
from recognizer.admin.read_only import ReadOnly
from recognizer.models import Prediction
from recognizer.templatetags.drawings import percent


class PredictionColumns(ReadOnly):
    """The columns of a prediction, in its own list and on a submission's page."""

    @admin.display(description=_("reading"), ordering="digit")
    def reading(self, prediction: Prediction) -> str:
        return answers.headline(prediction)

    @admin.display(description=_("confidence"), ordering="confidence")
    def share(self, prediction: Prediction) -> str:
        return percent(prediction.confidence)

    @admin.display(description=_("milliseconds"), ordering="milliseconds")
    def took(self, prediction: Prediction) -> str:
        return f"{prediction.milliseconds:.1f}"


@admin.register(Prediction)
class PredictionAdmin(PredictionColumns, admin.ModelAdmin[Prediction]):
    list_display = ["created", "submission", "reading", "share", "model", "took"]
    list_filter = ["verdict", "digit", "model", "created"]
    fields = [
        "submission",
        "model",
        "preprocessing",
        "created",
        "digit",
        "verdict",
        "share",
        "probabilities",
        "took",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        return (
            super()
            .get_queryset(request)
            .select_related("submission", "model")
            .defer("glyph", "submission__picture", "model__parameters")
        )

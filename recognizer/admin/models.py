from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from recognizer.admin.read_only import ReadOnly
from recognizer.models import Promotion, TrainedModel


@admin.register(TrainedModel)
class TrainedModelAdmin(ReadOnly, admin.ModelAdmin[TrainedModel]):
    list_display = ["name", "architecture", "short_sha256", "created"]
    fields = ["name", "architecture", "sha256", "created", "figures"]

    @admin.display(description="SHA-256")
    def short_sha256(self, model: TrainedModel) -> str:
        return model.sha256[:8]


@admin.register(Promotion)
class PromotionAdmin(admin.ModelAdmin[Promotion]):
    """Append-only: a new line puts a model in place, and no line is ever changed."""

    list_display = ["at", "model", "by", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        return (
            super()
            .get_queryset(request)
            .select_related("model", "by")
            .defer("model__parameters")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Promotion, form: Any, change: bool
    ) -> None:
        obj.by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import answers
from .models import TRUTHS, Prediction, Promotion, Submission, SubmissionQuerySet, TrainedModel
from .templatetags.drawings import glyph_uri, percent

if TYPE_CHECKING:
    SubmissionBase = admin.ModelAdmin[Submission]
    PredictionBase = admin.ModelAdmin[Prediction]
    PredictionInlineBase = admin.TabularInline[Prediction, Submission]
    TrainedModelBase = admin.ModelAdmin[TrainedModel]
    PromotionBase = admin.ModelAdmin[Promotion]
else:  # they take no parameter at run time
    SubmissionBase = PredictionBase = TrainedModelBase = PromotionBase = admin.ModelAdmin
    PredictionInlineBase = admin.TabularInline

admin.site.site_header = admin.site.site_title = _("Draw a digit: reviewing")


class ClaimDiffers(admin.SimpleListFilter):
    title = _("claim differs")
    parameter_name = "claim_differs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No, it agrees"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        chosen = {"yes": SubmissionQuerySet.disputed, "no": SubmissionQuerySet.undisputed}
        return chosen.get(self.value() or "", SubmissionQuerySet.all)(queryset)  # type: ignore[arg-type]


class Confidence(admin.SimpleListFilter):
    title = _("confidence")
    parameter_name = "confidence"
    bands = {"low": (0, 0.5), "middle": (0.5, 0.8), "high": (0.8, 0.95), "top": (0.95, 1.01)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("low", _("under 50 %")),
            ("middle", _("50 to 80 %")),
            ("high", _("80 to 95 %")),
            ("top", _("95 % and more")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        if band := self.bands.get(self.value() or ""):
            return queryset.filter(answer__confidence__gte=band[0], answer__confidence__lt=band[1])
        return queryset


class ReadOnly:
    """A log: to be looked at, not written."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Readings(ReadOnly):
    """Predictions as columns."""

    @admin.display(description=_("reading"), ordering="digit")
    def reading(self, prediction: Prediction) -> str:
        return answers.headline(prediction)

    @admin.display(description=_("confidence"), ordering="confidence")
    def share(self, prediction: Prediction) -> str:
        return percent(prediction.confidence)

    @admin.display(description=_("milliseconds"), ordering="milliseconds")
    def took(self, prediction: Prediction) -> str:
        return f"{prediction.milliseconds:.1f}"


class PredictionInline(Readings, PredictionInlineBase):
    model = Prediction
    fields = readonly_fields = ("created", "model", "preprocessing", "reading", "share", "took")
    verbose_name_plural = _("every prediction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        return super().get_queryset(request).select_related("model").defer("glyph", "model__parameters")


class LabelActionForm(ActionForm):
    new_label = forms.TypedChoiceField(
        label=_("label"), choices=[("", "---------"), *TRUTHS], coerce=int, empty_value=None, required=False
    )


@admin.register(Submission)
class SubmissionAdmin(SubmissionBase):
    list_display = [
        "thumbnail",
        "digit",
        "confidence",
        "verdict",
        "claim",
        "label",
        "created",
        "source",
        "model_name",
    ]
    list_display_links = ["thumbnail", "created"]
    list_editable = ["label"]
    list_filter = [
        ClaimDiffers,
        "answer__verdict",
        Confidence,
        "answer__digit",
        "claim",
        "label",
        "source",
        "answer__model",
        "created",
    ]
    list_per_page = 50
    date_hierarchy = "created"
    search_fields = ["uuid"]
    search_help_text = _("The code in a result page's address, or a part of it")
    fields = (
        "label",
        "large_picture",
        "glyph",
        "headline",
        "probabilities",
        "claim",
        "source",
        "created",
        "labelled_by",
        "labelled_at",
        "uuid",
    )
    readonly_fields = fields[1:]
    inlines = [PredictionInline]
    actions = ["set_label"]
    action_form = LabelActionForm

    class Media:
        css = {"all": ["admin.css"]}

    def get_queryset(self, request: HttpRequest) -> SubmissionQuerySet:
        return Submission.objects.listed()

    def get_urls(self) -> list[URLPattern]:
        picture = self.admin_site.admin_view(self.picture)
        return [path("<uuid:uuid>/picture.png", picture, name="submission_picture"), *super().get_urls()]

    def picture(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        submission = get_object_or_404(Submission.objects.only("picture"), uuid=uuid)
        response = HttpResponse(bytes(submission.picture), content_type="image/png")
        response["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Its predictions go with a submission, and ask for no right of their own.
        listed, count, needed, protected = super().get_deleted_objects(objs, request)
        return listed, count, needed - {Prediction._meta.verbose_name}, protected

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # The page says what it showed: so its old label does not undo one that was set meanwhile.
        return super().formfield_for_choice_field(db_field, request, show_hidden_initial=True, **kwargs)

    def save_model(self, request: HttpRequest, obj: Submission, form: Any, change: bool) -> None:
        if "label" in form.changed_data:
            Submission.objects.filter(pk=obj.pk).set_label(obj.label, request.user)

    @admin.action(description=_("Set the label of the selected"), permissions=["change"])
    def set_label(self, request: HttpRequest, queryset: SubmissionQuerySet) -> None:
        # Whether it is a label at all has been checked by now, as part of the action's form.
        label = LabelActionForm.base_fields["new_label"].clean(request.POST.get("new_label"))
        if label is None:
            self.message_user(request, _("Choose the label, beside the action."), "warning")
            return
        count = queryset.set_label(label, request.user)
        said = ngettext("%d submission was labelled.", "%d submissions were labelled.", count)
        self.message_user(request, said % count)

    @admin.display(description=_("picture"))
    def thumbnail(self, submission: Submission) -> str:
        return self._image(submission, 56)

    @admin.display(description=_("picture"))
    def large_picture(self, submission: Submission) -> str:
        return self._image(submission, 280)

    def _image(self, submission: Submission, size: int) -> str:
        url = reverse("admin:submission_picture", args=[submission.pk])
        html = '<img class="drawing" src="{}" width="{}" height="{}" loading="lazy" alt="{}">'
        return format_html(html, url, size, size, _("the submitted picture"))

    @admin.display(description=_("what the network saw"))
    def glyph(self, submission: Submission) -> str:
        html = '<img class="glyph" src="{}" width="140" height="140" alt="{}">'
        return format_html(html, glyph_uri(submission.answer.glyph), _("28 by 28 pixels"))

    @admin.display(description=_("probabilities"))
    def probabilities(self, submission: Submission) -> str:
        return render_to_string("recognizer/probabilities.html", {"answer": submission.answer})

    @admin.display(description=_("answer"))
    def headline(self, submission: Submission) -> str:
        return answers.headline(submission.answer)

    @admin.display(description=_("digit"), ordering="answer__digit", empty_value="-")
    def digit(self, submission: Submission) -> int | None:
        return submission.answer.digit

    @admin.display(description=_("confidence"), ordering="answer__confidence")
    def confidence(self, submission: Submission) -> str:
        return percent(submission.answer.confidence)

    @admin.display(description=_("verdict"), ordering="answer__verdict")
    def verdict(self, submission: Submission) -> str:
        return submission.answer.get_verdict_display()

    @admin.display(description=_("model"), ordering="answer__model")
    def model_name(self, submission: Submission) -> str:
        return str(submission.answer.model)


@admin.register(Prediction)
class PredictionAdmin(Readings, PredictionBase):
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


@admin.register(TrainedModel)
class TrainedModelAdmin(ReadOnly, TrainedModelBase):
    list_display = ["name", "architecture", "short_sha256", "created"]
    fields = ["name", "architecture", "sha256", "created", "figures"]

    @admin.display(description="SHA-256")
    def short_sha256(self, model: TrainedModel) -> str:
        return model.sha256[:8]


@admin.register(Promotion)
class PromotionAdmin(PromotionBase):
    """Append-only: a new line puts a model in place, and no line is ever changed."""

    list_display = ["at", "model", "by", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        return super().get_queryset(request).select_related("model", "by").defer("model__parameters")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        obj.by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

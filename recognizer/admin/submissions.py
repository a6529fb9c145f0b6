from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from recognizer import answers
from recognizer.admin.export import export_response
from recognizer.admin.figures import figures_page
from recognizer.admin.filters import ClaimDiffers, Confidence, LabelFilter, ReadAs
from recognizer.admin.labels import (
    LabelActionForm,
    LabelField,
    LabelForm,
    LabelNotSaved,
    chosen_submissions,
    show_outcome,
    shown_labels,
    wanted_labels,
    warning_attributes,
)
from recognizer.admin.pictures import glyph_image, picture_image, picture_response
from recognizer.admin.predictions import PredictionColumns
from recognizer.admin.read_only import ReadOnly
from recognizer.admin.review import review_labels, review_page
from recognizer.models import LabelChange, Prediction, Submission, SubmissionQuerySet
from recognizer.reviewing.labelling import Wanted, set_labels
from recognizer.templatetags.drawings import percent


class PredictionInline(PredictionColumns, admin.TabularInline[Prediction, Submission]):
    model = Prediction
    fields = readonly_fields = (
        "created",
        "model",
        "preprocessing",
        "reading",
        "share",
        "took",
    )
    verbose_name_plural = _("every prediction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prediction]:
        return (
            super()
            .get_queryset(request)
            .select_related("model")
            .defer("glyph", "model__parameters")
        )


class LabelChangeInline(ReadOnly, admin.TabularInline[LabelChange, Submission]):
    model = LabelChange
    fields = readonly_fields = ("at", "by", "old", "new")
    verbose_name_plural = _("history of the label")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LabelChange]:
        return super().get_queryset(request).select_related("by")


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin[Submission]):
    list_display = [
        "thumbnail",
        "label",
        "digit",
        "confidence",
        "verdict",
        "claim",
        "created",
        "source",
        "model_name",
    ]
    list_display_links = ["thumbnail", "created"]
    list_editable = ["label"]
    list_filter = [
        LabelFilter,
        ClaimDiffers,
        ReadAs,
        "answer__verdict",
        Confidence,
        "answer__digit",
        "claim",
        "source",
        "kept_aside",
        "answer__model",
        "created",
    ]
    list_per_page = 50
    date_hierarchy = "created"
    search_fields = ["uuid"]
    # change_list.html says what to search for: with search_help_text, axe finds a field
    # that has no visible label.
    fields = (
        "label",
        "large_picture",
        "glyph",
        "headline",
        "probabilities",
        "claim",
        "source",
        "kept_aside",
        "created",
        "labelled_by",
        "labelled_at",
        "uuid",
    )
    readonly_fields = fields[1:]
    inlines = [LabelChangeInline, PredictionInline]
    actions = ["set_label"]
    action_form = LabelActionForm

    class Media:
        js = ["js/unsaved.js"]

    def get_queryset(self, request: HttpRequest) -> SubmissionQuerySet:
        return Submission.objects.listed()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = {"model_admin": self}
        picture, export = view(self.picture), view(export_response)
        review, labels = view(review_page), view(review_labels)
        return [
            path("<uuid:uuid>/picture.png", picture, name="submission_picture"),
            path("export/", export, name="submission_export"),
            path("figures/", view(figures_page), own, name="submission_figures"),
            path("review/", review, own, name="submission_review"),
            path("review/labels/", labels, own, name="submission_review_labels"),
            *super().get_urls(),
        ]

    def picture(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return picture_response(
            get_object_or_404(Submission.objects.only("picture"), uuid=uuid)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Predictions and history are deleted with their submission, without a right of their own.
        listed, count, needed, protected = super().get_deleted_objects(objs, request)
        own = {model._meta.verbose_name for model in (Prediction, LabelChange)}
        return listed, count, needed - own, protected

    def formfield_for_choice_field(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        # The page sends the label that it showed. So a newer label is not overwritten.
        field = super().formfield_for_choice_field(
            db_field, request, show_hidden_initial=True, **kwargs
        )
        if field:
            field.widget.attrs |= warning_attributes()
        return field

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=LabelForm, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            wanted = wanted_labels(request.POST)
        except ValidationError:  # Django shows the form again, with what is wrong
            return super().changelist_view(request, extra_context)
        show_outcome(request, set_labels(wanted, request.user))
        return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: Submission, form: Any, change: bool
    ) -> None:
        if "label" in form.changed_data:
            shown = LabelField().clean(request.POST.get("initial-label"))
            wanted = Wanted(obj.pk, shown, obj.label)
            outcome = set_labels([wanted], request.user)
            if not outcome.saved:
                raise LabelNotSaved(outcome)
            show_outcome(request, outcome)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except LabelNotSaved as refusal:  # Django would say that it was changed
            show_outcome(request, refusal.outcome)
            return HttpResponseRedirect(request.get_full_path())

    def delete_model(self, request: HttpRequest, obj: Submission) -> None:
        Submission.objects.filter(pk=obj.pk).delete_locked()

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Submission]
    ) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        Submission.objects.filter(pk__in=chosen).delete_locked()

    @admin.action(description=_("Label selected as"), permissions=["change"])
    def set_label(self, request: HttpRequest, queryset: SubmissionQuerySet) -> None:
        # Django has checked by now that it is a label, as part of the action's form.
        label = LabelField().clean(request.POST.get("new_label"))
        if label is None:
            words = _("Choose the label beside the action.")
            self.message_user(request, words, "warning")
            return
        shown = shown_labels(request.POST)
        wanted = []
        for pk in chosen_submissions(request.POST, queryset):
            wanted.append(Wanted(pk, shown.get(pk), label))
        show_outcome(request, set_labels(wanted, request.user))

    @admin.display(description=_("picture"))
    def thumbnail(self, submission: Submission) -> str:
        return picture_image(submission, 40)

    @admin.display(description=_("picture"))
    def large_picture(self, submission: Submission) -> str:
        return picture_image(submission, 280)

    @admin.display(description=_("what the network saw"))
    def glyph(self, submission: Submission) -> str:
        return glyph_image(submission)

    @admin.display(description=_("probabilities"))
    def probabilities(self, submission: Submission) -> str:
        return render_to_string(
            "recognizer/probabilities.html", {"answer": submission.answer}
        )

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

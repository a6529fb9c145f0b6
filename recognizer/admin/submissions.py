from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recognizer import answers
from recognizer.admin.filters import ClaimDiffers, Confidence
from recognizer.admin.pictures import glyph_image, picture_image, picture_response
from recognizer.admin.predictions import PredictionColumns
from recognizer.models import LABELS, Prediction, Submission, SubmissionQuerySet
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


class LabelActionForm(ActionForm):
    new_label = forms.TypedChoiceField(
        label=_("label"),
        choices=[("", "---------"), *LABELS],
        coerce=int,
        empty_value=None,
        required=False,
    )


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin[Submission]):
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
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> SubmissionQuerySet:
        return Submission.objects.listed()

    def get_urls(self) -> list[URLPattern]:
        picture = self.admin_site.admin_view(self.picture)
        return [
            path("<uuid:uuid>/picture.png", picture, name="submission_picture"),
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
        # Its predictions go with a submission, and ask for no right of their own.
        listed, count, needed, protected = super().get_deleted_objects(objs, request)
        return listed, count, needed - {Prediction._meta.verbose_name}, protected

    def formfield_for_choice_field(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        # The page says what it showed: so its old label does not undo one that was set meanwhile.
        return super().formfield_for_choice_field(
            db_field, request, show_hidden_initial=True, **kwargs
        )

    def save_model(
        self, request: HttpRequest, obj: Submission, form: Any, change: bool
    ) -> None:
        if "label" in form.changed_data:
            Submission.objects.filter(pk=obj.pk).set_label(obj.label, request.user)

    @admin.action(
        description=_("Set the label of the selected"), permissions=["change"]
    )
    def set_label(self, request: HttpRequest, queryset: SubmissionQuerySet) -> None:
        # Whether it is a label at all has been checked by now, as part of the action's form.
        label = LabelActionForm.base_fields["new_label"].clean(
            request.POST.get("new_label")
        )
        if label is None:
            self.message_user(
                request, _("Choose the label, beside the action."), "warning"
            )
            return
        count = queryset.set_label(label, request.user)
        said = ngettext(
            "%d submission was labelled.", "%d submissions were labelled.", count
        )
        self.message_user(request, said % count)

    @admin.display(description=_("picture"))
    def thumbnail(self, submission: Submission) -> str:
        return picture_image(submission, 56)

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

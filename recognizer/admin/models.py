import time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from recognizer.admin.read_only import ReadOnly
from recognizer.inference import Classifier
from recognizer.models import LABELS, Promotion, TrainedModel
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import active_classifier, get_row, load_stored
from recognizer.rollout.candidates import check_candidate, check_size, shipped_model
from recognizer.rollout.promotion import (
    FEWEST_LABELS,
    PromotionRefused,
    check_promotion,
    previous_model,
    promote,
    roll_back,
    serving_model,
)
from recognizer.rollout.replay import Comparison, Counts, compare, replay, unread
from recognizer.rollout.stored_models import NAME_LENGTH, store_model

REPLAY_SECONDS = 10  # of one request; Heroku gives up after thirty

STATES = {
    "active": gettext_lazy("active"),
    "fallback": gettext_lazy("in use, because the active model cannot be used"),
    "unusable": gettext_lazy("active, but cannot be used"),
    "shipped": gettext_lazy("shipped with this version, not active"),
    "past": gettext_lazy("was active"),
    "candidate": gettext_lazy("candidate"),
}


class UploadForm(forms.ModelForm[TrainedModel]):
    """A model file, checked before it is stored."""

    file = forms.FileField(
        label=gettext_lazy("Model file"),
        help_text=gettext_lazy(
            "It is checked first, and must read a set of test glyphs correctly."
        ),
    )
    new_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=gettext_lazy("The file's name, unless you give one here."),
    )

    class Meta:
        model = TrainedModel
        fields: list[str] = []

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        file = data.get("file")
        if file is not None:
            try:
                data["classifier"] = self._check(file)
            except ModelError as error:
                self.add_error("file", str(error))
        return data

    def save(self, commit: bool = True) -> TrainedModel:
        classifier = self.cleaned_data["classifier"]
        model, _is_new = store_model(classifier, classifier.name)
        return model

    def _check(self, file: "UploadedFile[Any]") -> Classifier:
        check_size(file.size or 0)
        stem = str(file.name).rpartition("/")[2].rpartition(".")[0]
        name = self.cleaned_data.get("new_name") or stem or str(file.name)
        classifier = check_candidate(file.read(), name)
        known = TrainedModel.objects.filter(sha256=classifier.sha256).first()
        if known is not None:
            words = _("This file is stored already, as %(model)s.")
            raise ModelError(words % {"model": known})
        return classifier


class PromotionForm(forms.ModelForm[Promotion]):
    """A model to make active, and why. It has to pass the checks."""

    class Meta:
        model = Promotion
        fields = ("model", "why", "forced")
        labels = {
            "forced": gettext_lazy("Promote it with too few labels"),
        }
        help_texts = {
            "forced": gettext_lazy(
                "Only when fewer than %(count)d of the drawings that are kept aside are "
                "labelled. Say why above; it is recorded."
            )
            % {"count": FEWEST_LABELS},
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        model = data.get("model")
        for refusal in check_promotion(model) if model else []:
            if not (refusal.can_be_forced and data.get("forced")):
                self.add_error(None, refusal.words)
        return data


@admin.register(TrainedModel)
class TrainedModelAdmin(ReadOnly, admin.ModelAdmin[TrainedModel]):
    """Models: which one answers, which ones could, and what each would change."""

    list_display = ["name", "state", "architecture", "short_sha256", "created"]
    readonly_fields = ["state"]
    fieldsets = [
        (None, {"fields": ["name", "state", "architecture", "sha256", "created"]}),
        (
            gettext_lazy("Figures and manifest"),
            {"fields": ["figures", "manifest"], "classes": ["collapse"]},
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("roll-back/", wrap(require_POST(self.roll_back)), name="roll_back"),
            path("<int:pk>/replay/", wrap(require_POST(self.replay)), name="replay"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainedModel]:
        return super().get_queryset(request).annotate(state=_state())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["file", "new_name"]})]
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else super().get_readonly_fields(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            return UploadForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the form has stored the model."""

    def save_related(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: there is nothing related."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        shipped_model()  # a newly shipped file is a candidate from now on
        context = {"previous": previous_model() if is_superuser(request) else None}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        model = self.get_object(request, object_id)
        context = {} if model is None else page_context(request, model)
        context |= extra_context or {}
        return super().change_view(request, object_id, form_url, context)

    def replay(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read the kept-aside drawings with both models, for some seconds."""
        if not is_superuser(request):
            raise PermissionDenied
        model = get_object_or_404(TrainedModel, pk=pk)
        page = reverse("admin:recognizer_trainedmodel_change", args=[pk])
        try:
            left = replay_for_a_while(model)
        except ModelError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(page)
        if left:
            words = ngettext(
                "%d reading is left. Go on with the replay, or run manage.py replay.",
                "%d readings are left. Go on with the replay, or run manage.py replay.",
                left,
            )
            messages.warning(request, words % left)
        else:
            messages.success(request, _("Both models have read every drawing."))
        return HttpResponseRedirect(page)

    def roll_back(self, request: HttpRequest) -> HttpResponse:
        """Promote the model that was active before."""
        if not is_superuser(request):
            raise PermissionDenied
        try:
            promotion = roll_back(request.user)
        except PromotionRefused as refused:
            messages.error(request, str(refused))
        else:
            words = _("The active model is now %(model)s.")
            messages.success(request, words % {"model": promotion.model})
        return HttpResponseRedirect(reverse("admin:recognizer_trainedmodel_changelist"))

    @admin.display(description="SHA-256")
    def short_sha256(self, model: TrainedModel) -> str:
        return model.sha256[:8]

    @admin.display(description=gettext_lazy("state"))
    def state(self, model: Any) -> str:
        return str(STATES[model.state])


@admin.register(Promotion)
class PromotionAdmin(admin.ModelAdmin[Promotion]):
    """Append-only: a new row makes a model active, and no row is ever changed."""

    list_display = ["at", "model", "by", "why", "forced"]
    form = PromotionForm
    fields = ["model", "why", "forced"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else ["at", "model", "by", "why", "forced"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        return (
            super()
            .get_queryset(request)
            .select_related("model", "by")
            .defer("model__parameters")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except PromotionRefused as refused:  # another promotion came in between
            messages.error(request, str(refused))
            return HttpResponseRedirect(
                reverse("admin:recognizer_promotion_changelist")
            )

    def save_model(
        self, request: HttpRequest, obj: Promotion, form: Any, change: bool
    ) -> None:
        made = promote(obj.model, obj.why, request.user, force=obj.forced)
        obj.pk, obj.at, obj.by, obj.forced = made.pk, made.at, made.by, made.forced


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def page_context(request: HttpRequest, model: TrainedModel) -> dict[str, Any]:
    """Return what a model's page says besides its fields."""
    context: dict[str, Any] = {"may_promote": is_superuser(request)}
    try:
        active = serving_model()
    except ModelError:
        return context | {"refusals": check_promotion(model)}
    context |= {"active": active, "is_active": active == model}
    if active != model:
        comparison = compare(active, model)
        refusals = check_promotion(model, comparison)
        context |= {
            "comparison": comparison,
            "rows": table_rows(comparison),
            "mnist": mnist_counts(model, active),
            "refusals": refusals,
            "can_be_promoted": all(refusal.can_be_forced for refusal in refusals),
            "must_be_forced": bool(refusals),
        }
    return context


def table_rows(comparison: Comparison) -> list[tuple[str, Counts]]:
    """Return the rows of the table: each label that there is, and all."""
    rows = []
    for label, name in LABELS:
        counts = comparison.by_label.get(label)
        if counts is not None and counts.total:
            rows.append((str(name), counts))
    return [*rows, (_("all"), comparison.all)]


def mnist_counts(model: TrainedModel, active: TrainedModel) -> Counts | None:
    """Return what `manage.py replay` measured on MNIST against the active model."""
    measured = dict(model.manifest.get("mnist", {}))
    if measured.pop("against", None) != active.sha256:
        return None
    return Counts(**measured)


def replay_for_a_while(model: TrainedModel) -> int:
    """Let the active model and a candidate read. Return how many readings are left."""
    classifier = active_classifier()
    active = get_row(classifier)
    pairs = [(active, classifier), (model, load_stored(model.sha256))]
    end = time.monotonic() + REPLAY_SECONDS
    for each, reader in pairs:
        for _count in replay(reader, each):
            if time.monotonic() > end:
                return unread([active, model])
    return unread([active, model])


def _state() -> Case:
    """Return an expression for a model's state, one of STATES."""
    promotions = Promotion.objects.filter(model=OuterRef("pk"))
    latest = Promotion.objects.values_list("model", flat=True).first()
    shipped = shipped_model()
    cases = []
    try:
        serving = serving_model()
    except ModelError:
        pass
    else:
        is_latest = latest in (None, serving.pk)
        key = "active" if is_latest else "fallback"
        cases.append(When(pk=serving.pk, then=Value(key)))
    if latest is not None:
        cases.append(When(pk=latest, then=Value("unusable")))
    if shipped is not None:
        cases.append(When(pk=shipped.pk, then=Value("shipped")))
    cases.append(When(Exists(promotions), then=Value("past")))
    return Case(*cases, default=Value("candidate"), output_field=CharField())

"""The page that shows how well a model reads visitors' drawings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recognizer.models import LABELS, Source, Submission, TrainedModel
from recognizer.reading.constants import CLASSES, NOT_A_DIGIT, SEVERAL
from recognizer.reviewing.charts import (
    Chart,
    chart_columns,
    chart_reliability,
    chart_rows,
)
from recognizer.reviewing.visitor_figures import (
    ENOUGH_LABELS,
    Figures,
    measure,
    predictions_of,
)
from recognizer.rollout.active_model import active_classifier
from recognizer.statistics import Share, labels_needed

WIDTH = 0.01  # of the interval that the page says how many labels it takes for
INITIALS = {NOT_A_DIGIT: "N", SEVERAL: "S"}  # as the keys of the review page
SHADES = 4  # of the cells of the confusion matrix


@dataclass(frozen=True)
class Section:
    """A chart, and a table with the same numbers: rows of a name and a share."""

    title: str
    words: str
    column: str
    rows: list[tuple[str, Share]]
    chart: Chart


@dataclass(frozen=True)
class Cell:
    """A cell of the confusion matrix. `link` lists the drawings that it counts."""

    count: int
    name: str
    kind: str  # the name of a CSS class
    link: str


def figures_page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Show the figures of the model that the address names, else of the active one."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    active = active_classifier().sha256
    models = _measurable(active)
    model = _chosen(request.GET.get("model", ""), models, active)
    figures = measure(model)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("How well the model reads visitors' drawings"),
        "opts": model_admin.opts,
        "models": models,
        "model": model,
        "active": active,
        "figures": figures,
        "missing": max(ENOUGH_LABELS - figures.all.total, 0),
        "enough": ENOUGH_LABELS,
        "unread": Submission.objects.to_measure_on().count() - figures.all.total,
        "unlabelled": Submission.objects.unlabelled().filter(kept_aside=True).count(),
    }
    if model is not None and not context["missing"]:
        context |= _shown(figures, model)
    template = "admin/recognizer/submission/figures.html"
    return TemplateResponse(request, template, context)


def _measurable(active: str) -> list[TrainedModel]:
    """Return the active model, if it has answered already, and all that have predictions."""
    has_predictions = Exists(predictions_of(OuterRef("pk")))
    return list(TrainedModel.objects.filter(Q(sha256=active) | has_predictions))


def _chosen(key: str, models: list[TrainedModel], active: str) -> TrainedModel | None:
    """Return the model with this key, or the active one for ''. Raises Http404."""
    for model in models:
        if str(model.pk) == key or (not key and model.sha256 == active):
            return model
    if key:
        raise Http404
    return None


def _shown(figures: Figures, model: TrainedModel) -> dict[str, Any]:
    """Return what the page shows of figures from enough labels."""
    share = figures.all
    return {
        "summary": [
            (_("Read right"), share),
            (_("Digits read right"), figures.digits),
            (_("Digits refused"), figures.digits_refused),
            (_("Non-digits read as a digit"), figures.others_accepted),
        ],
        "needed": labels_needed(share.count / share.total, WIDTH),
        "sections": [*_sections(figures)],
        "classes": _classes(),
        "matrix": _matrix(figures.confusion, model),
        "reliability": figures.reliability,
        "reliability_chart": chart_reliability(figures.reliability, ENOUGH_LABELS),
    }


def _sections(figures: Figures) -> Iterator[Section]:
    names = [str(name) for _value, name in LABELS[:CLASSES]]
    by_label = list(zip(names, figures.by_label, strict=True))
    yield Section(
        _("By label"),
        _("How many drawings with each label were read correctly."),
        _("Label"),
        by_label,
        chart_rows(by_label, ENOUGH_LABELS),
    )
    by_source = []
    for source, name in Source.choices:
        by_source.append((str(name), figures.by_source.get(source, Share(0, 0))))
    yield Section(
        _("By source"),
        _("Where the drawings came from."),
        _("Source"),
        by_source,
        chart_rows(by_source, ENOUGH_LABELS),
    )
    yield _weeks(figures)


def _weeks(figures: Figures) -> Section:
    names = [date_format(week, "SHORT_DATE_FORMAT") for week in figures.by_week]
    columns = [(week.toordinal(), share) for week, share in figures.by_week.items()]
    rows = list(zip(names, figures.by_week.values(), strict=True))
    return Section(
        _("By week"),
        _("When the drawings were sent. Each week is shown by the date of its Monday."),
        _("Week starting"),
        rows[::-1],  # the latest first
        chart_columns(columns, (names[0], names[-1]), ENOUGH_LABELS),
    )


def _classes() -> list[tuple[str, str]]:
    """Return the twelve classes: what a narrow column shows, and the name."""
    return [
        (INITIALS.get(value, str(value)), str(name)) for value, name in LABELS[:CLASSES]
    ]


def _matrix(
    confusion: list[list[int]], model: TrainedModel
) -> list[tuple[str, str, list[Cell]]]:
    """Return the rows of the confusion matrix, with their initials and names."""
    rows = []
    for label, (initial, name) in enumerate(_classes()):
        cells = []
        for read_as, count in enumerate(confusion[label]):
            cells.append(
                Cell(
                    count,
                    _cell_name(count, label, read_as),
                    _shade(count, sum(confusion[label]), label == read_as),
                    _drawings(model, label, read_as),
                )
            )
        rows.append((initial, name, cells))
    return rows


def _cell_name(count: int, label: int, read_as: int) -> str:
    names = dict(LABELS)
    return _("%(count)d drawings: label '%(label)s', read as '%(read_as)s'") % {
        "count": count,
        "label": names[label],
        "read_as": names[read_as],
    }


def _shade(count: int, total: int, is_right: bool) -> str:
    """Return the CSS class of a cell: darker for a larger part of the row."""
    if not count:
        return "none"
    if is_right:
        return "right"
    # From 5 % of the row on, the darkest
    return f"wrong-{min(SHADES, 1 + int(100 * count / total))}"


def _drawings(model: TrainedModel, label: int, read_as: int) -> str:
    """Return the address of the list of the drawings that a cell counts."""
    query = {
        "label": label,
        "kept_aside__exact": 1,
        "read_as": read_as,
        "read_by": model.pk,
    }
    return f"{reverse('admin:recognizer_submission_changelist')}?{urlencode(query)}"

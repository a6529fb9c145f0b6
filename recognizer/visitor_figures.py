"""What a model is worth on real visitors: figures from the labels kept aside, and no others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Avg, Count, DateField, F, Q, QuerySet, Value
from django.db.models.functions import Floor, Least, TruncWeek

from recognizer.models import Prediction, Submission, TrainedModel, Verdict
from recognizer.reading.constants import CLASSES, DIGITS
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.statistics import BINS, Bin, Share, confusion, reliability_bins

ENOUGH_LABELS = 30  # below this, no figure tells anything
RIGHT = Count("pk", filter=Q(read_as=F("submission__label")))
WEEK = TruncWeek("submission__created", output_field=DateField())
BIN = Least(Floor(F("confidence") * BINS), Value(BINS - 1.0))


@dataclass(frozen=True)
class Figures:
    """Counts of a model's readings, which are right when they equal the label.

    A digit is refused when the verdict is anything but 'digit', and something else is
    accepted when it is 'digit'. So a digit that was read right can be refused: 'unsure'.
    """

    confusion: list[list[int]]  # label by what was read, CLASSES x CLASSES
    digits_refused: Share
    others_accepted: Share
    by_source: dict[str, Share]
    by_week: dict[date, Share]  # of the drawing, by the week's Monday, in order
    reliability: list[Bin]  # of the readings that name a digit

    @property
    def all(self) -> Share:
        """The readings that are right."""
        return self._share(range(CLASSES))

    @property
    def digits(self) -> Share:
        """The digits that are read right."""
        return self._share(range(DIGITS))

    @property
    def by_label(self) -> list[Share]:
        """The readings that are right, for each of the twelve labels."""
        return [self._share([label]) for label in range(CLASSES)]

    def _share(self, labels: Iterable[int]) -> Share:
        rows = [(label, self.confusion[label]) for label in labels]
        right = sum(row[label] for label, row in rows)
        return Share(right, sum(sum(row) for _label, row in rows))


def predictions_of(model: Any) -> QuerySet[Prediction]:
    """Return what a model reads in today's glyphs. `model` may be its primary key."""
    return Prediction.objects.filter(model=model, preprocessing=PREPROCESSING_VERSION)


def measure(model: TrainedModel | None) -> Figures:
    """Return the figures of a model, in four queries."""
    to_measure_on = Submission.objects.to_measure_on()
    predictions = predictions_of(model).filter(submission__in=to_measure_on).order_by()
    fields = predictions.values_list("submission__label", "read_as", "verdict")
    readings = list(fields.annotate(Count("pk")))
    digits_accepted = _accepted(readings, are_digits=True)
    digits_refused = digits_accepted.total - digits_accepted.count
    return Figures(
        confusion=confusion((row[0], row[1], row[3]) for row in readings),
        digits_refused=Share(digits_refused, digits_accepted.total),
        others_accepted=_accepted(readings, are_digits=False),
        by_source=_shares(predictions, "submission__source"),
        by_week=_shares(predictions.annotate(week=WEEK), "week"),
        reliability=_reliability(predictions),
    )


def _accepted(readings: Iterable[tuple[Any, ...]], *, are_digits: bool) -> Share:
    """Return how many have the verdict 'digit', of the digits or of everything else."""
    accepted = total = 0
    for label, _read_as, verdict, count in readings:
        if (label < DIGITS) == are_digits:
            total += count
            accepted += count if verdict == Verdict.DIGIT else 0
    return Share(accepted, total)


def _shares(predictions: QuerySet[Prediction], field: str) -> dict[Any, Share]:
    """Return the shares of right readings by the value of a field, in its order."""
    groups = predictions.values_list(field).order_by(field)
    rows = groups.annotate(right=RIGHT, total=Count("pk"))
    return {value: Share(right, total) for value, right, total in rows}


def _reliability(predictions: QuerySet[Prediction]) -> list[Bin]:
    groups = predictions.filter(read_as__lt=DIGITS).annotate(bin=BIN).values_list("bin")
    rows = groups.annotate(total=Count("pk"), right=RIGHT, mean=Avg("confidence"))
    return reliability_bins((int(number), *sums) for number, *sums in rows)

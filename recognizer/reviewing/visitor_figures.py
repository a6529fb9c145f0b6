"""How well a model reads visitors' drawings: figures from the labels kept aside."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, DateField, F, QuerySet, Sum, Value
from django.db.models.functions import Floor, Least, TruncWeek

from recognizer.models import Prediction, TrainedModel, Verdict
from recognizer.reading.constants import CANNOT_TELL, CLASSES, DIGITS
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.statistics import BINS, Bin, Share, confusion, reliability_bins

ENOUGH_LABELS = 30  # below this, no figure tells anything
WEEK = TruncWeek("submission__created", output_field=DateField())
Key = TypeVar("Key", int, str, date)
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
    """Return the figures of a model. The database counts, in one pass over the labels."""
    groups = list(_groups(model))
    digits_accepted = _accepted(groups, are_digits=True)
    digits_refused = digits_accepted.total - digits_accepted.count
    pairs = ((group.label, group.read_as, group.total) for group in groups)
    return Figures(
        confusion=confusion(pairs),
        digits_refused=Share(digits_refused, digits_accepted.total),
        others_accepted=_accepted(groups, are_digits=False),
        by_source=_shares((group.source, group) for group in groups),
        by_week=_shares((group.week, group) for group in groups),
        reliability=_reliability(groups),
    )


class _Group(NamedTuple):
    """Readings that are alike in everything that the figures tell apart."""

    label: int
    read_as: int
    verdict: str
    source: str
    week: date
    bin: float
    total: int
    confidence: float  # the sum

    @property
    def right(self) -> int:
        return self.total if self.read_as == self.label else 0


def _groups(model: TrainedModel | None) -> Iterator[_Group]:
    # As SubmissionQuerySet.to_measure_on, but in one join with the predictions
    measured = predictions_of(model).filter(
        submission__kept_aside=True, submission__label__lt=CANNOT_TELL
    )
    fields = ["submission__label", "read_as", "verdict", "submission__source"]
    groups = measured.order_by().values_list(*fields, WEEK, BIN)
    for row in groups.annotate(total=Count("pk"), sum=Sum("confidence")):
        yield _Group(*row)


def _accepted(groups: Iterable[_Group], *, are_digits: bool) -> Share:
    """Return how many have the verdict 'digit', of the digits or of everything else."""
    accepted = total = 0
    for group in groups:
        if (group.label < DIGITS) == are_digits:
            total += group.total
            accepted += group.total if group.verdict == Verdict.DIGIT else 0
    return Share(accepted, total)


def _shares(groups: Iterable[tuple[Key, _Group]]) -> dict[Key, Share]:
    """Return the shares of right readings by key, in the keys' order."""
    right: Counter[Key] = Counter()
    total: Counter[Key] = Counter()
    for key, group in groups:
        right[key] += group.right
        total[key] += group.total
    return {key: Share(right[key], total[key]) for key in sorted(total)}


def _reliability(groups: Iterable[_Group]) -> list[Bin]:
    of_digits = [group for group in groups if group.read_as < DIGITS]
    confidence: dict[int, float] = defaultdict(float)
    for group in of_digits:
        confidence[int(group.bin)] += group.confidence
    shares = _shares((int(group.bin), group) for group in of_digits)
    return reliability_bins(
        (number, share.total, share.count, confidence[number] / share.total)
        for number, share in shares.items()
    )

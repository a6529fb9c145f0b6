"""A candidate read against the active model on the labelled drawings that are kept aside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import OuterRef, Subquery

from recognizer.inference import Classifier
from recognizer.models import (
    LABELS,
    Prediction,
    Submission,
    SubmissionQuerySet,
    TrainedModel,
)
from recognizer.reading.constants import SEVERAL
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.rollout.rereading import not_read_by, read_again, store_predictions
from recognizer.statistics import fall_p, mcnemar_p

SHOWN = 60  # drawings of each kind on a candidate's page


@dataclass
class Counts:
    """How two models read the same drawings. `mended` and `broken` are the second's."""

    total: int = 0
    right_before: int = 0
    right_after: int = 0
    mended: int = 0
    broken: int = 0

    def add(self, was_right: bool, is_right: bool) -> None:
        """Count one drawing."""
        self.total += 1
        self.right_before += was_right
        self.right_after += is_right
        self.mended += is_right and not was_right
        self.broken += was_right and not is_right

    @property
    def p(self) -> float:
        """McNemar's two-sided p-value."""
        return mcnemar_p(self.broken, self.mended)

    @property
    def p_text(self) -> str:
        """The p-value as it is shown: '0.031', '< 0.0001'."""
        return "< 0.0001" if self.p < 0.0001 else f"{self.p:.2g}"

    @property
    def fall_p(self) -> float:
        """McNemar's one-sided p-value, that the second model is worse."""
        return fall_p(self.broken, self.mended)

    @property
    def fall(self) -> float:
        """By what share the second model is worse."""
        return (self.broken - self.mended) / self.total if self.total else 0.0

    @property
    def before(self) -> float | None:
        """The share that the first model reads right."""
        return self.right_before / self.total if self.total else None

    @property
    def after(self) -> float | None:
        """The share that the second model reads right."""
        return self.right_after / self.total if self.total else None


@dataclass(frozen=True)
class Change:
    """A drawing that two models read differently."""

    submission: UUID | None
    label: int
    before: int
    after: int

    @property
    def was_right(self) -> bool:
        """Whether the first model reads what the label says."""
        return self.before == self.label

    @property
    def is_right(self) -> bool:
        """Whether the second model reads what the label says."""
        return self.after == self.label

    @property
    def label_name(self) -> str:
        """The label in words."""
        return _name(self.label)

    @property
    def before_name(self) -> str:
        """What the first model reads, in words."""
        return _name(self.before)

    @property
    def after_name(self) -> str:
        """What the second model reads, in words."""
        return _name(self.after)


@dataclass
class Comparison:
    """Two models on the same labelled drawings: in all, by label, and what changes."""

    all: Counts = field(default_factory=Counts)
    by_label: dict[int, Counts] = field(
        default_factory=lambda: {label: Counts() for label in range(SEVERAL + 1)}
    )
    mended: list[Change] = field(default_factory=list)  # at most SHOWN
    broken: list[Change] = field(default_factory=list)
    missing: int = 0  # drawings that one of the models has not read

    def add(self, change: Change) -> None:
        """Count one drawing."""
        was_right, is_right = change.was_right, change.is_right
        self.all.add(was_right, is_right)
        self.by_label[change.label].add(was_right, is_right)
        if was_right != is_right:
            changed = self.mended if is_right else self.broken
            if len(changed) < SHOWN:
                changed.append(change)


def measured() -> SubmissionQuerySet:
    """Return the drawings that models are compared on."""
    return Submission.objects.to_measure_on()


def unread(models: Iterable[TrainedModel]) -> int:
    """Return how many readings a comparison of models still needs."""
    return sum(not_read_by(model, measured()).count() for model in models)


def replay(classifier: Classifier, model: TrainedModel) -> Iterator[int]:
    """Read what a model has not read yet and store it, batch by batch.

    Yields the number of drawings of each batch. Raises ModelError as `read_again` and
    `store_predictions` do.
    """
    for batch in read_again(classifier, not_read_by(model, measured())):
        store_predictions(model, batch)
        yield len(batch)


def compare(before: TrainedModel, after: TrainedModel) -> Comparison:
    """Compare what two models have read in the labelled drawings that are kept aside."""
    comparison = Comparison()
    rows = measured().annotate(first=_reading_of(before), second=_reading_of(after))
    values = rows.order_by("-created").values_list("pk", "label", "first", "second")
    for pk, label, first, second in values.iterator():
        if first is None or second is None:
            comparison.missing += 1
        elif label is not None:
            comparison.add(Change(pk, label, first, second))
    return comparison


def _name(label: int) -> str:
    return str(dict(LABELS)[label])


def _reading_of(model: TrainedModel) -> Subquery:
    read = Prediction.objects.filter(
        submission=OuterRef("pk"), model=model, preprocessing=PREPROCESSING_VERSION
    )
    return Subquery(read.values("read_as")[:1])

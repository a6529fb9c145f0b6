"""Store drawings from files: read by the active model, with their labels."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from recognizer.exchange.label_names import name_of_label
from recognizer.inference import Classifier
from recognizer.models import Prediction, Source, Submission
from recognizer.reading.glyphs import Glyph
from recognizer.reading.pictures import PictureError, encode_png
from recognizer.reviewing.kept_aside import is_kept_aside
from recognizer.reviewing.labelling import Wanted, set_labels
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.submissions import set_answer
from recognizer.uploads import read_drawing

BATCH = 32  # drawings in memory at once: the picture of one may be a megabyte


@dataclass(frozen=True)
class Details:
    """What is known of a drawing. `kept_aside` is None where the picture decides."""

    label: int | None
    claim: int | None = None
    id: UUID | None = None
    kept_aside: bool | None = None
    created: datetime | None = None


@dataclass(frozen=True)
class PictureFile:
    """A file to import. `name` is for messages."""

    name: str
    data: bytes
    details: Details


@dataclass
class Tally:
    """How many files were stored, and how many were not, and why."""

    stored: int = 0
    repeated: int = 0
    blank: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class _Readable:
    """A drawing with ink: its picture as it is stored, and its glyph."""

    name: str
    details: Details
    png: bytes
    glyph: Glyph


@dataclass
class Importer:
    """Stores the drawings in files, and tells what it does not store.

    `by` is the user who is named in the history of the labels, or None.
    """

    by: Any
    tell: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)

    def store(self, files: Iterable[PictureFile]) -> None:
        """Store the drawings that are not there yet, in batches.

        A batch is stored whole or not at all. When the import is stopped and run again, it
        goes on where it was. Raises ModelError when the active model cannot be used.
        """
        classifier = active_classifier()
        drawings = self._readable(files)
        while batch := list(islice(drawings, BATCH)):
            new = self._leave_out_repeated(batch)
            if new:
                _store(new, classifier, self.by)
            self.tally.stored += len(new)

    def _readable(self, files: Iterable[PictureFile]) -> Iterator[_Readable]:
        for file in files:
            try:
                drawing = read_drawing(file.data)
            except PictureError as error:
                self.tally.unreadable += 1
                self.tell(f"{file.name}: {error}")
                continue
            if drawing.glyph is None:
                self.tally.blank += 1
                self.tell(f"{file.name}: The picture is blank.")
                continue
            png = encode_png(drawing.picture)
            yield _Readable(file.name, file.details, png, drawing.glyph)

    def _leave_out_repeated(self, drawings: Sequence[_Readable]) -> list[_Readable]:
        pictures = {drawing.png for drawing in drawings}
        stored = Submission.objects.with_pictures(pictures)
        rows = stored.values_list("picture", "label")
        labels = {bytes(picture): label for picture, label in rows}
        new = []
        for drawing in drawings:
            label = drawing.details.label
            if drawing.png not in labels:
                labels[drawing.png] = label
                new.append(drawing)
                continue
            self.tally.repeated += 1
            if label != labels[drawing.png]:
                there = name_of_label(labels[drawing.png]) or "nothing"
                self.tell(f"{drawing.name}: It is there already, labelled {there}.")
        return new


def _store(drawings: Sequence[_Readable], classifier: Classifier, by: Any) -> None:
    submissions = _build(drawings, classifier)
    claimed = [each.pk for each in submissions if each.claim is not None]
    wanted = []
    for submission, drawing in zip(submissions, drawings, strict=True):
        if drawing.details.label is not None:
            wanted.append(Wanted(submission.pk, None, drawing.details.label))
    # Each submission and its answer point at the other: databases check at the end.
    with transaction.atomic():
        Submission.objects.bulk_create(submissions)
        Prediction.objects.bulk_create(each.answer for each in submissions)
        Submission.objects.filter(pk__in=claimed).update_doubt()
        set_labels(wanted, by)


def _build(drawings: Sequence[_Readable], classifier: Classifier) -> list[Submission]:
    """Return the submissions with their answers, not saved yet."""
    start = time.perf_counter()
    readings = classifier.read([drawing.glyph for drawing in drawings])
    milliseconds = 1000 * (time.perf_counter() - start) / len(drawings)
    model = get_row(classifier)
    taken = _taken_ids(drawings)
    submissions = []
    for drawing, reading in zip(drawings, readings, strict=True):
        submission = _build_submission(drawing, taken)
        set_answer(submission, model, drawing.glyph, reading, milliseconds)
        submissions.append(submission)
    return submissions


def _build_submission(drawing: _Readable, taken: set[UUID]) -> Submission:
    details, png = drawing.details, drawing.png
    now = timezone.now()
    kept_aside = details.kept_aside
    submission = Submission(
        source=Source.IMPORT,
        picture=png,
        # Unique: two imports at the same time cannot both store the picture.
        fingerprint=hashlib.sha256(b"import " + png).hexdigest(),
        claim=details.claim,
        kept_aside=is_kept_aside("", png) if kept_aside is None else kept_aside,
        created=min(details.created or now, now),
    )
    if details.id is not None and details.id not in taken:
        submission.pk = details.id
    return submission


def _taken_ids(drawings: Sequence[_Readable]) -> set[UUID]:
    ids = [drawing.details.id for drawing in drawings if drawing.details.id is not None]
    return set(Submission.objects.filter(pk__in=ids).values_list("pk", flat=True))

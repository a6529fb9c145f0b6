"""Stored drawings, read again by another model or after a change of the preprocessing.

Answers stay as they are: only predictions are added.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef

from recognizer.inference import Classifier, Reading
from recognizer.models import Prediction, Submission, SubmissionQuerySet, TrainedModel
from recognizer.predictions import build_prediction
from recognizer.reading.constants import DIGITS
from recognizer.reading.glyphs import (
    GLYPH_SIDE,
    PREPROCESSING_VERSION,
    Glyph,
    make_glyph,
)
from recognizer.reading.model_files import ModelError
from recognizer.reading.pictures import PictureError, read_picture

BATCH = 64  # drawings

log = logging.getLogger(__name__)

# How a drawing is stored in which no ink is found any more
_NO_INK = Reading(None, "not_a_digit", 0.0, (1 / DIGITS,) * DIGITS, None)


@dataclass(frozen=True)
class Reread:
    """A stored drawing (without its picture), and what the model reads in it now."""

    submission: Submission
    glyph: Glyph
    reading: Reading
    milliseconds: float

    @property
    def differs(self) -> bool:
        """Whether the answer would be another one now."""
        return self.reading.read_as != self.submission.read_as


def not_read_by(
    model: TrainedModel, drawings: SubmissionQuerySet
) -> SubmissionQuerySet:
    """Return the drawings that a model has not read with this preprocessing."""
    read = Prediction.objects.filter(
        submission=OuterRef("pk"), model=model, preprocessing=PREPROCESSING_VERSION
    )
    return drawings.exclude(Exists(read))


def read_again(
    classifier: Classifier, drawings: SubmissionQuerySet
) -> Iterator[list[Reread]]:
    """Read drawings in batches, in the order of their ids. Memory does not grow.

    Raises ModelError when the model's numbers overflow.
    """
    fields = ("uuid", "picture", "read_as", "label")
    ordered = drawings.order_by("pk").only(*fields)
    last: UUID | None = None
    while batch := list((ordered.filter(pk__gt=last) if last else ordered)[:BATCH]):
        yield _read_batch(classifier, batch)
        last = batch[-1].pk


def store_predictions(model: TrainedModel, batch: Sequence[Reread]) -> int:
    """Store what a model has read, and return how many predictions that are.

    Drawings that were deleted meanwhile are left out. Raises ModelError when the model
    was deleted.
    """
    with transaction.atomic():
        if not TrainedModel.objects.filter(pk=model.pk).exists():
            raise ModelError(f"{model} was deleted while it was reading.")
        kept = _lock([each.submission.pk for each in batch])
        predictions = [
            build_prediction(
                each.submission, model, each.glyph, each.reading, each.milliseconds
            )
            for each in batch
            if each.submission.pk in kept
        ]
        # Another process may have stored the same ones.
        Prediction.objects.bulk_create(predictions, ignore_conflicts=True)
        differing = [each.submission.pk for each in batch if each.differs]
        if differing:
            Submission.objects.filter(pk__in=differing).update_doubt()
    return len(predictions)


def _lock(pks: list[UUID]) -> set[UUID]:
    """Return those that are still there. Nobody deletes them before the transaction ends."""
    rows = Submission.objects.filter(pk__in=pks).order_by("pk")
    return set(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _read_batch(classifier: Classifier, batch: list[Submission]) -> list[Reread]:
    glyphs = [_glyph_of(submission) for submission in batch]
    start = time.perf_counter()
    with np.errstate(all="ignore"):  # the check below names what overflows
        readings = classifier.read(glyphs)
    milliseconds = 1000 * (time.perf_counter() - start) / len(batch)
    if not all(np.isfinite(reading.confidence) for reading in readings):
        raise ModelError(f"The numbers of {classifier.name} overflow on a drawing.")
    reread = []
    for submission, glyph, reading in zip(batch, glyphs, readings, strict=True):
        if glyph is None:
            glyph, reading = np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8), _NO_INK
        reread.append(Reread(submission, glyph, reading, milliseconds))
    return reread


def _glyph_of(submission: Submission) -> Glyph | None:
    try:
        return make_glyph(read_picture(bytes(submission.picture)))
    except PictureError as error:
        log.warning("The picture of %s cannot be read: %s", submission.pk, error)
        return None

"""Drawings from the database, as they are exported."""

from collections.abc import Iterator
from datetime import datetime

from recognizer.exchange.tables import Row
from recognizer.exchange.zip_writer import ExportedDrawing
from recognizer.models import Submission, SubmissionQuerySet
from recognizer.reading.glyphs import PREPROCESSING_VERSION, make_glyph
from recognizer.reading.pictures import read_picture

BATCH = 50  # drawings in memory at once: the picture of one may be a megabyte
FIELDS = (
    "created",
    "source",
    "kept_aside",
    "claim",
    "label",
    "picture",
    "answer__verdict",
    "answer__preprocessing",
    "answer__glyph",
)


def choose_drawings(
    since: datetime | None = None, with_unlabelled: bool = False
) -> SubmissionQuerySet:
    """Return the drawings to export."""
    chosen = Submission.objects.all()
    if not with_unlabelled:
        chosen = chosen.labelled()
    return chosen if since is None else chosen.filter(created__gte=since)


def exported_drawings(chosen: SubmissionQuerySet) -> Iterator[ExportedDrawing]:
    """Yield the drawings, the oldest first. Reads them in batches."""
    ordered = chosen.select_related("answer").only(*FIELDS).order_by("created", "pk")
    batch = list(ordered[:BATCH])
    while batch:
        yield from map(_exported, batch)
        last = batch[-1]
        later = ordered.filter(created__gte=last.created)
        batch = list(later.exclude(created=last.created, pk__lte=last.pk)[:BATCH])


def _exported(submission: Submission) -> ExportedDrawing:
    row = Row(
        id=submission.pk,
        label=submission.label,
        claim=submission.claim,
        verdict=submission.answer.verdict,
        source=submission.source,
        kept_aside=submission.kept_aside,
        created=submission.created,
    )
    return ExportedDrawing(row, bytes(submission.picture), _glyph_bytes(submission))


def _glyph_bytes(submission: Submission) -> bytes:
    """Return the glyph of today's preprocessing, empty when it finds no ink."""
    if submission.answer.preprocessing == PREPROCESSING_VERSION:
        return bytes(submission.answer.glyph)
    glyph = make_glyph(read_picture(bytes(submission.picture)))
    return b"" if glyph is None else glyph.tobytes()

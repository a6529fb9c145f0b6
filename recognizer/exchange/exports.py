"""Drawings from the database, as they are exported."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from recognizer.exchange.tables import Row
from recognizer.exchange.zip_writer import ExportedDrawing
from recognizer.models import Submission, SubmissionQuerySet
from recognizer.reading.glyphs import PREPROCESSING_VERSION, make_glyph
from recognizer.reading.pictures import read_picture

BATCH = 50  # drawings in memory at once: the picture of one may be a megabyte
FIELDS = (
    "pk",
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
    ordered = chosen.order_by("created", "pk").values(*FIELDS)
    batch = list(ordered[:BATCH])
    while batch:
        yield from map(_exported, batch)
        created, pk = batch[-1]["created"], batch[-1]["pk"]
        later = ordered.filter(created__gte=created)
        batch = list(later.exclude(created=created, pk__lte=pk)[:BATCH])


def _exported(values: dict[str, Any]) -> ExportedDrawing:
    row = Row(
        id=values["pk"],
        label=values["label"],
        claim=values["claim"],
        verdict=values["answer__verdict"],
        source=values["source"],
        kept_aside=values["kept_aside"],
        created=values["created"],
    )
    return ExportedDrawing(row, bytes(values["picture"]), _glyph_bytes(values))


def _glyph_bytes(values: dict[str, Any]) -> bytes:
    """Return the glyph of today's preprocessing, empty when it finds no ink."""
    if values["answer__preprocessing"] == PREPROCESSING_VERSION:
        return bytes(values["answer__glyph"])
    glyph = make_glyph(read_picture(bytes(values["picture"])))
    return b"" if glyph is None else glyph.tobytes()

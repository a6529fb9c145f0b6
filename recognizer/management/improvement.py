"""What joins stored drawings and learning: which drawings are learnt, and what is kept.

Chainer is not imported here: that takes half a second.
"""

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from recognizer.exchange.zip_reader import read_export
from recognizer.models import Submission, TrainedModel
from recognizer.reading.constants import CLASSES, LABEL_NAMES
from recognizer.reading.glyphs import (
    GLYPH_SIDE,
    PREPROCESSING_VERSION,
    Glyph,
    make_glyph,
)
from recognizer.reading.pictures import PictureError, read_picture

ROWS = 500  # read from the database at once: half a megabyte
SOURCES = Path(__file__).parents[1]


@dataclass(frozen=True)
class Drawings:
    """Labelled drawings to learn from, in the order in which they were sent.

    `glyphs`: N x 28 x 28 uint8. `labels`: N int32, classes 0 to 11. `labelled_until`:
    when the latest of these labels was set, None where that is not known.
    """

    glyphs: NDArray[np.uint8]
    labels: NDArray[np.int32]
    labelled_until: datetime | None = None

    @property
    def sha256(self) -> str:
        """The checksum of the glyphs and labels."""
        return hashlib.sha256(self.glyphs.tobytes() + self.labels.tobytes()).hexdigest()

    @property
    def by_label(self) -> dict[str, int]:
        """How many drawings have each label, by its name in files."""
        counts = np.bincount(self.labels, minlength=CLASSES).tolist()
        return {LABEL_NAMES.get(i, str(i)): count for i, count in enumerate(counts)}


def stored_drawings() -> Drawings:
    """Return the drawings in the database that models may learn from."""
    glyphs, labels, times = [], [], []
    for glyph, label, labelled_at in _stored():
        glyphs.append(glyph)
        labels.append(label)
        if labelled_at is not None:
            times.append(labelled_at)
    return Drawings(
        np.array(glyphs, np.uint8).reshape(-1, GLYPH_SIDE, GLYPH_SIDE),
        np.array(labels, np.int32),
        max(times, default=None),
    )


def exported_drawings(path: Path) -> Drawings:
    """Return the drawings of an export that models may learn from.

    Raises ExchangeError when the file cannot be read.
    """
    export = read_export(path)
    chosen = ~export.kept_aside
    return Drawings(export.glyphs[chosen], export.labels[chosen])


def count_new(drawings: Drawings, parent: TrainedModel) -> int:
    """Return how many labels are new: learnt neither by a model nor by its children.

    These are the labels that were set after the latest label that any of them has
    learnt. An export does not say when its labels were set. All of them are new, unless
    just these drawings have been learnt.
    """
    manifests = _manifests_of_family(parent)
    if drawings.sha256 in [manifest["drawings"]["sha256"] for manifest in manifests]:
        return 0
    times = [manifest["labelled_until"] for manifest in manifests]
    known = [datetime.fromisoformat(time) for time in times if time]
    if drawings.labelled_until is None or not known:
        return len(drawings.labels)
    new = Submission.objects.to_learn_from().exclude(labelled_at__lte=max(known))
    return new.count()


def make_manifest(
    parent: TrainedModel, drawings: Drawings, details: dict[str, Any]
) -> dict[str, Any]:
    """Return how a model was made. `details` are those of the round itself."""
    until = drawings.labelled_until
    return {
        "parent": parent.sha256,
        "parent_name": parent.name,
        "drawings": {
            "count": len(drawings.labels),
            "by_label": drawings.by_label,
            "sha256": drawings.sha256,
        },
        "labelled_until": until.isoformat() if until else None,
        **details,
        "versions": {
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "chainer": version("chainer"),
            "preprocessing": PREPROCESSING_VERSION,
            "sources_sha256": _checksum_of_sources(),
        },
    }


def _stored() -> Iterator[tuple[Glyph, int, datetime | None]]:
    """Yield glyphs with their labels, and when each was labelled."""
    rows = Submission.objects.to_learn_from().order_by("created", "pk")
    fields = ("answer__preprocessing", "answer__glyph", "label", "labelled_at")
    for row in rows.values("pk", *fields).iterator(ROWS):
        glyph: Glyph | None
        if row["answer__preprocessing"] == PREPROCESSING_VERSION:
            flat = np.frombuffer(bytes(row["answer__glyph"]), np.uint8)
            glyph = flat.reshape(GLYPH_SIDE, GLYPH_SIDE)
        else:
            glyph = _made_anew(row["pk"])
        if glyph is not None:
            yield glyph, row["label"], row["labelled_at"]


def _made_anew(pk: Any) -> Glyph | None:
    """Return the glyph of a stored picture, None when that finds no ink.

    The answer's glyph is of another version of the preprocessing.
    """
    picture = Submission.objects.filter(pk=pk).values_list("picture", flat=True).first()
    if picture is None:  # deleted just now
        return None
    try:
        return make_glyph(read_picture(bytes(picture)))
    except PictureError:
        return None


def _manifests_of_family(parent: TrainedModel) -> list[dict[str, Any]]:
    """Return the manifests of a model and of its children, those of `improve` alone."""
    family = TrainedModel.objects.filter(
        Q(pk=parent.pk) | Q(manifest__parent=parent.sha256)
    )
    manifests = family.values_list("manifest", flat=True)
    return [manifest for manifest in manifests if "labelled_until" in manifest]


def _checksum_of_sources() -> str:
    """Return the SHA-256 of this package's sources: it has no version number."""
    checksum = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*.py")):
        checksum.update(path.read_bytes())
    return checksum.hexdigest()

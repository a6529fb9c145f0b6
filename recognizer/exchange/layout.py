"""What is in the ZIP of an export. docs/reviewing.md describes it."""

from typing import Any
from uuid import UUID

from recognizer.exchange.label_names import NAMES
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT

FORMAT = "draw-a-digit drawings"
FORMAT_VERSION = 1

TABLE = "drawings.csv"
GLYPHS = "glyphs-idx3-ubyte"
LABELS = "labels-idx1-ubyte"
IDS = "ids.txt"
MANIFEST = "manifest.json"
TABLES = (TABLE, GLYPHS, LABELS, IDS)

LABELS_IN_WORDS: dict[str, Any] = {
    "in_csv": "0 to 9, not_a_digit, several, cannot_tell; empty: not labelled",
    "in_idx": {str(label): NAMES[label] for label in range(NOT_A_DIGIT, CANNOT_TELL)},
    "not_in_idx": "drawings that are not labelled, or labelled cannot_tell",
}


def picture_name(uuid: UUID) -> str:
    """Return the name of a drawing's picture in the ZIP."""
    return f"pictures/{uuid}.png"


def is_in_idx(label: int | None) -> bool:
    """Return whether drawings with this label are in the IDX files."""
    return label is not None and label != CANNOT_TELL

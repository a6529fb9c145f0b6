"""Boards as browsers send them, each different, and the parts of reading one."""

import io
from functools import cache, partial
from itertools import product
from pathlib import Path

from PIL import Image

from benchmarks.bench.timing import Functions
from recognizer.inference import Classifier
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.pictures import Grey, read_picture
from tests.drawings import board, glyph_of

MODEL_FILE = Path(__file__).resolve().parents[2] / "data/digits.model"
PENS = (8, 10, 12, 14, 16)  # px
HEIGHTS = (0.5, 0.6, 0.7, 0.8)  # of the board
TYPICAL = board("5")


@cache
def classifier() -> Classifier:
    return Classifier.load(MODEL_FILE)


def png(picture: Grey) -> bytes:
    """Return the PNG that a browser's canvas makes of a board."""
    file = io.BytesIO()
    Image.fromarray(picture).convert("RGBA").save(file, "PNG")
    return file.getvalue()


@cache
def pngs() -> list[bytes]:
    """Return 200 different boards: ten digits, five pens, four sizes."""
    kinds = product("0123456789", PENS, HEIGHTS)
    return [png(board(digit, pen, height)) for digit, pen, height in kinds]


def parts() -> Functions:
    """Return the three parts of reading a typical board."""
    data, glyph = png(TYPICAL), glyph_of(TYPICAL)
    return {
        "decode": partial(read_picture, data),
        "glyph": partial(make_glyph, TYPICAL),
        "read": partial(classifier().read, [glyph]),
    }

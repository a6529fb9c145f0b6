"""Drawings as pen strokes, read from the formats in which the data sets are published.

- JSON lines: each line is {"label": "7", "writer": 3, "strokes": [[[x, y], ...], ...]}
- pendigits: UNIPEN text, archive.ics.uci.edu/dataset/81 (pendigits-orig)
- doodles: Quick, Draw! ndjson, github.com/googlecreativelab/quickdraw-dataset
- characters: Omniglot's stroke files, github.com/brendenlake/omniglot
  (strokes_background, strokes_evaluation)
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.learning.data.labelled import DatasetError

# points x 2 (x, y), y grows downwards, in the device's own unit
Stroke = NDArray[np.float32]
Points = Sequence[Sequence[float]]

TABLET_HEIGHT = 500  # pendigits-orig measures y upwards on a tablet of 500 units
JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
# What a damaged file can raise: gzip, JSON, UTF-8, and values of a wrong type or size
DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
)


@dataclass(frozen=True)
class StrokeDrawing:
    """What somebody drew between the first pen-down and the last pen-up."""

    label: str
    strokes: tuple[Stroke, ...]
    writer: int = 0  # 0: not known


def read_drawings(folder: Path) -> list[StrokeDrawing]:
    """Return all drawings in a folder and the folders in it.

    Files: *.jsonl, *.ndjson (both also gzipped), *.tra, and Omniglot's */*/*.txt.
    Raises DatasetError when there is none, or with the name of a damaged file.
    """
    drawings: list[StrokeDrawing] = []
    for path in sorted(folder.rglob("*")):
        drawings += _read(path, folder)
    if not drawings:
        raise DatasetError(f"There are no drawings in {folder}.")
    return drawings


def _read(path: Path, folder: Path) -> list[StrokeDrawing]:
    try:
        return list(_parse(path, folder))
    except DAMAGE as error:
        raise DatasetError(
            f"{path} cannot be read as drawings: it is damaged or of another format."
        ) from error


def _parse(path: Path, folder: Path) -> Iterator[StrokeDrawing]:
    if path.name.endswith(JSON_LINES):
        for line in _text(path).splitlines():
            yield _from_json(json.loads(line))
    elif path.suffix == ".tra":  # not .tes, which is published for testing
        yield from _from_unipen(_text(path))
    elif path.suffix == ".txt" and len(path.relative_to(folder).parts) >= 3:
        alphabet, character = path.parts[-3:-1]
        yield _from_omniglot(_text(path), f"{alphabet}/{character}")


def _text(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return data.decode().replace("\r\n", "\n")


def _from_json(row: dict[str, Any]) -> StrokeDrawing:
    if "drawing" in row:
        return _from_quick_draw(row)
    return _drawing(str(row["label"]), row["strokes"], int(row.get("writer", 0)))


def _from_quick_draw(row: dict[str, Any]) -> StrokeDrawing:
    strokes = []
    for xs, ys, *_times in row["drawing"]:
        strokes.append(list(zip(xs, ys, strict=True)))
    return _drawing(str(row["word"]), strokes)


def _from_unipen(text: str) -> Iterator[StrokeDrawing]:
    for segment in re.split(r"^\.SEGMENT DIGIT", text, flags=re.MULTILINE)[1:]:
        comment = re.search(r"^\.COMMENT\s+(\d)\s+(\d+)", segment, re.MULTILINE)
        if comment is None:
            raise ValueError("a segment without digit and writer")
        digit, writer = comment.groups()
        yield _drawing(digit, _unipen_strokes(segment), int(writer))


def _unipen_strokes(segment: str) -> list[Points]:
    strokes: list[Points] = []
    pen_down = re.compile(r"^\.PEN_DOWN\n(.*?)^\.PEN_UP", re.MULTILINE | re.DOTALL)
    for lines in pen_down.findall(segment):
        points = []
        for line in lines.splitlines():
            x, y = map(float, line.split())
            points.append((x, TABLET_HEIGHT - y))
        strokes.append(points)
    return strokes


def _from_omniglot(text: str, label: str) -> StrokeDrawing:
    strokes = []
    for lines in text.removeprefix("START\n").split("BREAK"):
        points = []
        for line in lines.split():
            x, y, *_time = map(float, line.split(","))
            points.append((x, -y))
        strokes.append(points)
    return _drawing(label, strokes)


def _drawing(label: str, strokes: Sequence[Points], writer: int = 0) -> StrokeDrawing:
    """Return a drawing without its empty strokes, or raise ValueError."""
    # A number that is too large for float32 becomes infinite, and is refused as such.
    with np.errstate(over="ignore"):
        arrays = [np.array(stroke, np.float32) for stroke in strokes if len(stroke)]
    if not arrays or not all(map(_is_stroke, arrays)):
        raise ValueError("no strokes, or points that are not pairs of finite numbers")
    return StrokeDrawing(label, tuple(arrays), writer)


def _is_stroke(array: Stroke) -> bool:
    return array.shape == (len(array), 2) and bool(np.isfinite(array).all())

"""Drawings as pen strokes, read from JSON lines and from the formats in which the data sets are published.

pendigits: UNIPEN text, archive.ics.uci.edu/dataset/81 (pendigits-orig). Doodles: Quick, Draw! ndjson,
github.com/googlecreativelab/quickdraw-dataset. Characters: Omniglot's stroke files,
github.com/brendenlake/omniglot (strokes_background, strokes_evaluation).
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.learning.data.mnist import DatasetError

Stroke = NDArray[
    np.float32
]  # points x 2 (x, y), y grows downwards, in the device's own unit
TABLET_HEIGHT = 500  # pendigits-orig measures y upwards on a tablet of 500 units


@dataclass(frozen=True)
class Drawing:
    """What somebody drew between the first pen-down and the last pen-up."""

    label: str
    strokes: tuple[Stroke, ...]
    writer: int = 0  # 0: not known


def read_drawings(folder: Path) -> list[Drawing]:
    """Return all drawings in a folder: *.jsonl(.gz), *.ndjson(.gz), *.tra and Omniglot's */*/*.txt.

    Raises DatasetError, with the file's name, where there is none or one is damaged.
    """
    drawings = [
        drawing for path in sorted(folder.rglob("*")) for drawing in _read(path, folder)
    ]
    if not drawings:
        raise DatasetError(f"There are no drawings in {folder}.")
    return drawings


def _read(path: Path, folder: Path) -> list[Drawing]:
    try:
        return list(_parse(path, folder))
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        LookupError,
        TypeError,
        OverflowError,
    ) as error:
        raise DatasetError(
            f"{path} cannot be read as drawings: it is damaged or of another format."
        ) from error


def _parse(path: Path, folder: Path) -> Iterator[Drawing]:
    kinds = "".join(path.suffixes[-2:])
    if kinds.endswith((".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")):
        yield from (_from_json(json.loads(line)) for line in _text(path).splitlines())
    elif path.suffix == ".tra":  # not .tes, whose writers nobody may learn from
        yield from _from_unipen(_text(path))
    elif path.suffix == ".txt" and len(path.relative_to(folder).parts) >= 3:
        yield _from_omniglot(_text(path), "/".join(path.parts[-3:-1]))


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (
        (gzip.decompress(data) if path.suffix == ".gz" else data)
        .decode()
        .replace("\r\n", "\n")
    )


def _from_json(row: dict[str, Any]) -> Drawing:
    if "drawing" in row:  # Quick, Draw!: a stroke is [[x, ...], [y, ...], [t, ...]]
        strokes = [list(zip(*stroke[:2], strict=True)) for stroke in row["drawing"]]
        return _drawing(str(row["word"]), strokes)
    return _drawing(str(row["label"]), row["strokes"], int(row.get("writer", 0)))


def _from_unipen(text: str) -> Iterator[Drawing]:
    for segment in re.split(r"^\.SEGMENT DIGIT", text, flags=re.MULTILINE)[1:]:
        comment = re.search(r"^\.COMMENT\s+(\d)\s+(\d+)", segment, re.MULTILINE)
        if comment is None:
            raise ValueError("a segment without digit and writer")
        pens = re.findall(
            r"^\.PEN_DOWN\n(.*?)^\.PEN_UP", segment, re.MULTILINE | re.DOTALL
        )
        strokes = [
            [tuple(map(float, line.split())) for line in pen.splitlines()]
            for pen in pens
        ]
        upright = [[(x, TABLET_HEIGHT - y) for x, y in stroke] for stroke in strokes]
        yield _drawing(comment[1], upright, int(comment[2]))


def _from_omniglot(text: str, label: str) -> Drawing:
    strokes = text.removeprefix("START\n").split("BREAK")
    points = [
        [tuple(map(float, line.split(",")[:2])) for line in s.split()] for s in strokes
    ]
    return _drawing(
        label, [[(x, -y) for x, y in stroke] for stroke in points if stroke]
    )


def _drawing(label: str, strokes: object, writer: int = 0) -> Drawing:
    with np.errstate(
        over="ignore"
    ):  # what is too large becomes infinite, and is refused with it
        arrays = [np.array(stroke, np.float32) for stroke in strokes if len(stroke)]  # type: ignore[attr-defined]
    if not arrays or not all(
        a.shape == (len(a), 2) and np.isfinite(a).all() for a in arrays
    ):
        raise ValueError(
            "a drawing without strokes, or with points that are no pairs of numbers"
        )
    return Drawing(label, tuple(arrays), writer)

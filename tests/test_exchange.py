"""Labelled glyphs from an export, on a machine without the database."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from recognizer.exchange import zip_reader
from recognizer.exchange.errors import ExchangeError
from recognizer.exchange.tables import Row
from recognizer.exchange.zip_reader import read_export
from recognizer.exchange.zip_writer import ExportedDrawing, write_zip
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.reading.pictures import encode_png, read_picture
from tests.drawings import board, glyph_of
from tests.exports import altered
from tests.factories import blank_png

PROJECT = Path(__file__).resolve().parents[1]


def drawing(number: int, label: int | None, **kwargs: bool) -> ExportedDrawing:
    """A drawing of the digit `number`."""
    row = Row(
        id=UUID(int=number),
        label=label,
        claim=None,
        verdict="digit",
        source="canvas",
        kept_aside=kwargs.get("kept_aside", False),
        created=datetime(2026, 11, 1, tzinfo=UTC),
    )
    picture = board(str(number))
    return ExportedDrawing(row, encode_png(picture), glyph_of(picture).tobytes())


DRAWINGS = [
    drawing(0, 0),
    drawing(1, None),
    drawing(2, 12),
    drawing(3, 11, kept_aside=True),
    drawing(4, 4),
]
EXPECTED = np.array([glyph_of(board(digit)) for digit in "034"])


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    (tmp_path / "a.zip").write_bytes(b"".join(write_zip(DRAWINGS)))
    return tmp_path / "a.zip"


def test_the_labelled_glyphs_are_read_with_their_side(exported: Path) -> None:
    glyphs, labels, kept_aside, manifest = read_export(exported)
    assert np.array_equal(glyphs, EXPECTED)
    types = [array.dtype.name for array in (glyphs, labels, kept_aside)]
    assert types == ["uint8", "int32", "bool"]
    assert labels.tolist() == [0, 11, 4]
    assert kept_aside.tolist() == [False, True, False]
    assert manifest["counts"]["drawings"] == 5


def test_glyphs_of_another_preprocessing_are_made_anew(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_reader, "PREPROCESSING_VERSION", PREPROCESSING_VERSION + 1)
    path = altered(exported, exported.with_name("b.zip"), **{"ids.txt": b"damaged"})
    glyphs, labels, kept_aside, _manifest = read_export(path)
    assert np.array_equal(glyphs, EXPECTED)
    assert labels.tolist() == [0, 11, 4]
    assert kept_aside.tolist() == [False, True, False]


def test_where_another_preprocessing_finds_no_ink_the_drawing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_reader, "PREPROCESSING_VERSION", PREPROCESSING_VERSION + 1)
    blank = encode_png(read_picture(blank_png()))
    drawings = [DRAWINGS[0], ExportedDrawing(drawing(5, 5).row, blank, bytes(784))]
    (tmp_path / "a.zip").write_bytes(b"".join(write_zip(drawings)))
    assert read_export(tmp_path / "a.zip").labels.tolist() == [0]


def test_an_export_without_labels_has_no_glyphs(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"".join(write_zip([drawing(1, None)])))
    glyphs, labels, kept_aside, _manifest = read_export(tmp_path / "a.zip")
    assert glyphs.shape == (0, 28, 28)
    assert (len(labels), len(kept_aside)) == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ids.txt", b"", r"ids.txt does not belong"),
        ("labels-idx1-ubyte", b"\0\0\x08\1\0\0\0\3\1\2\3", "different labels"),
        ("labels-idx1-ubyte", b"\0\0\x08\1\0\0\0\2\1\2", "does not hold 3 bytes"),
        ("glyphs-idx3-ubyte", b"", "does not hold 3 x 28 x 28 bytes"),
    ],
)
def test_files_that_do_not_belong_together_are_a_sentence(
    name: str, content: bytes, sentence: str, exported: Path
) -> None:
    path = altered(exported, exported.with_name("b.zip"), **{name: content})
    with pytest.raises(ExchangeError, match=sentence):
        read_export(path)


def test_it_needs_no_django(exported: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from recognizer.exchange.zip_reader import read_export
assert len(read_export(Path({str(exported)!r})).glyphs) == 3
assert not {{"django", "chainer"}} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

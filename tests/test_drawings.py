"""Pen strokes: read from every published format, drawn, varied and photographed."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recognizer.learning.data.labelled import DatasetError
from recognizer.learning.data.splits import SHAPES
from recognizer.learning.data.stroke_files import Stroke, read_drawings
from recognizer.learning.drawing import fonts, shapes, signs
from recognizer.learning.drawing.arranging import scatter, side_by_side
from recognizer.learning.drawing.letters import LETTERS
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.strokes import draw, place, smooth, tilt
from recognizer.learning.drawing.styles import STYLES
from recognizer.learning.drawing.variation import vary
from recognizer.learning.drawing.warping import warp
from recognizer.reading.glyphs import make_glyph
from tests.drawings import board, glyph_of, likeness

UNIPEN = """.VERSION 1.0
.SEGMENT DIGIT 0-1 ? "5"
.COMMENT 5 12 3
.PEN_DOWN
 100 400
 110 390
.PEN_UP
.DT 100
.PEN_DOWN
 120 400
.PEN_UP
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 7 4
.PEN_DOWN
 50 0
.PEN_UP
"""


def test_it_reads_json_lines(tmp_path: Path) -> None:
    row = {"label": "7", "writer": 3, "strokes": [[[0, 1], [2, 3]], [[4, 5]]]}
    (tmp_path / "some.jsonl.gz").write_bytes(
        gzip.compress(f"{json.dumps(row)}\n".encode())
    )
    (drawing,) = read_drawings(tmp_path)
    assert (drawing.label, drawing.writer) == ("7", 3)
    assert [stroke.tolist() for stroke in drawing.strokes] == [
        [[0, 1], [2, 3]],
        [[4, 5]],
    ]


def test_it_reads_pendigits_as_published(tmp_path: Path) -> None:
    (tmp_path / "pendigits-orig.tra").write_text(UNIPEN)
    five, one = read_drawings(tmp_path)
    assert (five.label, five.writer, one.label, one.writer) == ("5", 12, "1", 7)
    assert [stroke.tolist() for stroke in five.strokes] == [
        [[100, 100], [110, 110]],
        [[120, 100]],
    ]


def test_it_reads_quick_draw_as_published(tmp_path: Path) -> None:
    row = {
        "word": "hat",
        "recognized": True,
        "drawing": [[[1, 2], [3, 4], [0, 9]], [[5], [6]]],
    }
    (tmp_path / "hat.ndjson").write_text(json.dumps(row))
    (drawing,) = read_drawings(tmp_path)
    assert drawing.label == "hat"
    assert [stroke.tolist() for stroke in drawing.strokes] == [
        [[1, 3], [2, 4]],
        [[5, 6]],
    ]


def test_it_reads_omniglot_as_published(tmp_path: Path) -> None:
    folder = tmp_path / "Greek" / "character07"
    folder.mkdir(parents=True)
    (folder / "0001_01.txt").write_text(
        "START\n1.0,-2.0,0.0\n3.0,-4.0,10.0\nBREAK\n5.0,-6.0,20.0\nBREAK\n"
    )
    (drawing,) = read_drawings(tmp_path)
    assert drawing.label == "Greek/character07"
    assert [stroke.tolist() for stroke in drawing.strokes] == [
        [[1, 2], [3, 4]],
        [[5, 6]],
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", b'{"label": "7"}\n'),
        ("a.jsonl", b"{half"),
        ("a.jsonl.gz", b"\x1f\x8b\x08 damaged"),
        ("a.ndjson", b'{"word": "hat", "drawing": [[[1, 2], [3]]]}'),
        ("a.jsonl", b'{"label": "7", "strokes": []}'),
        ("a.jsonl", b'{"label": "7", "strokes": [[[1, 2, 0], [3, 4, 10]]]}'),
        ("a.jsonl", b'{"label": "7", "strokes": [[[1, NaN]]]}'),
        ("a.jsonl", b'{"label": "7", "strokes": [[[1, 1e300]]]}'),
        ("a.jsonl", b'{"label": "7", "writer": Infinity, "strokes": [[[1, 2]]]}'),
        ("a.tra", b'.SEGMENT DIGIT 0 ? "5"\n.PEN_DOWN\n1 2\n.PEN_UP\n'),
    ],
)
def test_a_damaged_file_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=f"{name} cannot be read as drawings"):
        read_drawings(tmp_path)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There are no drawings in"):
        read_drawings(tmp_path)


@pytest.mark.parametrize("pen", [4, 12, 26])
@pytest.mark.parametrize("height", [0.22, 0.7, 0.95])
def test_a_drawing_has_the_given_height(pen: float, height: float) -> None:
    line = [np.array([[0, 0], [3, 7]], np.float32)]
    ink = draw(place(line, pen, height), pen) < 128
    assert ink.any(axis=1).sum() == pytest.approx(height * 280, abs=2)


def test_a_line_is_as_wide_as_the_pen() -> None:
    line = [np.array([[140, 60], [140, 220]], np.float32)]
    assert (255 - draw(line, 12).astype(int))[140].sum() / 255 == pytest.approx(
        12, abs=0.6
    )


def test_a_drawing_is_at_the_given_position() -> None:
    line = [np.array([[0, 0], [0, 1]], np.float32)]
    ink = draw(place(line, 10, 0.3, (0.0, 1.0)), 10) < 128
    assert ink[-3:].any()
    assert ink[:, :10].any()
    assert not ink[:180].any()


def test_a_tilt_is_clockwise() -> None:
    (turned,) = tilt([np.array([[1, 0]], np.float32)], 90)
    np.testing.assert_allclose(turned, [[0, 1]], atol=1e-6)


def test_a_smooth_curve_goes_through_its_points() -> None:
    points = [(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)]
    curve = smooth(points)
    for point in points:
        assert np.abs(curve - point).sum(axis=1).min() < 1e-5


def test_varied_digits_differ_and_stay_legible() -> None:
    rng = np.random.default_rng(0)
    strokes = shapes.strokes_of(shapes.PLAIN["3"][0])
    glyphs = [glyph_of(draw(place(vary(strokes, rng), 12, 0.7), 12)) for _ in range(12)]
    likenesses = [likeness(glyph, glyph_of(board("3"))) for glyph in glyphs]
    assert min(likenesses) > 0.3
    assert np.mean(likenesses) > 0.6
    assert max(likenesses) < 1


@pytest.mark.parametrize("style", list(STYLES))
def test_every_style_has_shapes_in_each_part(style: str) -> None:
    rng = np.random.default_rng(0)
    assert style[0].isdecimal()
    for kept in SHAPES.values():
        strokes = shapes.draw_style(style, rng, kept)
        assert make_glyph(draw(place(strokes, 12, 0.7), 12)) is not None


@pytest.mark.parametrize("letter", list(LETTERS))
def test_every_letter_can_be_drawn(letter: str) -> None:
    strokes = shapes.draw_letter(letter, np.random.default_rng(0))
    assert make_glyph(draw(place(strokes, 12, 0.7), 12)) is not None


@pytest.mark.parametrize("make", [signs.sign, signs.scribble])
def test_signs_and_scribbles_can_be_drawn_and_differ(
    make: Callable[[np.random.Generator], list[Stroke]],
) -> None:
    rng = np.random.default_rng(0)
    glyphs = [make_glyph(draw(place(make(rng), 12, 0.7), 12)) for _ in range(10)]
    assert all(glyph is not None for glyph in glyphs)
    assert len({glyph.tobytes() for glyph in glyphs if glyph is not None}) == 10


def test_turning_and_mirroring_gives_eight_characters() -> None:
    rng = np.random.default_rng(0)
    strokes = shapes.strokes_of(LETTERS["R"])
    glyphs = [
        glyph_of(draw(place(signs.turn_or_mirror(strokes, rng), 12, 0.7), 12))
        for _ in range(80)
    ]
    assert len({glyph.tobytes() for glyph in glyphs}) == 8


def test_the_fonts_contain_every_letter_that_is_printed() -> None:
    one, other = (255 - fonts.print_one("cmr10.ttf", letter, 60) for letter in "AM")
    assert likeness(one, other) < 0.9
    missing = fonts.print_one("DejaVuSans.ttf", "\uffff", 60)
    for letter in fonts.TRAINING["DejaVuSans.ttf"]:
        assert (fonts.print_one("DejaVuSans.ttf", letter, 60) != missing).any(), letter


def test_a_warped_digit_stays_legible() -> None:
    glyph = glyph_of(board("2", pen=24))
    for seed in range(8):
        assert likeness(glyph_of(warp(glyph, np.random.default_rng(seed))), glyph) > 0.4


def test_digits_side_by_side_do_not_overlap() -> None:
    rng = np.random.default_rng(0)
    drawings = [vary(shapes.strokes_of(shapes.PLAIN[digit][0]), rng) for digit in "25"]
    two, *five = side_by_side(drawings, rng)
    assert two[:, 0].max() < min(s[:, 0].min() for s in five)


def test_scattered_digits_overlap_in_one_direction_at_most() -> None:
    rng = np.random.default_rng(0)
    zero, one = (
        shapes.strokes_of(shapes.PLAIN["0"][0]),
        shapes.strokes_of(shapes.PLAIN["1"][0]),
    )
    for _ in range(20):
        first, second = scatter([vary(zero, rng), vary(one, rng)], rng)
        assert (second.min(axis=0) > first.max(axis=0)).any()


@pytest.mark.parametrize("paper", PAPERS)
def test_a_photograph_is_a_picture_of_paper(paper: str) -> None:
    taken = photograph(board("6"), paper, np.random.default_rng(3))
    assert taken.shape == (280, 280)
    assert taken.dtype == np.uint8
    assert len(np.unique(taken)) > 50  # light, grain and noise

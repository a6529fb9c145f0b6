"""From pictures to glyphs, for pictures of the kinds that people send."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.strokes import draw, place
from recognizer.reading.glyphs import (
    GLYPH_SIDE,
    centre,
    cut_margin,
    fit,
    make_glyph,
    stroke_width,
)
from recognizer.reading.ink import find_ink
from recognizer.reading.pictures import Grey, read_picture
from recognizer.reading.specks import remove_specks
from tests.drawings import board, glyph_of, likeness

LINE = [np.array([[5, 0], [5, 10]], np.float32)]


def test_a_glyph_is_28_by_28_with_a_digit_20_pixels_long() -> None:
    glyph = glyph_of(board("5"))
    rows, columns = (np.flatnonzero(glyph.any(axis)) for axis in (1, 0))
    assert glyph.shape == (28, 28)
    assert glyph.dtype == np.uint8
    assert glyph.max() == 255
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20


@pytest.mark.parametrize("digit", list("0123456789"))
def test_the_centre_of_mass_is_in_the_middle(digit: str) -> None:
    glyph = glyph_of(board(digit)).astype(float)
    y, x = (
        (glyph.sum(axis) * np.arange(GLYPH_SIDE)).sum() / glyph.sum() for axis in (1, 0)
    )
    assert abs(y - 14) <= 0.51
    assert abs(x - 14) <= 0.51


def test_the_steps_make_the_glyph() -> None:
    picture = board("3")
    steps = centre(fit(cut_margin(remove_specks(find_ink(picture)))))
    assert (steps == glyph_of(picture)).all()


@pytest.mark.parametrize(
    ("pen", "height"), [(4, 0.7), (26, 0.7), (12, 0.95), (6, 0.22)]
)
@pytest.mark.parametrize("digit", list("02359"))
def test_pen_and_size_hardly_change_the_glyph(
    digit: str, pen: float, height: float
) -> None:
    assert likeness(glyph_of(board(digit, pen, height)), glyph_of(board(digit))) > 0.8


@pytest.mark.parametrize("position", [(0, 0), (1, 0), (0.3, 1), (1, 1)])
def test_the_position_on_the_board_does_not_change_the_glyph(
    position: tuple[float, float],
) -> None:
    there = board(pen=6, height=0.22, position=position)
    assert likeness(glyph_of(there), glyph_of(board(pen=6, height=0.22))) > 0.95


def test_the_glyph_of_a_glyph_is_the_same() -> None:
    glyph = glyph_of(board("8", pen=26))
    assert likeness(glyph_of(glyph), glyph) > 0.995


@pytest.mark.parametrize("pen", [1, 4, 12, 26])
def test_a_straight_1_has_a_usable_width_with_any_pen(pen: float) -> None:
    glyph = glyph_of(draw(place(LINE, pen, 0.7), pen))
    middle = glyph[14] > 100
    assert 1 <= middle.sum() <= 4
    assert (glyph.max(axis=1) > 100).sum() == 20


@pytest.mark.parametrize(
    "picture", [np.full((280, 280), 255), np.zeros((50, 50)), np.full((1, 1), 7)]
)
def test_a_board_without_ink_is_blank(picture: Grey) -> None:
    assert make_glyph(picture.astype(np.uint8)) is None


def test_an_empty_sheet_under_uneven_light_is_blank() -> None:
    light = np.tile(np.linspace(120, 240, 400), (400, 1))
    noise = np.random.default_rng(0).normal(0, 3, light.shape)
    buffer = io.BytesIO()
    Image.fromarray((light + noise).clip(0, 255).astype(np.uint8)).save(
        buffer, "JPEG", quality=60
    )
    assert make_glyph(read_picture(buffer.getvalue())) is None


def test_off_white_paper_gives_the_same_glyph() -> None:
    noise = np.random.default_rng(0).normal(0, 2, (280, 280))
    paper = (board("4") * 0.85 + noise).clip(0, 255).astype(np.uint8)
    assert likeness(glyph_of(paper), glyph_of(board("4"))) > 0.97


def test_light_ink_on_dark_paper_is_inverted() -> None:
    chalk = (40 + (255 - board("6").astype(int)) // 2).astype(np.uint8)
    assert likeness(glyph_of(chalk), glyph_of(board("6"))) > 0.98


@pytest.mark.parametrize("paper", [60, 112, 150, 190, 205])
@pytest.mark.parametrize("pen", [4, 12, 26])
def test_white_ink_on_paper_of_any_shade_is_inverted(paper: int, pen: float) -> None:
    strength = (255 - board("2", pen=pen)) / 255
    coloured = (paper + strength * (255 - paper)).astype(np.uint8)
    assert likeness(glyph_of(coloured), glyph_of(board("2", pen=pen))) > 0.97


@pytest.mark.parametrize("radius", [0, 6])
def test_a_stray_dot_does_not_change_the_glyph(radius: int) -> None:
    image = Image.fromarray(board("2", pen=8, height=0.5))
    ImageDraw.Draw(image).ellipse((12, 262 - 2 * radius, 12 + 2 * radius, 262), fill=0)
    assert (
        likeness(glyph_of(np.asarray(image)), glyph_of(board("2", pen=8, height=0.5)))
        > 0.99
    )


def test_a_dot_near_the_drawing_belongs_to_it() -> None:
    letter_i = [
        np.array([[5, 3], [5, 10]], np.float32),
        np.array([[5, 0.6], [5, 0.9]], np.float32),
    ]
    glyph = glyph_of(draw(place(letter_i, 12, 0.7), 12))
    inked_rows = np.flatnonzero(glyph.max(axis=1) > 60)
    assert np.diff(inked_rows).max() > 1  # there is paper between dot and line


def test_the_edge_of_the_sheet_is_not_ink() -> None:
    sheet = np.pad(board("7"), ((30, 0), (30, 0)), constant_values=30)
    assert likeness(glyph_of(sheet), glyph_of(board("7"))) > 0.95


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("digit", list("013578"))
def test_a_photograph_of_paper_gives_the_glyph_of_the_drawing(
    digit: str, paper: str
) -> None:
    drawing = board(digit)
    taken = photograph(drawing, paper, np.random.default_rng(int(digit)))
    assert likeness(glyph_of(taken), glyph_of(drawing)) > 0.85


def test_the_width_of_strokes_is_measured_in_pixels() -> None:
    for pen in (8, 16, 30):
        assert stroke_width(255 - board("0", pen=pen)) == pytest.approx(pen, rel=0.1)


@settings(max_examples=80, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60)))
def test_any_picture_gives_a_glyph_or_none(picture: Grey) -> None:
    glyph = make_glyph(picture)
    assert glyph is None or (glyph.shape == (28, 28) and glyph.any())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 1024), st.integers(1, 3))
def test_extreme_proportions_give_a_glyph_or_none(length: int, width: int) -> None:
    picture = np.where(
        np.arange(length * width).reshape(length, width) % 7, 255, 0
    ).astype(np.uint8)
    for turned in (picture, picture.T):
        glyph = make_glyph(turned)
        assert glyph is None or glyph.any()

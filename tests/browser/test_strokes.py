"""Strokes by mouse, touch and pen: all of a stroke is drawn, and nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.drawing import (
    SIDE,
    draw,
    draw_by_touch,
    ink,
    ink_at,
    on_page,
    touch,
    undo,
    wait_for_ink,
)
from tests.browser.strokes import ACROSS, DOWN, Stroke


def test_the_board_has_280_by_280_pixels_at_any_screen_size(board: Page) -> None:
    for width in (320, 500, 1400):
        board.set_viewport_size({"width": width, "height": 700})
        assert ink(board).shape == (SIDE, SIDE)


def test_rotating_the_phone_keeps_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    before = ink(board)
    board.set_viewport_size({"width": 844, "height": 390})
    assert np.array_equal(ink(board), before)
    draw(board, [ACROSS])
    assert ink_at(board, (0.65, 0.5))


def test_a_stroke_appears_under_the_pointer(board: Page) -> None:
    draw(board, [DOWN])
    rows, columns = np.nonzero(ink(board))
    assert columns.mean() == pytest.approx(0.3 * SIDE, abs=1.5)
    assert rows.min() == pytest.approx(0.2 * SIDE - 6, abs=2)
    assert rows.max() == pytest.approx(0.8 * SIDE + 6, abs=2)


def test_a_stroke_released_outside_the_board_ends_there_and_can_be_undone(
    board: Page,
) -> None:
    start, outside, back = on_page(board, (0.5, 0.5), (0.5, -0.1), (0.9, 0.9))
    board.mouse.move(*start)
    board.mouse.down()
    board.mouse.move(*outside, steps=3)
    board.mouse.up()
    board.mouse.move(*back, steps=3)
    assert ink_at(board, (0.5, 0.02))
    assert not ink_at(board, (0.85, 0.85))
    undo(board)
    wait_for_ink(board, at=(0.5, 0.5), there=False)


def test_a_fast_stroke_keeps_its_end(board: Page, hand: CDPSession) -> None:
    start, end = on_page(board, (0.2, 0.5), (0.8, 0.5))
    board.mouse.move(*start)
    board.mouse.down()
    # The button is released far from the last reported position.
    button = {"button": "left", "clickCount": 1}
    hand.send(
        "Input.dispatchMouseEvent",
        {"type": "mouseReleased", "x": end[0], "y": end[1]} | button,
    )
    assert ink_at(board, (0.5, 0.5))
    assert ink_at(board, (0.8, 0.5))


@pytest.mark.parametrize("way", [draw, draw_by_touch])
def test_a_tap_draws_a_dot(
    board: Page, way: Callable[[Page, list[Stroke]], None]
) -> None:
    way(board, [[(0.5, 0.5)]])
    assert ink_at(board, (0.5, 0.5))
    assert ink(board).sum() == pytest.approx(np.pi * 6**2, rel=0.15)


def test_other_mouse_buttons_draw_nothing(board: Page) -> None:
    for button in ("right", "middle"):
        board.mouse.move(*on_page(board, DOWN[0])[0])
        board.mouse.down(button=button)
        board.mouse.move(*on_page(board, DOWN[1])[0])
        board.mouse.up(button=button)
    assert not ink(board).any()
    expect(board.get_by_role("button", name="Undo")).to_have_attribute(
        "aria-disabled", "true"
    )


def test_a_stroke_ends_when_the_left_button_is_released(board: Page) -> None:
    start, middle, end = on_page(board, (0.2, 0.5), (0.5, 0.5), (0.8, 0.5))
    board.mouse.move(*start)
    board.mouse.down()
    board.mouse.down(button="right")
    board.mouse.move(*middle)
    board.mouse.up()
    expect(board.get_by_role("button", name="Undo")).to_have_attribute(
        "aria-disabled", "false"
    )
    board.mouse.move(*end)
    board.mouse.up(button="right")
    assert ink_at(board, (0.4, 0.5))
    assert not ink_at(board, (0.7, 0.5))


def test_a_second_finger_neither_ends_the_stroke_nor_draws(
    board: Page, hand: CDPSession
) -> None:
    first, later, second, elsewhere = on_page(
        board, (0.2, 0.3), (0.8, 0.3), (0.4, 0.8), (0.6, 0.8)
    )
    touch(hand, "touchStart", first)
    touch(hand, "touchStart", first, second)
    touch(hand, "touchMove", later, elsewhere)
    touch(hand, "touchEnd")
    assert ink_at(board, (0.5, 0.3))
    assert ink_at(board, (0.8, 0.3))
    assert not ink(board)[SIDE // 2 :].any()


def test_a_pen_removes_the_mark_of_the_palm(board: Page, hand: CDPSession) -> None:
    palm, start, end = on_page(board, (0.8, 0.8), *DOWN)
    pen = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
    touch(hand, "touchStart", palm)
    assert ink_at(board, (0.8, 0.8))
    for kind, (x, y) in (
        ("mousePressed", start),
        ("mouseMoved", end),
        ("mouseReleased", end),
    ):
        hand.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y} | pen)
    touch(hand, "touchEnd")
    assert ink_at(board, (0.3, 0.5))
    assert not ink_at(board, (0.8, 0.8))


def test_drawing_does_not_scroll_the_page(phone: Page) -> None:
    phone.set_viewport_size({"width": 390, "height": 500})
    phone.goto("/")
    phone.evaluate("scrollTo(0, 60)")
    draw_by_touch(phone, [[(0.5, 0.9), (0.5, 0.5), (0.5, 0.3)]])
    assert phone.evaluate("scrollY") == 60
    assert ink_at(phone, (0.5, 0.6))


def test_no_animation_frames_are_requested_when_idle(desktop: Page) -> None:
    desktop.add_init_script(
        "const frame = requestAnimationFrame; window.frames_ = 0;"
        "window.requestAnimationFrame = (act) => { window.frames_++; return frame(act); };"
    )
    desktop.goto("/")
    draw(desktop, [DOWN])
    before = desktop.evaluate("frames_")
    desktop.wait_for_timeout(300)
    assert desktop.evaluate("frames_") == before

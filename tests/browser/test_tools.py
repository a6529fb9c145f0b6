"""Undo, redo, clear and pen width, by button and by key."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import SIDE, clear, draw, ink, ink_at, undo, wait_for_ink
from tests.browser.strokes import ACROSS, DOWN


def test_undo_redo_and_clear_step_through_the_strokes(board: Page) -> None:
    redo = board.get_by_role("button", name="Redo")
    draw(board, [DOWN, ACROSS])
    undo(board)
    wait_for_ink(board, at=(0.65, 0.5), there=False)
    assert ink_at(board, (0.3, 0.5))
    redo.click()
    wait_for_ink(board, at=(0.65, 0.5), there=True)
    clear(board)
    assert not ink(board).any()
    undo(board)
    wait_for_ink(board, at=(0.65, 0.5), there=True)
    expect(board).to_have_url("/")


def test_drawing_works_after_clear(board: Page) -> None:
    draw(board, [DOWN])
    clear(board)
    draw(board, [ACROSS])
    assert ink_at(board, (0.65, 0.5))
    undo(board)
    wait_for_ink(board, at=(0.65, 0.5), there=False)


def test_keys_undo_redo_and_clear(board: Page) -> None:
    draw(board, [DOWN, ACROSS])
    board.keyboard.press("Control+z")
    wait_for_ink(board, at=(0.65, 0.5), there=False)
    board.keyboard.press("Control+Shift+Z")
    wait_for_ink(board, at=(0.65, 0.5), there=True)
    board.keyboard.press("Delete")
    assert not ink(board).any()


def test_editing_keys_in_a_text_field_do_not_change_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.evaluate(
        "document.querySelector('main').append(document.createElement('textarea'))"
    )
    board.locator("textarea").press("Delete")
    board.locator("textarea").press("Control+z")
    assert ink_at(board, (0.3, 0.5))


def test_a_button_without_effect_is_marked_disabled_and_keeps_the_focus(
    board: Page,
) -> None:
    button = board.get_by_role("button", name="Undo")
    draw(board, [DOWN])
    expect(button).to_have_attribute("aria-disabled", "false")
    button.focus()
    board.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()


def test_the_slider_sets_the_pen_width(board: Page) -> None:
    for width, x in ((4, 0.2), (26, 0.7)):
        board.get_by_label("Pen width").fill(str(width))
        draw(board, [[(x, 0.2), (x, 0.8)]])
        middle = ink(board)[SIDE // 2]
        assert middle[
            int((x - 0.1) * SIDE) : int((x + 0.1) * SIDE)
        ].sum() == pytest.approx(width, abs=2)


def test_a_hint_shows_until_the_first_stroke(board: Page) -> None:
    hint = board.get_by_text("Draw here")
    expect(hint).to_be_visible()
    draw(board, [DOWN])
    expect(hint).to_be_hidden()
    clear(board)
    expect(hint).to_be_visible()


def test_visiting_another_page_keeps_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.get_by_role("link", name="About").click()
    board.get_by_role("link", name="Draw a digit").click()
    wait_for_ink(board, at=(0.3, 0.5), there=True)

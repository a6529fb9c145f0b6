"""The main job of the site: it reads a drawn digit correctly."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import draw, draw_by_touch
from tests.browser.strokes import DIGITS, Stroke


@pytest.mark.parametrize("way", [draw, draw_by_touch])
def test_the_ten_digits_are_read_correctly(
    page: Page, way: Callable[[Page, list[Stroke]], None]
) -> None:
    assert {digit: read(page, way, strokes) for digit, strokes in DIGITS.items()} == {
        digit: str(digit) for digit in DIGITS
    }


def read(
    page: Page, way: Callable[[Page, list[Stroke]], None], strokes: list[Stroke]
) -> str | None:
    page.goto("/")
    way(page, strokes)
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/s/"))
    return page.locator(".figure").text_content()

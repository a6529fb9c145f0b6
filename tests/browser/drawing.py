"""Draw on the board with mouse or touch, and read the board's pixels."""

import base64
import io
import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import CDPSession, Page

from tests.browser.strokes import DIGITS, Point, Stroke

THREE = DIGITS[3]
SIDE = 280  # width and height of the board in its own pixels


def draw(page: Page, strokes: list[Stroke]) -> None:
    """Draw with the mouse."""
    for stroke in strokes:
        points = on_page(page, *stroke)
        page.mouse.move(*points[0])
        page.mouse.down()
        for _, point in pairwise(points):
            page.mouse.move(*point, steps=2)
        page.mouse.up()


def draw_by_touch(page: Page, strokes: list[Stroke]) -> None:
    """Draw with a finger."""
    hand = page.context.new_cdp_session(page)
    for stroke in strokes:
        first, *others = on_page(page, *stroke)
        touch(hand, "touchStart", first)
        for point in others:
            touch(hand, "touchMove", point)
        touch(hand, "touchEnd")


def touch(hand: CDPSession, kind: str, *fingers: Point) -> None:
    """Send a touch event with the positions of all fingers that touch the screen."""
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
    hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def on_page(page: Page, *points: Point) -> list[Point]:
    """Convert points of the board to positions on the page."""
    board = page.locator("canvas").bounding_box()
    assert board
    return [
        (board["x"] + x * board["width"], board["y"] + y * board["height"])
        for x, y in points
    ]


def ink(page: Page) -> NDArray[np.bool_]:
    """Return which pixels of the board are dark, as a SIDE x SIDE array."""
    uri = page.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    return np.asarray(picture.convert("L")) < 128


def ink_at(page: Page, point: Point) -> bool:
    dark = ink(page)
    return bool(dark[round(point[1] * dark.shape[0]), round(point[0] * dark.shape[1])])


def undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()


def wait_for_ink(page: Page, *, at: Point, there: bool) -> None:
    """Wait for a pixel to be dark or light: undo and redo decode a picture first.

    Playwright's wait_for_function would repeat its script with eval, which the page's
    Content-Security-Policy forbids.
    """
    deadline = time.monotonic() + 30
    while ink_at(page, at) != there:
        assert time.monotonic() < deadline, f"The pixel at {at} did not change."
        page.wait_for_timeout(20)

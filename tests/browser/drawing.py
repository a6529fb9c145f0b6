"""Drawing on the board as a person does, with the mouse."""

from itertools import pairwise

from playwright.sync_api import Page

Stroke = list[tuple[float, float]]  # in parts of the board's width and height

TOP_OF_THREE: Stroke = [(0.33, 0.24), (0.42, 0.17), (0.56, 0.17), (0.65, 0.26), (0.62, 0.40), (0.44, 0.48)]
FOOT_OF_THREE: Stroke = [(0.50, 0.48), (0.64, 0.54), (0.69, 0.67), (0.62, 0.80), (0.48, 0.85), (0.31, 0.77)]
THREE = [TOP_OF_THREE + FOOT_OF_THREE]


def draw(page: Page, strokes: list[Stroke]) -> None:
    board = page.locator("canvas").bounding_box()
    assert board
    for stroke in strokes:
        points = [(board["x"] + x * board["width"], board["y"] + y * board["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for _, point in pairwise(points):
            page.mouse.move(*point, steps=4)
        page.mouse.up()

"""Take the two screenshots of the README from a running site.

python -m tests.browser.screenshots [ADDRESS]
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.drawing import draw
from tests.browser.strokes import DIGITS
from tests.browser.watch import DESKTOP, PHONE, watched_page

DOCS = Path(__file__).parents[2] / "docs"


def board(page: Page) -> None:
    draw(page, DIGITS[5])
    expect(page.locator("#bars .read")).to_have_text("5")
    page.wait_for_timeout(400)  # the bars have grown to their full height


def answer(page: Page) -> None:
    draw(page, DIGITS[5])
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/s/**")


def take(browser: Browser, address: str, variant: dict[str, Any], name: str) -> None:
    with watched_page(browser, address, **variant) as page:
        page.goto("/")
        {"board": board, "answer": answer}[name](page)
        page.screenshot(path=DOCS / f"{name}.png")


if __name__ == "__main__":
    address = (sys.argv[1:] or ["http://127.0.0.1:8000"])[0]
    with sync_playwright() as playwright, chromium.launch(playwright) as browser:
        take(browser, address, DESKTOP, "board")
        take(
            browser,
            address,
            {**PHONE, "device_scale_factor": 2, "color_scheme": "dark"},
            "answer",
        )

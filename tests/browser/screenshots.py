"""Take the pictures in docs/ from a site of their own, with drawings of the project's.

python -m tests.browser.screenshots [NAME ...]    all pictures, or those named

The site has its own database in a temporary folder, which is deleted afterwards.
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FOLDER = TemporaryDirectory()
os.environ["DJANGO_SETTINGS_MODULE"] = "mnistsite.settings"
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/site.sqlite3"
os.environ["DEBUG"] = "1"  # plain http
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop

import django

django.setup()

import numpy as np
from django.core.management import call_command
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing import shapes, strokes
from recognizer.learning.drawing.styles import STYLES
from recognizer.learning.drawing.variation import vary
from recognizer.models import Source, Submission
from recognizer.reading.glyphs import Drawing
from recognizer.rollout.promotion import promote, serving_model
from recognizer.submissions import submit
from tests.browser import chromium, reviewing
from tests.browser.drawing import draw
from tests.browser.serving import serve
from tests.browser.strokes import DIGITS
from tests.browser.watch import DESKTOP, PHONE, watched_page
from tests.candidates import MNIST, store
from tests.factories import make_user

DOCS = Path(__file__).resolve().parents[2] / "docs"
MODELS = "/admin/recognizer/trainedmodel/"
SENT = 130  # drawings
PEN = 14  # px
HEIGHT = 0.7  # of the board
VARIATION = 1.3  # of the strokes: with 1 digits stay legible
# What visitors draw, as shapes.py and styles.py name it. The first character is the digit.
KINDS = [*"0123456789", *["7", "7 crossed", "7 hooked"] * 6, *["1 with flag"] * 6]


def board(page: Page) -> Page:
    page.goto("/")
    draw(page, DIGITS[5])
    expect(page.locator("#bars .read")).to_have_text("5")
    page.wait_for_timeout(400)  # the bars have grown to their full height
    return page


def answer(page: Page) -> Page:
    page.goto("/")
    draw(page, DIGITS[5])
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/s/**")
    return page


def review_grid(page: Page) -> Page:
    """Mark the drawings that were read as 7 and are none."""
    reviewing.log_in_again(page)
    with page.expect_response("**/labels/") as response:
        reviewing.open_review(page, "read-as-7")
    drawings = response.value.json()["drawings"]
    for number, drawing in enumerate(drawings):
        label = Submission.objects.get(pk=drawing["id"]).claim
        if label != 7:
            reviewing.tiles(page).nth(number).click()
            page.keyboard.press(str(label))
    page.evaluate("scrollTo(0, 0)")
    return page


def review_single(page: Page) -> Page:
    reviewing.log_in_again(page)
    reviewing.open_review(page, "doubtful")
    return page


def model_changes(page: Page) -> Locator:
    """Show what would change if the shipped model answered instead of the demo's."""
    shipped = serving_model()
    promote(store(MNIST.read_bytes(), "mnist"), "An example.", force=True)
    for submission in Submission.objects.filter(claim__isnull=False):
        submission.label = submission.claim
        submission.kept_aside = True
        submission.save(update_fields=["label", "kept_aside"])
    reviewing.log_in_again(page)
    page.goto(f"{MODELS}{shipped.pk}/change/")
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("Both models have read every drawing.")).to_be_visible()
    for picture in page.locator(".changes img").all():
        picture.scroll_into_view_if_needed()  # it is not loaded before
    page.wait_for_load_state("networkidle")
    return page.locator(".replay")


SMALL_PHONE = {**PHONE, "device_scale_factor": 2, "color_scheme": "dark"}
PICTURES: dict[str, tuple[Callable[[Page], Page | Locator], dict[str, Any]]] = {
    "board": (board, DESKTOP),
    "answer": (answer, SMALL_PHONE),
    "review-grid": (review_grid, DESKTOP),
    "review-single": (review_single, DESKTOP),
    "model-changes": (model_changes, DESKTOP),
}


def send_drawings() -> None:
    """Send drawings as visitors who say what they drew."""
    rng = np.random.default_rng(0)
    for _ in range(SENT):
        kind = KINDS[rng.integers(len(KINDS))]
        written = strokes.place(_strokes(kind, rng), PEN, HEIGHT)
        drawing = Drawing.from_picture(strokes.draw(written, PEN))
        submission = submit(drawing, Source.CANVAS)
        Submission.objects.filter(pk=submission.pk).update(claim=int(kind[0]))


def _strokes(kind: str, rng: np.random.Generator) -> Sequence[Stroke]:
    choice = STYLES.get(kind) or shapes.PLAIN[kind]
    shape = choice[rng.integers(len(choice))]
    return vary(shapes.strokes_of(shape), rng, VARIATION)


def take(browser: Browser, address: str, name: str) -> None:
    prepare, variant = PICTURES[name]
    with watched_page(browser, address, **variant) as page:
        prepare(page).screenshot(path=DOCS / f"{name}.png")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    send_drawings()
    make_user("operator", password=reviewing.PASSWORD, is_staff=True, is_superuser=True)
    with (
        serve() as address,
        sync_playwright() as playwright,
        chromium.launch(playwright) as browser,
    ):
        for name in sys.argv[1:] or PICTURES:
            take(browser, address, name)

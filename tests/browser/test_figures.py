"""The page of figures from real visitors, in light and dark, on a desktop and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recognizer.rollout.active_model import active_classifier, get_row
from tests.browser.reviewing import log_in
from tests.browser.test_pages import VARIANTS, violations
from tests.browser.watch import watched_page
from tests.factories import make_submission

FIGURES = "/admin/recognizer/submission/figures/"
# Label, what was read, verdict, how many
DRAWINGS = [(7, 7, "digit", 27), (4, 9, "digit", 3), (10, 10, "not_a_digit", 2)]


@pytest.fixture
def drawings(model_file: Any, live_server: LiveServer) -> None:
    """Enough labelled drawings for the page to show its figures."""
    model = get_row(active_classifier())
    for label, read_as, verdict, count in DRAWINGS:
        digit = read_as if read_as < 10 else None
        answer = {"model": model, "digit": digit, "verdict": verdict}
        for _number in range(count):
            make_submission(kept_aside=True, label=label, answer=answer)


@pytest.mark.usefixtures("drawings")
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, live_server: LiveServer, variant: dict[str, Any]
) -> None:
    with watched_page(browser, live_server.url, **variant) as page:
        log_in(page)
        page.get_by_role("link", name="How well the model reads").click()
        expect(page.locator(".chart")).to_have_count(4)
        assert violations(page) == []
        width = page.viewport_size and page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.usefixtures("drawings")
def test_a_cell_opens_the_drawings_behind_it(page: Page) -> None:
    log_in(page)
    page.goto(FIGURES)
    page.get_by_role("link", name="3 drawings: label '4', read as '9'").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.wait_for_load_state("networkidle")  # the pictures

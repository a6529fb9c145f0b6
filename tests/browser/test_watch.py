"""The watched page reports the problems that it is meant to find."""

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.watch import watched_page

HOME = "http://site.example"


def open_home(browser: Browser, body: str, *expected: str) -> None:
    def answer(route: Route) -> None:
        policy = "default-src 'self' 'unsafe-inline' data: http:; style-src 'none'"
        route.fulfill(
            body=body,
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        )

    with watched_page(browser, HOME, expected) as page:
        page.route("**/*", answer)
        page.goto("/")


def test_a_page_without_problems_passes(browser: Browser) -> None:
    open_home(
        browser, "<script>new Image().src = 'data:,'; console.log('fine')</script>"
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('broken')</script>", "console error: broken"),
        ("<script>throw new Error('thrown')</script>", "uncaught: thrown"),
        ("<p style='color: red'>", "Content Security Policy"),
        (
            "<script src='http://elsewhere.example/x.js'></script>",
            "request to another host",
        ),
    ],
)
def test_a_page_with_a_problem_fails(
    browser: Browser, body: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        open_home(browser, body)


def test_expected_problems_are_ignored(browser: Browser) -> None:
    open_home(browser, "<script>console.error('status 422')</script>", "422")

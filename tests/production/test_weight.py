"""How much a visitor's phone has to load."""

from playwright.sync_api import Browser

from tests.browser.watch import PHONE, watched_page
from tests.production.deployment import Server

LIMIT = 60_000  # bytes, compressed


def test_the_front_page_loads_less_than_60_kb(server: Server, browser: Browser) -> None:
    loaded: dict[str, int] = {}
    with watched_page(browser, server.url, ignore_https_errors=True, **PHONE) as page:
        page.on(
            "requestfinished",
            lambda request: loaded.update(
                {request.url: request.sizes()["responseBodySize"]}
            ),
        )
        page.goto("/", wait_until="networkidle")
    assert len(loaded) > 8
    assert sum(loaded.values()) < LIMIT, loaded

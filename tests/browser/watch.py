"""A page on which console messages, exceptions and foreign requests fail the test."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}


@contextmanager
def watched_page(
    browser: Browser, home: str, expected: Collection[str] = (), **context: Any
) -> Iterator[Page]:
    """Open a page with the base URL `home`, and fail at the end if there was a problem.

    Problems that contain one of the `expected` words are ignored.
    """
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {
            "warning",
            "error",
        }:  # violations of the Content-Security-Policy are errors
            complaints.append(f"console {message.type}: {message.text}")

    def on_error(error: Error) -> None:
        complaints.append(f"uncaught: {error}")

    def on_request(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.netloc != urlsplit(home).netloc:
            complaints.append(f"request to another host: {request.url}")

    with browser.new_context(base_url=home, **context) as window:
        window.on("console", on_console)
        window.on("weberror", lambda web_error: on_error(web_error.error))
        window.on("request", on_request)
        yield window.new_page()
    unexpected = [
        text for text in complaints if not any(word in text for word in expected)
    ]
    assert not unexpected, "\n".join(unexpected)

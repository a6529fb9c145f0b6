from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import factories, postgresql
from tests.browser import chromium
from tests.browser.watch import DESKTOP, PHONE, watched_page

PRODUCTION = Path(__file__).parent / "production"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by what it uses and where it is, so that no one has to remember to."""
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker("browser")
        if item.path.is_relative_to(PRODUCTION):
            item.add_marker("production")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as it is served: in memory it has other locks, and nobody waits for them."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(
            tmp_path_factory.mktemp("database") / "test.sqlite3"
        )


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    """Every test begins in English: a request in Japanese leaves its thread in Japanese."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def model_file(tmp_path: Path, settings: Settings) -> Path:
    """The shipped model is a tiny one, which reads a 7 in everything, at once."""
    settings.MODEL_FILE = tmp_path / "tiny.model"
    settings.MODEL_FILE.write_bytes(factories.model_bytes())
    return tmp_path / "tiny.model"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # a busy machine is no failure
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def complaints(request: pytest.FixtureRequest) -> Collection[str]:
    """What the console may say in this test: `@pytest.mark.complaints("422")`."""
    return [
        word
        for marker in request.node.iter_markers("complaints")
        for word in marker.args
    ]


@pytest.fixture
def desktop(
    browser: Browser, live_server: LiveServer, complaints: Collection[str]
) -> Iterator[Page]:
    with watched_page(browser, live_server.url, complaints, **DESKTOP) as page:
        yield page


@pytest.fixture
def phone(
    browser: Browser, live_server: LiveServer, complaints: Collection[str]
) -> Iterator[Page]:
    with watched_page(browser, live_server.url, complaints, **PHONE) as page:
        yield page


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    complaints: Collection[str],
) -> Iterator[Page]:
    """Both, one after the other."""
    with watched_page(browser, live_server.url, complaints, **request.param) as page:
        yield page

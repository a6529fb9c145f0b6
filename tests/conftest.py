from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import candidates, factories, postgresql
from tests.browser import chromium
from tests.browser.watch import DESKTOP, PHONE, watched_page

PRODUCTION = Path(__file__).parent / "production"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests by the fixtures that they use and the folder that they are in."""
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker("browser")
        if item.path.is_relative_to(PRODUCTION):
            item.add_marker("production")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Use SQLite in a file, as the site does: SQLite in memory has other locks."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(
            tmp_path_factory.mktemp("database") / "test.sqlite3"
        )


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    """Begin every test in English: requests change the language of their thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def new_process() -> None:
    """Let no test serve, or refuse, a model because of an earlier test."""
    candidates.forget()


@pytest.fixture
def model_file(tmp_path: Path, settings: Settings) -> Path:
    """Replace the shipped model with a tiny one that reads a 7 in every picture."""
    settings.MODEL_FILE = tmp_path / "tiny.model"
    settings.MODEL_FILE.write_bytes(factories.model_bytes())
    return tmp_path / "tiny.model"


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser in which a member of the group 'Operators' has logged in."""
    client.force_login(factories.make_operator())
    return client


@pytest.fixture
def admin(client: Client) -> Client:
    """A browser in which a superuser has logged in."""
    client.force_login(factories.make_user("admin", is_staff=True, is_superuser=True))
    return client


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # on a busy machine too
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def complaints(request: pytest.FixtureRequest) -> Collection[str]:
    """Return what the console may print: `@pytest.mark.complaints("422")`."""
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
    """Run the test on the desktop and on the phone."""
    with watched_page(browser, live_server.url, complaints, **request.param) as page:
        yield page

"""The database stops, or takes no writes, while the site runs."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
import trustme
from playwright.sync_api import Browser, expect

from tests import postgresql
from tests.browser.drawing import THREE, draw, ink
from tests.browser.watch import DESKTOP, watched_page
from tests.production.deployment import PROJECT, Deployment, Server


def test_pages_say_that_the_database_is_unavailable_and_the_log_says_why(
    deployment: Deployment, authority: trustme.CA
) -> None:
    three = (PROJECT / "data/three.png").read_bytes()
    with ExitStack() as database:
        url = database.enter_context(postgresql.server())
        deployment.run(deployment.procfile("release"), DATABASE_URL=url)
        with deployment.serve(authority, DATABASE_URL=url) as site:
            submission = site.send(three).json()["id"]
            database.close()

            page = site.ask(f"/s/{submission}/")
            assert page.status == 503
            assert b"No stored drawing is lost" in page.body
            answer = site.send(three)
            assert (answer.status, list(answer.json())) == (503, ["error"])
            assert site.ask("/healthz").status == 503
            assert site.ask("/").status == 200
            assert "Traceback" in site.log.read_text()


@pytest.fixture
def database() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


def set_read_only(database: str, value: str) -> None:
    """Let every session of the server, open ones too, read only, as a failover may do."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            f"ALTER SYSTEM SET default_transaction_read_only = {value}".encode()
        )
        connection.execute("SELECT pg_reload_conf()")


def wait_for_status(site: Server, status: int) -> None:
    deadline = time.monotonic() + 20
    while site.ask("/healthz").status != status:
        assert time.monotonic() < deadline, f"/healthz does not become {status}"
        time.sleep(0.1)


def test_a_drawing_stays_on_the_board_until_a_read_only_database_takes_it(
    deployment: Deployment, authority: trustme.CA, database: str, browser: Browser
) -> None:
    deployment.run(deployment.procfile("release"), DATABASE_URL=database)
    with (
        deployment.serve(authority, DATABASE_URL=database) as site,
        watched_page(
            browser, site.url, {"503"}, ignore_https_errors=True, **DESKTOP
        ) as page,
    ):
        page.goto("/")
        set_read_only(database, "on")
        wait_for_status(site, 503)
        answer = site.send((PROJECT / "data/three.png").read_bytes())
        assert (answer.status, list(answer.json())) == (503, ["error"])
        assert int(answer.headers["Retry-After"]) > 0

        draw(page, THREE)
        page.get_by_role("button", name="Send").click()
        again = page.get_by_role("button", name="Send again")
        expect(again).to_be_visible()
        expect(page.locator("#message")).to_contain_text("Your drawing is still here.")
        assert ink(page).any()

        set_read_only(database, "off")
        wait_for_status(site, 200)
        again.click()
        expect(page).to_have_url(re.compile("/s/"))

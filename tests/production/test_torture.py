"""`make torture` in short: each attack once, and nothing that was acknowledged is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks.torture.attacks import ATTACKS, Attack
from benchmarks.torture.rounds import postgresql_site, sqlite_site, torture
from benchmarks.torture.senders import Kept
from benchmarks.torture.site import TorturedSite
from benchmarks.torture.stored import compare
from tests.production.deployment import Deployment


@pytest.fixture(scope="module")
def on_sqlite(deployment: Deployment) -> Iterator[TorturedSite]:
    with sqlite_site(deployment) as site:
        yield site


@pytest.fixture(scope="module")
def on_postgresql(deployment: Deployment) -> Iterator[TorturedSite]:
    with postgresql_site(deployment) as site:
        yield site


def check(site: TorturedSite, attack: Attack) -> None:
    round_ = torture(site, attack, seconds=0)
    assert round_.kept.acknowledged
    assert not round_.loss, site.server.log.read_text()
    assert set(round_.kept.problems) <= {"reset", "refused", "503"}


@pytest.mark.parametrize("name", ATTACKS["SQLite"])
def test_nothing_is_lost_on_sqlite(on_sqlite: TorturedSite, name: str) -> None:
    check(on_sqlite, ATTACKS["SQLite"][name])


@pytest.mark.parametrize("name", ATTACKS["PostgreSQL"])
def test_nothing_is_lost_on_postgresql(on_postgresql: TorturedSite, name: str) -> None:
    check(on_postgresql, ATTACKS["PostgreSQL"][name])


def test_what_is_missing_wrong_or_double_is_seen(on_sqlite: TorturedSite) -> None:
    picture = (on_sqlite.deployment.folder / "data/three.png").read_bytes()
    kept = Kept()
    for _ in range(3):
        told = on_sqlite.server.send(picture, X_Forwarded_Proto="https").json()
        kept.acknowledged[told["id"]] = told
    first, second, _third = kept.acknowledged
    kept.acknowledged[second] = told | {"digit": 8}
    with closing(sqlite3.connect(on_sqlite.url.removeprefix("sqlite:///"))) as file:
        file.execute(
            "DELETE FROM recognizer_submission WHERE uuid = ?",
            [first.replace("-", "")],
        )
        file.commit()
    loss = compare(on_sqlite, kept)
    assert (loss.missing, loss.wrong, loss.double) == (1, 1, 1)
    with closing(sqlite3.connect(on_sqlite.url.removeprefix("sqlite:///"))) as file:
        file.execute("DELETE FROM recognizer_submission")
        file.commit()

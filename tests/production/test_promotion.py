"""A promotion under load: two servers, each with two processes, on one PostgreSQL."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from recognizer.inference import Classifier
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.pictures import read_picture
from tests import postgresql
from tests.candidates import SHIPPED, changed
from tests.production.deployment import PROJECT, Deployment, Server

SECONDS = 10  # of load, and within which every process serves the promoted model
VISITORS = 2  # at each server
PAUSE = 0.05  # seconds between the drawings of one visitor
THREE = (PROJECT / "data/three.png").read_bytes()


@dataclass
class Said:
    """An answer: when it was asked for, by whom it was given, and what it says."""

    at: float
    server: int
    status: int
    name: str = ""
    sha256: str = ""
    probabilities: list[float] = field(default_factory=list)
    id: str = ""


@contextmanager
def two_servers(
    deployment: Deployment, authority: trustme.CA, url: str
) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                deployment.serve(
                    authority,
                    DATABASE_URL=url,
                    TRUSTED_PROXIES="1",
                    WEB_CONCURRENCY="2",
                )
            )
            for _ in range(2)
        ]


def ask(servers: list[Server], number: int, address: str) -> Said:
    """Send a three, from an address of its own so that no limit is reached."""
    start = time.monotonic()
    answer = servers[number].send(
        THREE, X_Forwarded_For=address, X_Forwarded_Proto="https"
    )
    said = Said(start, number, answer.status)
    if answer.status == 200:
        body = answer.json()
        said.name, said.sha256 = body["model"]["name"], body["model"]["sha256"]
        said.probabilities, said.id = body["probabilities"], body["id"]
    return said


def visit(
    servers: list[Server], visitor: int, stop: threading.Event, heard: list[Said]
) -> None:
    count = 0
    while not stop.is_set():
        count += 1
        address = f"10.{visitor}.{count // 200}.1"
        heard.append(ask(servers, visitor % 2, address))
        time.sleep(PAUSE)


def read_three(classifier: Classifier) -> tuple[float, ...]:
    (reading,) = classifier.read([make_glyph(read_picture(THREE))])
    assert reading.probabilities is not None
    return reading.probabilities


@pytest.mark.timeout(600)
def test_a_promotion_reaches_every_process_within_seconds_without_a_failed_answer(
    deployment: Deployment, authority: trustme.CA, tmp_path: Path
) -> None:
    # The same network with another temperature: it names the same digit, less surely.
    candidate = tmp_path / "cooler.model"
    candidate.write_bytes(changed(temperature=2.0))
    old, new = Classifier.load(SHIPPED), Classifier.load(candidate)
    expected = {old.sha256: read_three(old), new.sha256: read_three(new)}
    assert max(expected[old.sha256]) - max(expected[new.sha256]) > 1e-4

    heard: list[Said] = []
    stop = threading.Event()
    with postgresql.server() as url:
        deployment.run(deployment.procfile("release"), DATABASE_URL=url)
        with two_servers(deployment, authority, url) as servers:
            deployment.run(
                f"python manage.py register_model {candidate}", DATABASE_URL=url
            )
            with ThreadPoolExecutor(2 * VISITORS) as pool:
                visitors = [
                    pool.submit(visit, servers, visitor, stop, heard)
                    for visitor in range(2 * VISITORS)
                ]
                try:
                    time.sleep(3)
                    deployment.run(
                        "python manage.py promote cooler --why 'A trial.' --force",
                        DATABASE_URL=url,
                    )
                    promoted = time.monotonic()
                    time.sleep(SECONDS)
                finally:
                    stop.set()
                for visitor in visitors:
                    visitor.result()
            check_old_page(servers, heard[0])

    report(heard, promoted, new.sha256)
    assert {said.status for said in heard} == {200}
    for said in heard:
        assert said.sha256 in expected
        assert said.probabilities == pytest.approx(expected[said.sha256], abs=1e-6)
        assert said.name == ("cooler" if said.sha256 == new.sha256 else "digits")
    for number in range(2):
        mine = sorted((s for s in heard if s.server == number), key=lambda s: s.at)
        assert mine[0].sha256 == old.sha256
        late = [s for s in mine if s.at > promoted]
        assert late
        assert {said.sha256 for said in late} == {new.sha256}


def check_old_page(servers: list[Server], first: Said) -> None:
    """An answer of the old model is shown as it was given, by both servers."""
    for server in servers:
        page = server.ask(f"/s/{first.id}/", X_Forwarded_Proto="https")
        assert page.status == 200
        assert b"3, quite sure" in page.body


def report(heard: list[Said], promoted: float, sha256: str) -> None:
    """Print the figures, for `pytest -s`."""
    new = [said for said in heard if said.sha256 == sha256]
    last_old = max(said.at for said in heard if said.sha256 != sha256)
    figures = {
        "answers": len(heard),
        "failed": sum(said.status != 200 for said in heard),
        "by the new model": len(new),
        "last old answer asked for, s after `promote` returned": last_old - promoted,
        "first new answer asked for, s after": min(s.at for s in new) - promoted,
    }
    print(json.dumps(figures, indent=2))  # noqa: T201

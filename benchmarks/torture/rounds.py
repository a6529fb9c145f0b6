"""A round: an attack again and again, while drawings are sent."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.torture.attacks import Attack
from benchmarks.torture.senders import HastyProgram, Kept, Program, Visitor
from benchmarks.torture.site import TorturedSite
from benchmarks.torture.stored import Loss, compare
from tests import postgresql
from tests.production.deployment import Deployment

SENDERS = [Visitor, Visitor, Program, HastyProgram]
# Not QUICK: what is committed must survive an immediate stop
POSTGRESQL = "-c max_connections=30"


@dataclass(frozen=True)
class Round:
    """How often the attack happened, what the senders were told, and what was lost."""

    times: int
    kept: Kept
    loss: Loss


def torture(site: TorturedSite, attack: Attack, seconds: float) -> Round:
    kept, stop = Kept(), threading.Event()
    senders = [sender(site.server, kept, stop) for sender in SENDERS]
    for sender in senders:
        sender.start()
    times = 0
    end = time.monotonic() + seconds
    while times == 0 or time.monotonic() < end:
        attack(site)
        times += 1
    stop.set()
    for sender in senders:
        sender.join()
    return Round(times, kept, compare(site, kept))


@contextmanager
def sqlite_site(deployment: Deployment) -> Iterator[TorturedSite]:
    site = TorturedSite(deployment, f"sqlite:///{deployment.folder}/torture.sqlite3")
    with running(site):
        yield site


@contextmanager
def postgresql_site(deployment: Deployment) -> Iterator[TorturedSite]:
    with postgresql.cluster(POSTGRESQL) as cluster:
        site = TorturedSite(deployment, cluster.url, cluster)
        with running(site):
            yield site


@contextmanager
def running(site: TorturedSite) -> Iterator[None]:
    site.start()
    try:
        yield
    finally:
        site.stop()

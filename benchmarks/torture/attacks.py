"""What happens to the site. Each attack happens once and leaves the site running."""

import random
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg

from benchmarks.torture.site import TorturedSite, kill_process

Attack = Callable[[TorturedSite], None]
HALF = (
    b"POST /send HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x"
)


def kill_a_worker(site: TorturedSite) -> None:
    workers = site.workers
    if workers:
        kill_process(random.choice(workers))
    time.sleep(0.5)


def kill_the_master(site: TorturedSite) -> None:
    site.kill()
    site.start()
    time.sleep(1)


def restart(site: TorturedSite) -> None:
    """Stop with SIGTERM, as every deployment does, and start."""
    site.stop()
    site.start()
    time.sleep(1)


def stop_postgresql(site: TorturedSite) -> None:
    assert site.cluster is not None
    site.cluster.stop()
    time.sleep(0.5)
    site.cluster.start()
    time.sleep(1)


def fill_the_disk(site: TorturedSite) -> None:
    """Let files grow no more for a second."""
    site.limit_files("1" if site.cluster else _size_of_wal(site))
    time.sleep(1)
    site.limit_files("unlimited")
    if site.cluster and not site.cluster.is_running:
        site.cluster.start()
    time.sleep(1)


def _size_of_wal(site: TorturedSite) -> str:
    path = Path(site.url.removeprefix("sqlite:///") + "-wal")
    return str(path.stat().st_size if path.exists() else 1)


def take_all_connections(site: TorturedSite) -> None:
    with ExitStack() as stack:
        taken = stack.enter_context(psycopg.connect(site.url, autocommit=True))
        _end_other_sessions(taken)
        try:
            while True:
                stack.enter_context(psycopg.connect(site.url))
        except psycopg.OperationalError:  # none is left
            time.sleep(1)
    time.sleep(0.5)


def _end_other_sessions(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


def lock_the_database(site: TorturedSite) -> None:
    """Hold the only lock for writing, as a long transaction would."""
    path = site.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        time.sleep(1)
        database.execute("ROLLBACK")
    time.sleep(0.5)


def stop_half_way(site: TorturedSite) -> None:
    """Begin four requests, and close the connections in the middle of their bodies."""
    with ExitStack() as stack:
        for _ in range(4):
            place = ("localhost", site.server.port)
            client = stack.enter_context(socket.create_connection(place, timeout=10))
            client.sendall(HALF)
        time.sleep(0.5)


EVERYWHERE: dict[str, Attack] = {
    "kill -9 of a worker": kill_a_worker,
    "kill -9 of the master": kill_the_master,
    "SIGTERM and start": restart,
    "full disk": fill_the_disk,
    "clients that stop half-way": stop_half_way,
}
ATTACKS: dict[str, dict[str, Attack]] = {
    "SQLite": EVERYWHERE | {"locked database": lock_the_database},
    "PostgreSQL": EVERYWHERE
    | {
        "PostgreSQL stopped": stop_postgresql,
        "no connection left": take_all_connections,
    },
}

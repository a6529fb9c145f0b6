"""The site and the floor, each in gunicorn with production settings."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dj_database_url
import psycopg

from tests import postgresql
from tests.processes import children
from tests.production.deployment import Deployment, deploy

TICK = os.sysconf("SC_CLK_TCK")


class Floor(Deployment):
    def procfile(self, name: str) -> str:
        return "gunicorn benchmarks.bench.floor"


@contextmanager
def servers(database: str) -> Iterator[dict[str, tuple[int, int]]]:
    """Yield the port and the process id of the site and of the floor."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        urls = stack.enter_context(DATABASES[database](folder))
        site = deploy(folder / "site")
        floor = Floor(site.folder, site.environment)
        site.run(site.procfile("release"), DATABASE_URL=urls["site"])
        site.run("python -m benchmarks.bench.floor", DATABASE_URL=urls["floor"])
        started = {}
        for name, deployment in {"site": site, "floor": floor}.items():
            server = stack.enter_context(
                deployment.serve(DATABASE_URL=urls[name], TRUSTED_PROXIES="1")
            )
            started[name] = server.port, server.pid
        yield started


@contextmanager
def sqlite(folder: Path) -> Iterator[dict[str, str]]:
    yield {name: f"sqlite:///{folder}/{name}.sqlite3" for name in ("site", "floor")}


@contextmanager
def postgres(_folder: Path) -> Iterator[dict[str, str]]:
    with postgresql.server() as url:
        config = dj_database_url.parse(url)
        host = config["OPTIONS"]["host"]
        with psycopg.connect(
            host=host, user="test", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute("CREATE DATABASE floor")
        yield {"site": url, "floor": url.replace("/postgres?", "/floor?")}


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgres}


def processor_milliseconds(pid: int) -> float:
    """Return the processor time of a process and its children that run."""
    ticks = 0
    for process in [pid, *children(pid)]:
        # The name in the second field can have spaces.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / TICK

"""The commands of README's 'Backup and restore', run as they stand there."""

import hashlib
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme

from tests import postgresql
from tests.production.deployment import PROJECT, Deployment, Server

README = (PROJECT / "README.md").read_text()
SECTION = re.search(r"(?ms)^## Backup and restore\n(.*?)^## ", README)
THREE = (PROJECT / "data/three.png").read_bytes()
Rows = Iterable[tuple[Any, ...]]


def commands(*words: str) -> str:
    """Return the commands of the section that contain one of the words."""
    assert SECTION is not None
    lines = re.findall(r"(?m)^ {4}(.+)$", SECTION[1])
    found = [line for line in lines if any(word in line for word in words)]
    assert len(found) == len(words), found
    return "\n".join(found)


def run(command: str, folder: Path, **environment: str) -> None:
    """Run commands as a shell does, with the database client of the server's version."""
    binaries = postgresql.find_binaries()
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        env={"PATH": f"{binaries}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def send(site: Server) -> str:
    answer = site.send(THREE)
    assert answer.status == 200, site.log.read_text()
    return str(answer.json()["id"])


def checksums(tables: Iterable[str], select: Callable[[str], Rows]) -> dict[str, Any]:
    """Return how many rows each table has, and a checksum over all of them."""
    found = {}
    for table in tables:
        rows = sorted(repr(row) for row in select(f'SELECT * FROM "{table}"'))
        found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def on_sqlite(file: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return checksums([name for (name,) in tables], database.execute)


def on_postgresql(url: str) -> dict[str, Any]:
    with psycopg.connect(url) as server:
        tables = server.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return checksums(
            [name for (name,) in tables], lambda query: server.execute(query.encode())
        )


@pytest.fixture
def python(tmp_path: Path, deployment: Deployment) -> Path:
    """The folder in which the commands run, with Python where README says it is."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(deployment.python)
    return tmp_path


def test_a_backup_of_sqlite_restores_everything(
    deployment: Deployment, authority: trustme.CA, python: Path
) -> None:
    folder, file = python, python / "db.sqlite3"
    url = f"sqlite:///{file}"
    deployment.run(deployment.procfile("release"), DATABASE_URL=url)
    with deployment.serve(authority, DATABASE_URL=url) as site:
        drawings = [send(site) for _ in range(3)]
        before = on_sqlite(file)
        run(commands("VACUUM INTO"), folder)
        send(site)  # and is not in the backup
    file.unlink()
    run(commands("rm -f", "cp "), folder)
    assert on_sqlite(file) == before
    assert_complete(deployment, authority, url, drawings, before)


def test_a_backup_of_postgresql_restores_everything(
    deployment: Deployment, authority: trustme.CA, tmp_path: Path
) -> None:
    with postgresql.server() as url:
        deployment.run(deployment.procfile("release"), DATABASE_URL=url)
        with deployment.serve(authority, DATABASE_URL=url) as site:
            drawings = [send(site) for _ in range(3)]
            before = on_postgresql(url)
            run(commands("pg_dump"), tmp_path, DATABASE_URL=url)
            send(site)  # and is not in the backup
        with psycopg.connect(url) as server:
            server.execute("DROP SCHEMA public CASCADE")
            server.execute("CREATE SCHEMA public")
        run(commands("pg_restore"), tmp_path, DATABASE_URL=url)
        assert on_postgresql(url) == before
        assert_complete(deployment, authority, url, drawings, before)


def assert_complete(
    deployment: Deployment,
    authority: trustme.CA,
    url: str,
    drawings: list[str],
    before: dict[str, Any],
) -> None:
    """The drawings are shown, no migration is missing, and a new one can be stored."""
    assert before["recognizer_submission"][0] == len(drawings) == 3
    deployment.run("python manage.py migrate --check", DATABASE_URL=url)
    with deployment.serve(authority, DATABASE_URL=url) as site:
        shown = {site.ask(f"/s/{drawing}/").status for drawing in drawings}
        assert shown == {200}
        send(site)

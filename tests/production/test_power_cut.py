"""What was acknowledged is there after a power cut, on SQLite."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.production.deployment import Deployment


@pytest.fixture
def folder(tmp_path: Path, deployment: Deployment) -> Path:
    """A database as a power cut would leave it: `after/` has the synced files."""
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        shutil.copy(deployment.folder / "db.sqlite3", tmp_path / name)
    return tmp_path


def acknowledge(deployment: Deployment, folder: Path, *statements: str) -> Any:
    """Send, claim and delete in a process that ends without closing the database."""
    url = f"sqlite:///{folder}/before/db.sqlite3"
    arguments = " ".join(f"'{statement}'" for statement in statements)
    command = f"python -m tests.production.acknowledge {folder}/after {arguments}"
    return json.loads(deployment.run(command, DATABASE_URL=url).splitlines()[-1])


def after_the_power_cut(folder: Path) -> dict[str, int | None]:
    """Return the claims of the drawings in the synced files."""
    with closing(sqlite3.connect(folder / "after/db.sqlite3")) as database:
        return dict(database.execute("SELECT uuid, claim FROM recognizer_submission"))


def test_no_acknowledged_drawing_claim_or_deletion_is_lost(
    deployment: Deployment, folder: Path
) -> None:
    acknowledged = acknowledge(deployment, folder)
    assert len(acknowledged) == 5
    assert after_the_power_cut(folder) == acknowledged


def test_without_a_sync_at_every_commit_they_would_be_lost(
    deployment: Deployment, folder: Path
) -> None:
    acknowledged = acknowledge(deployment, folder, "PRAGMA synchronous=NORMAL")
    assert after_the_power_cut(folder) != acknowledged

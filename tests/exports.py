"""Exports for tests: drawings that differ, and what is in the ZIP."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.core.management import call_command

from recognizer.exchange.layout import TABLES
from recognizer.models import Submission
from recognizer.reading.pictures import encode_png
from tests.drawings import board, glyph_of
from tests.factories import make_submission


def make_drawing(digit: str = "7", pen: float = 12, **kwargs: Any) -> Submission:
    """A submission with a picture of its own, and the glyph of it."""
    picture = board(digit, pen)
    answer = {"glyph": glyph_of(picture).tobytes()} | kwargs.pop("answer", {})
    return make_submission(picture=encode_png(picture), answer=answer, **kwargs)


def export(path: Path, *options: str) -> ZipFile:
    call_command("export_drawings", "--out", str(path), *options)
    return ZipFile(path)


def table(archive: ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("drawings.csv").decode())))


def ids(archive: ZipFile) -> list[str]:
    return [row["id"] for row in table(archive)]


def altered(path: Path, target: Path, **contents: bytes | None) -> Path:
    """Write an export once more, with other contents for some files, None to leave out.

    Checksums of the altered tables are put right, so that other checks are reached.
    """
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    for name, content in contents.items():
        if name in TABLES and content is not None:
            manifest["sha256"][name] = hashlib.sha256(content).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()
    changed: dict[str, bytes | None] = {**files, **contents}
    write(target, ((name, data) for name, data in changed.items() if data is not None))
    return target


def write(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with ZipFile(path, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)

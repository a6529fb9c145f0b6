import os
import stat
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import IntegrityError
from tqdm import tqdm

from recognizer.exchange.errors import ExchangeError
from recognizer.exchange.imports import Details, Importer, PictureFile, Tally
from recognizer.exchange.label_names import LABELS
from recognizer.exchange.layout import picture_name
from recognizer.exchange.zip_reader import ExportFile, open_export
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import drawings
from recognizer.management.progress import progress
from recognizer.management.users import find_user
from recognizer.reading.model_files import ModelError


class Command(CommandWithExamples):
    help = (
        "Store drawings from an export of another site, or from folders that are named "
        "0 to 9, not_a_digit, several or cannot_tell. The active model reads each of "
        "them. A picture that is stored already is passed over."
    )

    examples = """\
  manage.py import_drawings drawings.zip
  manage.py import_drawings scans/ --by anna
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            type=Path,
            metavar="FILE.zip|FOLDER",
            help="an export, or a folder with one folder for each label",
        )
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="who is named in the history of the labels; default: nobody",
        )

    def handle(self, **options: Any) -> None:
        by = find_user(options["by"]) if options["by"] else None
        importer = Importer(by, tell)
        try:
            store_all(importer, options["path"])
        except (ExchangeError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        except IntegrityError as error:
            raise CommandError(
                "Another import is storing the same drawings. Run this one again later."
            ) from error
        self.stdout.write(summary(importer.tally))


def store_all(importer: Importer, path: Path) -> None:
    """Store the drawings of an export or of a folder. Raises ExchangeError."""
    if path.is_dir():
        files = list(labelled_files(path))
        for stray in stray_files(path):
            tell(f"{stray}: It was left out, because it is in no folder of a label.")
        importer.store(progress(read_files(importer, files), len(files)))
        return
    with open_export(path) as export:
        total = export.manifest["counts"]["drawings"]
        importer.store(progress(exported_files(export), total))


def exported_files(export: ExportFile) -> Iterator[PictureFile]:
    """Yield the drawings of an export."""
    for row in export.rows():
        details = Details(row.label, row.claim, row.id, row.kept_aside, row.created)
        yield PictureFile(picture_name(row.id), export.picture(row.id), details)


def labelled_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield all files below the folders that are named by labels, with the labels.

    Raises ExchangeError where there is no such folder, and where there is another one.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    visible = [path for path in folders if not path.name.startswith(".")]
    others = [path.name for path in visible if path.name not in LABELS]
    if others or not visible:
        what = f"The folder {others[0]!r} is not" if others else "There is no folder"
        raise ExchangeError(
            f"{folder}: {what} named by a label. The folders are named 0 to 9, "
            "not_a_digit, several and cannot_tell."
        )
    for labelled in visible:
        for path in files_below(labelled):
            yield path, LABELS[labelled.name]


def stray_files(folder: Path) -> list[Path]:
    """Return the files beside the folders that are named by labels."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in files if not path.name.startswith(".")]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in a fixed order, without hidden ones.

    Links to folders are not followed. Raises OSError for a folder that cannot be read.
    """
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place, name)


def _raise(error: OSError) -> None:
    raise error


def read_files(
    importer: Importer, files: Iterable[tuple[Path, int]]
) -> Iterator[PictureFile]:
    """Read the files, and count those that cannot be read."""
    for path, label in files:
        try:
            yield PictureFile(str(path), read_file(path), Details(label))
        except OSError as error:
            importer.tally.unreadable += 1
            tell(f"{path}: {error.strerror}.")


def read_file(path: Path) -> bytes:
    """Return the bytes of a file. One more than is allowed is enough to be refused."""
    if not stat.S_ISREG(path.stat().st_mode):
        return b""  # a device or a pipe might never end
    with path.open("rb") as file:
        return file.read(settings.PICTURE_MAX_BYTES + 1)


def tell(message: str) -> None:
    """Write a line to standard error, above the progress bar."""
    tqdm.write(message, file=sys.stderr)


def summary(tally: Tally) -> str:
    return (
        f"{drawings(tally.stored)} stored. Not stored: {tally.repeated} that were there "
        f"already, {tally.blank} blank, {tally.unreadable} that cannot be read."
    )

"""Pictures in files and folders, for the commands that read them."""

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from django.conf import settings

from recognizer.reading.pictures import Grey, PictureError
from recognizer.uploads import read_upload

STDIN = "-"
SUFFIXES = {".png", ".jpg", ".jpeg"}


def load_picture(path: str) -> Grey:
    """Return the picture in a file. Raises PictureError when it cannot be read."""
    try:
        return read_upload(read_bytes(path))
    except OSError as error:
        reason = reason_of(error)
        raise PictureError("unreadable", "%(reason)s", reason=reason) from error


def reason_of(error: OSError) -> str:
    return f"{error.strerror or error}."


def read_bytes(path: str) -> bytes:
    """Return a file's bytes, at most one more than the limit."""
    size = settings.PICTURE_MAX_BYTES + 1
    if path == STDIN:
        return sys.stdin.buffer.read(size)
    if is_folder(path) and os.access(path, os.R_OK | os.X_OK):
        raise PictureError(
            "empty-folder", "There is no PNG or JPEG file in this folder or below it."
        )
    with Path(path).open("rb") as file:
        return file.read(size)


def is_folder(path: str) -> bool:
    # Unlike pathlib, this returns False for a name that is too long or cannot be
    # reached.
    return os.path.isdir(path)  # noqa: PTH112


def find_pictures(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if path != STDIN and is_folder(path):
            yield from find_in_folder(path)
        else:
            yield path


def find_in_folder(folder: str) -> Iterator[str]:
    """Yield the pictures below a folder in order, or the folder if it has none."""
    found = walk(folder)
    first = next(found, folder)
    return chain([first], found)


def walk(folder: str) -> Iterator[str]:
    """Yield the pictures below a folder. Links to folders can form loops: skip them."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=by_path)
    except OSError:
        yield folder  # reading it will say what is wrong
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif is_picture_name(entry.name) and not is_folder(entry.path):
            yield entry.path


def by_path(entry: os.DirEntry[str]) -> str:
    """Return the sort key of an entry: in a path, a slash follows a folder's name."""
    is_real_folder = entry.is_dir(follow_symlinks=False)
    return entry.name + "/" if is_real_folder else entry.name


def is_picture_name(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES

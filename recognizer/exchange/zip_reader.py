"""Read the ZIP of an export, which may be damaged or made to do harm.

Nothing is unpacked to the disk, and nothing is given out before all of it is checked.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from recognizer.exchange.errors import ExchangeError
from recognizer.exchange.idx import idx_header, read_idx
from recognizer.exchange.layout import (
    FORMAT,
    FORMAT_VERSION,
    GLYPHS,
    IDS,
    LABELS,
    MANIFEST,
    TABLE,
    TABLES,
    is_in_idx,
    picture_name,
)
from recognizer.exchange.tables import COLUMNS, Row, parse_row, read_table
from recognizer.reading.glyphs import GLYPH_SIDE, PREPROCESSING_VERSION, make_glyph
from recognizer.reading.pictures import PictureError, read_picture

BLOCK = 1 << 16
MAX_PICTURE = 10_000_000  # bytes
MAX_MANIFEST = 100_000  # bytes
MAX_LINE = 500  # bytes of the table for each drawing
MAX_RATIO = 100  # of what is in the ZIP to the ZIP itself
# What zipfile raises when a ZIP is damaged
_DAMAGED = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class LabelledGlyphs(NamedTuple):
    """The labelled drawings of an export, without those labelled 'cannot tell'.

    `glyphs`: N x 28 x 28 uint8, 0 paper to 255 ink. `labels`: N int32, classes 0 to 11.
    `kept_aside`: N bool; no model may learn from those. `manifest`: counts and checksums.
    """

    glyphs: NDArray[np.uint8]
    labels: NDArray[np.int32]
    kept_aside: NDArray[np.bool_]
    manifest: dict[str, Any]


class ExportFile:
    """An export that has been checked: its rows, its pictures and its manifest."""

    def __init__(self, archive: ZipFile, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self._archive = archive

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the table, in its order. Raises ExchangeError."""
        with _errors_about(TABLE), self._archive.open(TABLE) as lines:
            for number, cells in read_table(lines, COLUMNS):
                try:
                    yield parse_row(cells)
                except ExchangeError as error:
                    raise ExchangeError(f"Line {number}: {error}") from error

    def read(self, name: str) -> bytes:
        """Return the bytes of a file in the ZIP. Raises ExchangeError."""
        with _errors_about(name):
            return self._archive.read(name)

    def picture(self, uuid: UUID) -> bytes:
        """Return the bytes of a drawing's picture. Raises ExchangeError."""
        return self.read(picture_name(uuid))


def read_export(path: Path) -> LabelledGlyphs:
    """Return the labelled glyphs of an export. Raises ExchangeError.

    Where the export was made with another version of the preprocessing, its glyphs are
    made anew from the pictures. Drawings in which that finds no ink are left out.
    """
    with open_export(path) as export:
        if export.manifest["preprocessing_version"] == PREPROCESSING_VERSION:
            return _read_glyphs(export)
        return _make_glyphs(export)


@contextmanager
def open_export(path: Path) -> Iterator[ExportFile]:
    """Open an export and check all of it. Raises ExchangeError, with the file's name."""
    try:
        with _errors_about(path.name):
            archive = ZipFile(path)
    except ExchangeError as error:
        raise ExchangeError(f"{path}: {_why_no_zip(path)}") from error
    with archive:
        try:
            _check_entries(archive)
            export = ExportFile(archive, _read_manifest(archive))
            _check_tables(export, archive)
            _check_pictures(export, archive)
        except ExchangeError as error:
            raise ExchangeError(f"{path}: {error}") from error
        yield export


def _why_no_zip(path: Path) -> str:
    try:
        with path.open("rb"):
            return "This is not a ZIP file, or it is damaged or cut short."
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."


def _check_entries(archive: ZipFile) -> None:
    """Check names and sizes by the directory of the ZIP, before anything is unpacked."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if MANIFEST not in names:
        raise ExchangeError(f"This is not an export of drawings: no {MANIFEST} in it.")
    for name in TABLES:
        if name not in names:
            raise ExchangeError(f"The file {name} is missing in it.")
    if len(names) != len(entries):
        raise ExchangeError("Two files in it have the same name.")
    for entry in entries:
        _check_entry(entry, len(entries))
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_RATIO * packed:
        raise ExchangeError(f"It unpacks to more than {MAX_RATIO} times its size.")


def _check_entry(entry: ZipInfo, count: int) -> None:
    name = entry.filename
    if name not in (MANIFEST, *TABLES) and not _is_picture_name(name):
        raise ExchangeError(f"The file {name[:80]!r} does not belong into an export.")
    largest = {
        MANIFEST: MAX_MANIFEST,
        TABLE: MAX_LINE * count,
        GLYPHS: len(idx_header(0, 0, 0)) + GLYPH_SIDE**2 * count,
        LABELS: len(idx_header(0)) + count,
        IDS: MAX_LINE * count,
    }
    if entry.file_size > largest.get(name, MAX_PICTURE):
        raise ExchangeError(f"The file {name} is too large.")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or entry.flag_bits & 1:
        raise ExchangeError(f"The file {name} is encrypted or packed in another way.")


def _is_picture_name(name: str) -> bool:
    uuid = name.removeprefix("pictures/").removesuffix(".png")
    try:
        return name == picture_name(UUID(uuid))
    except ValueError:
        return False


def _read_manifest(archive: ZipFile) -> dict[str, Any]:
    """Return the manifest, after a check that all that is used of it is there."""
    with _errors_about(MANIFEST):
        data = archive.read(MANIFEST)
    try:
        manifest = json.loads(data)
        is_export = manifest["format"] == FORMAT
        version = manifest["format_version"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ExchangeError(f"The file {MANIFEST} is damaged.") from error
    if not is_export:
        raise ExchangeError("This is not an export of drawings.")
    if version != FORMAT_VERSION:
        raise ExchangeError(
            f"It was written in version {str(version)[:20]} of the format. "
            f"This program reads version {FORMAT_VERSION}."
        )
    try:
        manifest["preprocessing_version"], manifest["sha256_of_pictures"]
        is_complete = isinstance(manifest["counts"]["drawings"], int)
        is_complete &= isinstance(manifest["counts"]["in_idx"], int)
        is_complete &= set(manifest["sha256"]) == set(TABLES)
    except (LookupError, TypeError):
        is_complete = False
    if not is_complete:
        raise ExchangeError(f"The file {MANIFEST} is not complete.")
    return dict(manifest)


def _check_tables(export: ExportFile, archive: ZipFile) -> None:
    for name in TABLES:
        checksum = hashlib.sha256()
        with _errors_about(name), archive.open(name) as file:
            while block := file.read(BLOCK):
                checksum.update(block)
        if checksum.hexdigest() != export.manifest["sha256"][name]:
            raise ExchangeError(f"The file {name} is not as it was exported.")


def _check_pictures(export: ExportFile, archive: ZipFile) -> None:
    """Check that the table and the pictures belong together."""
    missing = {name for name in archive.namelist() if _is_picture_name(name)}
    count = len(missing)
    checksum = hashlib.sha256()
    for row in export.rows():
        name = picture_name(row.id)
        if name not in missing:
            raise ExchangeError(f"The picture of {row.id} is missing, or listed twice.")
        missing.remove(name)
        checksum.update(export.read(name))
    if missing:
        raise ExchangeError(f"The table does not list {min(missing)}.")
    if checksum.hexdigest() != export.manifest["sha256_of_pictures"]:
        raise ExchangeError("The pictures are not as they were exported.")
    if count != export.manifest["counts"]["drawings"]:
        raise ExchangeError("It does not hold as many drawings as its manifest says.")


def _read_glyphs(export: ExportFile) -> LabelledGlyphs:
    count = export.manifest["counts"]["in_idx"]
    glyphs = read_idx(export.read(GLYPHS), count, GLYPH_SIDE, GLYPH_SIDE)
    labels = read_idx(export.read(LABELS), count).astype(np.int32)
    rows = {str(row.id): row for row in export.rows() if is_in_idx(row.label)}
    ids = export.read(IDS).decode(errors="replace").split()
    if len(ids) != count or not set(ids) <= set(rows):
        raise ExchangeError(f"{IDS} does not belong to the other files.")
    if labels.tolist() != [rows[uuid].label for uuid in ids]:
        raise ExchangeError(f"{LABELS} and {TABLE} hold different labels.")
    kept_aside = np.array([rows[uuid].kept_aside for uuid in ids], np.bool_)
    return LabelledGlyphs(glyphs, labels, kept_aside, export.manifest)


def _make_glyphs(export: ExportFile) -> LabelledGlyphs:
    glyphs, labels, kept_aside = [], [], []
    for row in export.rows():
        if not is_in_idx(row.label):
            continue
        try:
            glyph = make_glyph(read_picture(export.picture(row.id)))
        except PictureError as error:
            raise ExchangeError(f"{picture_name(row.id)}: {error}") from error
        if glyph is not None:
            glyphs.append(glyph)
            labels.append(row.label)
            kept_aside.append(row.kept_aside)
    return LabelledGlyphs(
        np.array(glyphs, np.uint8).reshape(-1, GLYPH_SIDE, GLYPH_SIDE),
        np.array(labels, np.int32),
        np.array(kept_aside, np.bool_),
        export.manifest,
    )


@contextmanager
def _errors_about(name: str) -> Iterator[None]:
    """Turn what goes wrong while a file in the ZIP is read into an ExchangeError."""
    try:
        yield
    except ExchangeError as error:
        raise ExchangeError(f"{name}: {error}") from error
    except _DAMAGED as error:
        raise ExchangeError(f"The file {name} is damaged.") from error

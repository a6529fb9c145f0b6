"""Write an export as a ZIP, piece by piece: memory does not grow with the drawings.

The same drawings in the same order give the same bytes: no date and no name of this
machine is in them.
"""

import csv
import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from recognizer.exchange.idx import idx_header
from recognizer.exchange.label_names import NAMES
from recognizer.exchange.layout import (
    FORMAT,
    FORMAT_VERSION,
    GLYPHS,
    IDS,
    LABELS,
    LABELS_IN_WORDS,
    MANIFEST,
    TABLE,
    TABLES,
    is_in_idx,
    picture_name,
)
from recognizer.exchange.tables import COLUMNS, Row, format_row
from recognizer.exchange.zip_stream import BLOCK, ZipStream
from recognizer.reading.glyphs import GLYPH_SIDE, PREPROCESSING_VERSION


@dataclass(frozen=True)
class ExportedDrawing:
    """A drawing as it is exported.

    `picture`: the bytes of a PNG. `glyph`: the 784 bytes of the glyph of
    PREPROCESSING_VERSION, empty when that finds no ink.
    """

    row: Row
    picture: bytes
    glyph: bytes


def write_zip(drawings: Iterable[ExportedDrawing]) -> Iterator[bytes]:
    """Yield the bytes of the ZIP, in blocks of 64 kB or more but for the last."""
    waiting = bytearray()
    for piece in _pieces(drawings):
        waiting += piece
        if len(waiting) >= BLOCK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _pieces(drawings: Iterable[ExportedDrawing]) -> Iterator[bytes]:
    with ExitStack() as closing:
        directory = closing.enter_context(TemporaryFile())
        archive = ZipStream(directory)
        tables = closing.enter_context(_Tables())
        for drawing in drawings:
            name = picture_name(drawing.row.id)
            yield from _whole_entry(archive, name, drawing.picture)
            tables.add(drawing)
        checksums = {}
        for name, header, file in tables.files():
            checksum, crc = hashlib.sha256(), 0
            for block in _blocks(header, file):
                checksum.update(block)
                crc = zlib.crc32(block, crc)
            checksums[name] = checksum.hexdigest()
            size = len(header) + file.tell()
            yield from archive.entry(name, _blocks(header, file), size, crc)
        manifest = json.dumps(tables.manifest(checksums), indent=2) + "\n"
        yield from _whole_entry(archive, MANIFEST, manifest.encode())
        yield from archive.end()


class _Tables:
    """The files beside the pictures, on the disk until the pictures are written.

    A ZIP is written one entry after the other.
    """

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        for name in TABLES:
            file = self._closing.enter_context(TemporaryFile())  # noqa: SIM115
            self._files[name] = file
        self._write_cells(COLUMNS)
        self._pictures = hashlib.sha256()
        self._by_label: Counter[int | None] = Counter()
        self._kept_aside = 0
        self._in_idx = 0

    def __enter__(self) -> "_Tables":
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def add(self, drawing: ExportedDrawing) -> None:
        row = drawing.row
        self._write_cells(format_row(row))
        self._pictures.update(drawing.picture)
        self._by_label[row.label] += 1
        self._kept_aside += row.kept_aside
        if row.label is not None and is_in_idx(row.label) and drawing.glyph:
            self._in_idx += 1
            self._files[GLYPHS].write(drawing.glyph)
            self._files[LABELS].write(bytes([row.label]))
            self._files[IDS].write(f"{row.id}\n".encode())

    def files(self) -> Iterator[tuple[str, bytes, IO[bytes]]]:
        """Yield the name, the first bytes and the rest of each file."""
        headers = {
            GLYPHS: idx_header(self._in_idx, GLYPH_SIDE, GLYPH_SIDE),
            LABELS: idx_header(self._in_idx),
        }
        for name, file in self._files.items():
            yield name, headers.get(name, b""), file

    def manifest(self, checksums: dict[str, str]) -> dict[str, Any]:
        count = self._by_label.total()
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "preprocessing_version": PREPROCESSING_VERSION,
            "labels": LABELS_IN_WORDS,
            "counts": {
                "drawings": count,
                "labelled": count - self._by_label[None],
                "kept_aside": self._kept_aside,
                "in_idx": self._in_idx,
                "by_label": {NAMES[label]: self._by_label[label] for label in NAMES},
            },
            "sha256": checksums,
            # Of all pictures one after the other, in the order of the table
            "sha256_of_pictures": self._pictures.hexdigest(),
        }

    def _write_cells(self, cells: Iterable[str]) -> None:
        line = io.StringIO(newline="")
        csv.writer(line).writerow(cells)
        self._files[TABLE].write(line.getvalue().encode())


def _whole_entry(archive: ZipStream, name: str, content: bytes) -> Iterator[bytes]:
    return archive.entry(name, [content], len(content), zlib.crc32(content))


def _blocks(header: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield header
    file.seek(0)
    while block := file.read(BLOCK):
        yield block

"""Write a ZIP as a stream, with its directory on the disk until the end.

Python's zipfile keeps a kilobyte in memory for each entry. The format is that of PKWARE's
APPNOTE 6.3.10: entries are stored as they are, and ZIP64 is used where it must be.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import IO

BLOCK = 1 << 16
_NOT_TOLD = 0xFFFFFFFF  # stands for a number that ZIP64 tells elsewhere
_MOST_ENTRIES = 0xFFFF
_VERSION = 45  # of the format: the first with ZIP64
_MADE_ON_UNIX = 3 << 8 | _VERSION
_DAY = 1 << 5 | 1  # 1980-01-01: the time of writing would change the bytes
_MODE = 0o100644 << 16


class ZipStream:
    """Gives out the bytes of a ZIP, to be sent or written in their order.

    `directory` is an empty file, open for reading and writing.
    """

    def __init__(self, directory: IO[bytes]) -> None:
        self._directory = directory
        self._count = 0
        self._offset = 0

    def entry(
        self, name: str, content: Iterable[bytes], size: int, crc: int
    ) -> Iterator[bytes]:
        """Yield an entry. `size` and `crc` (CRC-32) are those of the whole content."""
        short = min(size, _NOT_TOLD)
        about = (0, 0, 0, _DAY, crc, short, short, len(name.encode()))
        local = _zip64(size, size)
        central = _zip64(size, size, self._offset)
        yield struct.pack("<4s5H3I2H", b"PK\3\4", _VERSION, *about, len(local))
        yield name.encode() + local
        yield from content
        self._directory.write(
            struct.pack("<4s6H3I", b"PK\1\2", _MADE_ON_UNIX, _VERSION, *about[:-1])
            + struct.pack("<5H", about[-1], len(central), 0, 0, 0)
            + struct.pack("<2I", _MODE, min(self._offset, _NOT_TOLD))
            + name.encode()
            + central
        )
        self._count += 1
        self._offset += 30 + len(name.encode()) + len(local) + size

    def end(self) -> Iterator[bytes]:
        """Yield the directory, with which a ZIP ends."""
        size = self._directory.tell()
        self._directory.seek(0)
        while block := self._directory.read(BLOCK):
            yield block
        count, offset = self._count, self._offset
        if count >= _MOST_ENTRIES or max(size, offset) >= _NOT_TOLD:
            versions = (44, _MADE_ON_UNIX, _VERSION)
            numbers = (0, 0, count, count, size, offset)
            yield struct.pack("<4sQ2H2I4Q", b"PK\6\6", *versions, *numbers)
            yield struct.pack("<4sIQI", b"PK\6\7", 0, offset + size, 1)
        count = min(count, _MOST_ENTRIES)
        short = (min(size, _NOT_TOLD), min(offset, _NOT_TOLD))
        yield struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, *short, 0)


def _zip64(*numbers: int) -> bytes:
    """Return the extra field with those numbers that are too large for their places."""
    large = [number for number in numbers if number >= _NOT_TOLD]
    if not large:
        return b""
    return struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large)

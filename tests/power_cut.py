"""Keep a copy of every file of SQLite as it was when it was last synced to the disk.

That is all that a power cut is certain to leave. `save_synced_files` changes SQLite's
table of functions in this process: https://www.sqlite.org/c3ref/vfs.html and
https://www.sqlite.org/c3ref/io_methods.html.
"""

import _sqlite3
import ctypes
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Words = ctypes.POINTER(ctypes.c_void_p)
# Positions in the structures, in pointers. The three integers at the start of
# sqlite3_vfs take two.
X_OPEN, X_SYNC, IO_METHODS = 5, 5, 19
Open = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    Words,
    ctypes.c_int,
    ctypes.c_void_p,
)
Sync = ctypes.CFUNCTYPE(ctypes.c_int, Words, ctypes.c_int)
_kept: list[Any] = []  # SQLite calls these until the process ends


def save_synced_files(folder: Path) -> None:
    """Copy each file of databases that are opened from now on when it is synced."""
    vfs = _default_vfs()
    original = Open(vfs[X_OPEN])

    def open_file(vfs: int, name: int | None, file: Any, flags: int, out: int) -> int:
        result: int = original(vfs, name, file, flags, out)
        if result == 0 and name:
            _replace_sync(file, Path(os.fsdecode(ctypes.string_at(name))), folder)
        return result

    vfs[X_OPEN] = _pointer(Open(open_file))


def _default_vfs() -> Any:
    # The functions of the SQLite that Python uses, in the module itself or linked to it
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = Words
    return library.sqlite3_vfs_find(None)


def _replace_sync(file: Any, path: Path, folder: Path) -> None:
    """Give an open file functions of its own, of which one saves a copy."""
    methods = ctypes.cast(file[0], Words)
    own = (ctypes.c_void_p * IO_METHODS)(*methods[:IO_METHODS])
    original = Sync(methods[X_SYNC])

    def sync(file: Any, flags: int) -> int:
        result: int = original(file, flags)
        shutil.copyfile(path, folder / path.name)
        return result

    own[X_SYNC] = _pointer(Sync(sync))
    _kept.append(own)
    file[0] = ctypes.addressof(own)


def _pointer(function: "Callable[..., int]") -> int | None:
    _kept.append(function)
    return ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]

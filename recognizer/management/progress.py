import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(drawings: Iterable[T], total: int | None = None) -> "tqdm[T]":
    """Show on standard error how many drawings have been gone through.

    In a log the line is written every ten seconds.
    """
    interval = 0.1 if sys.stderr.isatty() else 10
    return tqdm(drawings, total=total, unit=" drawings", mininterval=interval)


def progress_bar(total: int) -> "tqdm[int]":
    """Return a bar for drawings that come in batches: update it with their numbers."""
    return progress(range(0), total)

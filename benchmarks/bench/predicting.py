"""`predict` over 10,000 PNGs: time, and the memory of the largest process."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench.drawings import pngs
from benchmarks.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 1_000, 10_000
HALF = 3.2 / 2  # ms: half of what one process took before there were several
MORE = 10  # MB that ten times as many pictures may take


def rows() -> Iterator[Row]:
    _clock, _processor, few = predict(FEW)
    clock, processor, many = predict(MANY)
    each = f"`predict`, each of {MANY:,} pictures"
    yield Row(f"{each}, clock", 1000 * clock / MANY, HALF)
    # What the clock would say if nothing else ran on the machine
    cores = os.cpu_count() or 1
    yield Row(
        f"{each}, processor time on each core", 1000 * processor / cores / MANY, HALF
    )
    yield Row(f"`predict`, memory: against {FEW:,} pictures", many, few + MORE, "MB")


def predict(count: int) -> tuple[float, float, float]:
    """Return the seconds for some pictures, by the clock and of processor time.

    The third number is the memory of the largest process in MB.
    """
    with TemporaryDirectory() as folder:
        for number in range(count):
            picture = pngs()[number % len(pngs())]
            Path(folder, f"{number:05}.png").write_bytes(picture)
        command = [sys.executable, "manage.py", "predict", "--json", folder]
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("predict failed.")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

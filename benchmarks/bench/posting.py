"""`POST /` beside its floor: a bare form, and decoding, glyph and reading.

The site and the floor run in gunicorn with the same settings and take turns.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from benchmarks.bench.browsers import Browser, send_all
from benchmarks.bench.drawings import parts
from benchmarks.bench.rows import Row
from benchmarks.bench.servers import DATABASES, processor_milliseconds, servers
from benchmarks.bench.timing import milliseconds

ROUNDS = 5
DRAWINGS = 240  # in a round, by all connections together
CONNECTIONS = (1, 16)
TIMES_FLOOR = 1.3
WORKERS = min(2, os.cpu_count() or 1)  # that compute at the same time
# What a drawing took before: of a core on SQLite, and by the clock on PostgreSQL.
BEFORE = {("SQLite", "processor"): 12.0, ("PostgreSQL", "clock"): 17.0}

Times = dict[tuple[str, int, str], float]


def rows() -> Iterator[Row]:
    for database in DATABASES:
        times, reading = measure(database)
        for connections in CONNECTIONS:
            for kind in ("clock", "processor"):
                yield row(database, connections, kind, times, reading)
        for (name, kind), before in BEFORE.items():
            if name == database:
                what = f"`POST /`, {database}, 1 connection, {kind}: half of before"
                yield Row(what, times["site", 1, kind], before / 2)


def row(
    database: str, connections: int, kind: str, times: Times, reading: float
) -> Row:
    """Return a row. By the clock, the workers read drawings at the same time."""
    at_once = WORKERS if kind == "clock" and connections > 1 else 1
    floor = times["floor", connections, kind] + reading / at_once
    plural = "" if connections == 1 else "s"
    what = f"`POST /`, {database}, {connections} connection{plural}, {kind}"
    return Row(what, times["site", connections, kind], TIMES_FLOOR * floor)


def measure(database: str) -> tuple[Times, float]:
    """Return the milliseconds of a drawing, and of decoding, glyph and reading."""
    samples: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    reading = []
    with servers(database) as started:
        for port, _pid in started.values():
            send(port, CONNECTIONS[-1])  # so that all threads are warm
        for _ in range(ROUNDS):
            reading.append(sum(milliseconds(parts(), rounds=3).values()))
            for connections in CONNECTIONS:
                for name, (port, pid) in started.items():
                    before = processor_milliseconds(pid)
                    clock = send(port, connections)
                    used = processor_milliseconds(pid) - before
                    samples[name, connections, "clock"].append(clock)
                    samples[name, connections, "processor"].append(used / DRAWINGS)
    times = {key: median(values) for key, values in samples.items()}
    return times, median(reading)


def send(port: int, connections: int) -> float:
    """Send drawings over some connections. Return the milliseconds by the clock.

    For one connection, that is the median. For several, it is the time of all, divided
    by their number.
    """
    browsers = [Browser(port) for _ in range(connections)]
    start = time.perf_counter()
    times = send_all(browsers, DRAWINGS // connections)
    total = 1000 * (time.perf_counter() - start)
    for browser in browsers:
        browser.close()
    return median(times) if connections == 1 else total / DRAWINGS

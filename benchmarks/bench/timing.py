"""Processor time of functions, taken in turns so that both sides see the same machine."""

import time
from collections.abc import Callable
from statistics import median

ROUNDS = 31
CALLS = 10  # of each function in a round

Functions = dict[str, Callable[[], object]]


def milliseconds(functions: Functions, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median processor time of a call of each function."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.process_time()
            for _ in range(CALLS):
                function()
            times[name].append(1000 * (time.process_time() - start) / CALLS)
    return {name: median(values) for name, values in times.items()}

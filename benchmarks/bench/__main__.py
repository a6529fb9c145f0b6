"""What takes time, beside the least that it could take. Status 1 if a row is above.

make bench
.venv/bin/python -m benchmarks.bench [reading predicting statements posting]
"""

import sys
from collections.abc import Callable, Iterator

import mnistsite  # noqa: F401 - first: it sets the number of BLAS threads
from benchmarks.bench import posting, predicting, reading, statements
from benchmarks.bench.rows import HEAD, Row

GROUPS: dict[str, Callable[[], Iterator[Row]]] = {
    "reading": reading.rows,
    "predicting": predicting.rows,
    "statements": statements.rows,
    "posting": posting.rows,
}


def main(names: list[str]) -> bool:
    """Print the rows of some groups. Return whether one of them is above its limit."""
    print(HEAD, flush=True)
    is_above = False
    for name in names or GROUPS:
        for row in GROUPS[name]():
            print(row, flush=True)
            is_above |= row.is_above
    return is_above


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

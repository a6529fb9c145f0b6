"""Measure how long one glyph takes in one thread: decoding, making and reading it.

OPENBLAS_NUM_THREADS=1 python benchmarks/time_of_a_glyph.py \\
    data/digits.model data/mnist.model
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recognizer.inference import Classifier
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.pictures import read_picture

PICTURE = Path(__file__).resolve().parent.parent / "data" / "three.png"
ROUNDS = 60
CALLS = 5  # of each function in a round


def milliseconds(functions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the shortest time of a call of each function in all rounds.

    Other work on the machine can only make a round longer.
    """
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(ROUNDS):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(CALLS):
                function()
            times[name].append(1000 * (time.perf_counter() - start) / CALLS)
    return {name: min(values) for name, values in times.items()}


def main(paths: list[Path]) -> None:
    data = PICTURE.read_bytes()
    picture = read_picture(data)
    glyph = make_glyph(picture)
    functions: dict[str, Callable[[], object]] = {
        "decode": partial(read_picture, data),
        "make the glyph": partial(make_glyph, picture),
    }
    for path in paths:
        classifier = Classifier.load(path)
        functions[f"read with {path.name}"] = partial(classifier.read, [glyph])
    for name, duration in milliseconds(functions).items():
        print(f"{name:32}{duration:8.2f} ms")


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])

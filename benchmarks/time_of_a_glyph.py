"""How long one glyph takes, in one thread: the making of it, and the reading by each model.

OPENBLAS_NUM_THREADS=1 python benchmarks/time_of_a_glyph.py data/digits.model data/mnist.model
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

ROUNDS, TURNS = 60, 5


def milliseconds(functions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the shortest time of each function over many rounds: other load only ever adds."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(ROUNDS):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(TURNS):
                function()
            times[name].append(1000 * (time.perf_counter() - start) / TURNS)
    return {name: min(values) for name, values in times.items()}


def main(paths: list[Path]) -> None:
    data = (Path(__file__).resolve().parent.parent / "data/three.png").read_bytes()
    picture = read_picture(data)
    glyph = make_glyph(picture)
    functions: dict[str, Callable[[], object]] = {"decode": lambda: read_picture(data)}
    functions["make the glyph"] = lambda: make_glyph(picture)
    for path in paths:
        functions[f"read with {path.name}"] = partial(
            Classifier.load(path).read, [glyph]
        )
    for name, time_taken in milliseconds(functions).items():
        print(f"{name:32}{time_taken:8.2f} ms")


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])

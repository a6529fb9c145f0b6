"""Whether a round of improvement helps the people whose drawings were learnt.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m benchmarks.improve --data datasets --part final

The visitors are writers of pendigits from whom the model has not learnt, with manners
that it does not know (benchmarks/visitors.py). The model learns 2,000 drawings of two
groups: once with MNIST alone to rehearse with, and once with all data sets.
"""

import argparse
import resource
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.visitors import OTHER_GROUPS, SAME_GROUPS, halves, visit
from recognizer.inference import Classifier
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part, read_part
from recognizer.learning.data.stroke_files import StrokeDrawing
from recognizer.learning.measuring.conditions import AVERAGE
from recognizer.learning.measuring.statistics import mcnemar
from recognizer.learning.measuring.test_sets import TestSet, make_sets
from recognizer.learning.training.improving import Data, Round, improve
from recognizer.reading.glyphs import make_glyph

LEARNT = 1_000  # drawings of each of the two groups
MEASURED = 2_500  # other drawings of each group
NON_DIGITS = ("doodles", "letters", "characters")
SHIPPED = Path(__file__).resolve().parents[1] / "data/digits.model"
HEAD = f"{'':24}{'set':16}{'count':>7}{'wrong %':>9}{'refused %':>11}{'p':>9}"


class Measured(NamedTuple):
    """What a model reads in a set: N bools each."""

    right: NDArray[np.bool_]  # the likeliest digit is the one drawn
    refused: NDArray[np.bool_]  # any verdict but 'digit'


def main() -> None:
    """Measure the model before and after, and print a table."""
    options = _parse()
    part = read_part(options.data, options.part)
    for_learning, for_measuring = halves(part.digits)
    drawings = visit(SAME_GROUPS, for_learning, LEARNT, seed=1)
    sets = dict(_sets(part, for_measuring))
    old = Classifier.load(options.model)
    before = {name: _measure(old, glyphs) for name, glyphs in sets.items()}
    print(HEAD)
    _print("before", before, before)
    folders = {"mnist": options.data / "mnist", "all": options.data}
    for name in options.rehearse:
        data = Data(folders[name], has_mnist=True)
        how = Round(seed=options.seed)
        # A process of its own, whose peak memory is that of the round
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            new, seconds, megabytes = process.submit(
                _improve, options.model, drawings, data, how
            ).result()
        after = {name: _measure(new, glyphs) for name, glyphs in sets.items()}
        _print(f"after, rehearsed {name}", before, after)
        by_clock, of_work = seconds
        print(
            f"{by_clock:.0f} s, {of_work:.0f} s of processor time, {megabytes:.0f} MB"
        )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="as for `train`")
    parser.add_argument("--part", choices=["choose", "final"], default="choose")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument(
        "--rehearse", nargs="+", choices=["mnist", "all"], default=["mnist", "all"]
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _sets(
    part: Part, drawings: Sequence[StrokeDrawing]
) -> Iterator[tuple[str, Labelled]]:
    yield "same groups", visit(SAME_GROUPS, drawings, MEASURED, seed=2)
    yield "other groups", visit(OTHER_GROUPS, drawings, MEASURED, seed=3)
    yield "writers", _written(drawings)
    for name in ("mnist", *NON_DIGITS):
        yield name, _joined(make_sets(part, [name]))


def _joined(tests: Iterable[TestSet]) -> Labelled:
    glyphs, labels = [], []
    for test in tests:
        for glyph, label in zip(test.glyphs, test.labels, strict=True):
            if glyph is not None:
                glyphs.append(glyph)
                labels.append(label)
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


def _written(drawings: Sequence[StrokeDrawing]) -> Labelled:
    rng = np.random.default_rng(4)
    glyphs, labels = [], []
    for drawing in drawings:
        glyph = make_glyph(AVERAGE.picture(drawing.strokes, rng))
        if glyph is not None:
            glyphs.append(glyph)
            labels.append(int(drawing.label))
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


def _improve(
    model: Path, drawings: Labelled, data: Data, how: Round
) -> tuple[Classifier, tuple[float, float], float]:
    """Return the better model, and what it took.

    That is how many seconds by the clock and of processor time, and how many megabytes
    at most.
    """
    start, start_of_work = time.monotonic(), time.process_time()
    old = Classifier.load(model)
    improved = improve(old, drawings, data, how, _show)
    seconds = time.monotonic() - start, time.process_time() - start_of_work
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    classifier = Classifier.from_bytes(improved.data, "improved")
    return classifier, seconds, kilobytes / 1024


def _show(items: Any, *, desc: str) -> Any:
    return tqdm(items, desc=desc, mininterval=5)


def _measure(classifier: Classifier, data: Labelled) -> Measured:
    readings = classifier.read(list(data.images))
    likeliest = [np.argmax(reading.probabilities or [0]) for reading in readings]
    verdicts = np.array([reading.verdict for reading in readings])
    right = np.array(likeliest) == data.labels
    return Measured(right, np.array(verdicts != "digit"))


def _print(title: str, before: dict[str, Measured], after: dict[str, Measured]) -> None:
    for name, (right, refused) in after.items():
        is_digits = name not in NON_DIGITS
        wrong = f"{100 * (1 - right.mean()):.2f}" if is_digits else ""
        _fixed, _broken, p = mcnemar(before[name].right, right)
        chance = f"{p:.2g}" if is_digits and after is not before else ""
        print(
            f"{title:24}{name:16}{len(right):7}{wrong:>9}"
            f"{100 * refused.mean():11.2f}{chance:>9}",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""Golden glyphs: drawings that every model must read before it can serve. No Django.

data/golden.npz has ten digits in two or three forms with three pens each, letters, signs
and numbers of several digits. `python -m recognizer.learning.drawing.golden` draws them.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier, Reading
from recognizer.reading.constants import DIGITS, LABEL_NAMES
from recognizer.reading.glyphs import GLYPH_SIDE
from recognizer.reading.model_files import ModelError

LARGEST_SCORE = 1e6  # far from overflow; those of the shipped models are below 100
GOLDEN_FILE = Path(__file__).resolve().parents[2] / "data/golden.npz"


@dataclass(frozen=True)
class Golden:
    """N x 28 x 28 uint8 glyphs and N int64 labels: 0-9, not a digit, several digits."""

    glyphs: NDArray[np.uint8]
    labels: NDArray[np.int64]


@cache
def read_golden() -> Golden:
    """Return the golden glyphs of data/golden.npz."""
    with np.load(GOLDEN_FILE, allow_pickle=False) as file:
        return Golden(file["glyphs"], file["labels"])


def check_golden(classifier: Classifier) -> None:
    """Raise ModelError unless a model reads the golden glyphs.

    Each digit must be read as that digit with the verdict 'digit', and each non-digit must
    get any other verdict. A network without classes for non-digits cannot refuse: of it
    only the digits are expected.
    """
    golden = read_golden()
    can_refuse = _check_finite(classifier, golden.glyphs)
    asked = np.flatnonzero((golden.labels < DIGITS) | can_refuse)
    readings = classifier.read(list(golden.glyphs[asked]))
    mistakes = Counter(
        _mistake(int(label), reading)
        for label, reading in zip(golden.labels[asked], readings, strict=True)
        if not _is_right(int(label), reading)
    )
    if mistakes:
        examples = ", ".join(text for text, _count in mistakes.most_common(3))
        raise ModelError(
            f"The model misreads {mistakes.total()} of {len(asked)} golden glyphs: "
            f"{examples}."
        )


def _check_finite(classifier: Classifier, glyphs: NDArray[np.uint8]) -> bool:
    """Raise ModelError when numbers overflow. Return whether the network can refuse."""
    full = np.full((1, GLYPH_SIDE, GLYPH_SIDE), 255, np.uint8)  # as large as sums get
    tried = np.concatenate([glyphs, full])
    with np.errstate(all="ignore"):  # an overflow is what this looks for
        scores = classifier.scores(tried)
        parts = classifier.probabilities(tried)
    are_finite = all(np.isfinite(array).all() for array in (scores, *parts))
    if not are_finite or np.abs(scores).max() > LARGEST_SCORE:
        raise ModelError(
            "The model's numbers overflow when it reads the golden glyphs."
        )
    return len(scores[0]) > DIGITS


def _is_right(label: int, reading: Reading) -> bool:
    if label < DIGITS:
        return reading.verdict == "digit" and reading.digit == label
    return reading.verdict != "digit"


def _mistake(label: int, reading: Reading) -> str:
    name = LABEL_NAMES.get(label, str(label))
    if reading.digit is None:
        return f"{name} as {reading.verdict}"
    return f"{name} as {reading.digit} ({reading.verdict})"

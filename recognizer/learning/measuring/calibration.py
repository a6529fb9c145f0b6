"""Temperature and thresholds: fitted on the 'choose' part, within recipe.py's limits.

The temperature makes probabilities match the accuracy. The thresholds decide the
verdict: they refuse as much as possible without losing more digits than the recipe allows.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring.test_sets import TestSet, available_sets, make_sets
from recognizer.reading.constants import DIGITS

_Floats = NDArray[np.float64]


def calibrate(classifier: Classifier, part: Part) -> dict[str, Any]:
    """Return the metadata 'temperature' and 'thresholds' of a model.

    `part` must not have been used for training. Test sets without data in it are left
    out.
    """
    scores, labels, bound = [], [], []
    for test in make_sets(part, available_sets(part, recipe.FITTED_ON)):
        glyphs, digits = _inked(test)
        scores.append(classifier.scores(glyphs).astype(float))
        labels.append(digits)
        if test.name in recipe.BOUND_BY:
            bound.append(scores[-1])
    temperature = fit_temperature(np.concatenate(scores), np.concatenate(labels))
    return {"temperature": temperature, "thresholds": _thresholds(bound, temperature)}


def fit_temperature(scores: _Floats, labels: NDArray[np.integer]) -> float:
    """Return the temperature at which scores fit digits best (Guo et al. 2017).

    `scores`: N x 10 (or more, ignored) float; `labels`: N digits.
    """
    rows = np.arange(len(labels))
    candidates = np.geomspace(0.3, 5, 200)
    losses = []
    for temperature in candidates:
        losses.append(-_log_probabilities(scores, temperature)[rows, labels].mean())
    return float(candidates[np.argmin(losses)])


def _thresholds(bound: list[_Floats], temperature: float) -> dict[str, float]:
    """Return the highest thresholds at which each array of scores keeps the limits."""
    least_digit, least_sure = [], []
    for scores in bound:
        is_digit, likeliest = _confidences(scores, temperature)
        least_digit.append(np.quantile(is_digit, recipe.NOT_A_DIGIT_SHARE))
        least_sure.append(np.quantile(likeliest, recipe.UNSURE_SHARE))
    return {
        "digit": _round_down(min(least_digit)),
        "sure": _round_down(min(least_sure)),
    }


def _round_down(share: float) -> float:
    # Rounded up, the threshold would be above the very glyph that determined it.
    return math.floor(share * 10_000) / 10_000


def _confidences(scores: _Floats, temperature: float) -> tuple[_Floats, _Floats]:
    """Return two arrays of N: the probability of a digit, and that of the likeliest."""
    classes = np.exp(scores - scores.max(axis=1, keepdims=True))
    is_digit = classes[:, :DIGITS].sum(axis=1) / classes.sum(axis=1)
    return is_digit, np.exp(_log_probabilities(scores, temperature).max(axis=1))


def _log_probabilities(scores: _Floats, temperature: float) -> _Floats:
    digits = scores[:, :DIGITS] / temperature
    digits = digits - digits.max(axis=1, keepdims=True)
    return np.asarray(digits - np.log(np.exp(digits).sum(axis=1, keepdims=True)))


def _inked(test: TestSet) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the glyphs of a test set that are not blank, and their classes."""
    glyphs, labels = [], []
    for glyph, label in zip(test.glyphs, test.labels, strict=True):
        if glyph is not None:
            glyphs.append(glyph)
            labels.append(label)
    return np.array(glyphs), np.array(labels)

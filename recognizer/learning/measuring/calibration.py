"""Probabilities that mean what they say, and the thresholds of the verdicts: fitted on the 'choose' part."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring.test_sets import TestSet, make_sets

FITTED_ON = ("mnist", "writers", "styles", "photographs")
BOUND_BY = (
    "mnist",
    "writers",
)  # each of whose conditions loses no more digits than this:
NOT_DIGITS = 0.006  # the share of digits that may be taken for something else
UNSURE = 0.003  # and the share of them that may be called unsure
_Floats = NDArray[np.float64]


def calibrate(classifier: Classifier, part: Part) -> dict[str, Any]:
    """Return the metadata 'temperature' and 'thresholds' for a model, from digits it has not learnt from."""
    sets = list(make_sets(part, FITTED_ON))
    scores = [classifier.scores(_glyphs(test)).astype(float) for test in sets]
    temperature = fit_temperature(
        np.concatenate(scores), np.concatenate([_labels(test) for test in sets])
    )
    bound = [s for s, test in zip(scores, sets, strict=True) if test.name in BOUND_BY]
    pairs = [_confidences(s, temperature) for s in bound]
    digit = min(_floor(np.quantile(is_digit, NOT_DIGITS)) for is_digit, _ in pairs)
    sure = min(_floor(np.quantile(top, UNSURE)) for _, top in pairs)
    return {"temperature": temperature, "thresholds": {"digit": digit, "sure": sure}}


def _floor(share: np.floating) -> float:
    return (
        math.floor(share * 10_000) / 10_000
    )  # so that what lies on the threshold is not below it


def fit_temperature(scores: _Floats, labels: NDArray[np.integer]) -> float:
    """Return the temperature at which N x 10 (or more) scores fit N digits best (Guo et al. 2017)."""
    candidates = np.geomspace(0.3, 5, 200)
    losses = [
        -_log_probabilities(scores, t)[np.arange(len(labels)), labels].mean()
        for t in candidates
    ]
    return float(candidates[np.argmin(losses)])


def _confidences(scores: _Floats, temperature: float) -> tuple[_Floats, _Floats]:
    """Return the probability of being a digit and the largest of the ten, for each row of scores."""
    classes = np.exp(scores - scores.max(axis=1, keepdims=True))
    is_digit = classes[:, :10].sum(axis=1) / classes.sum(axis=1)
    return is_digit, np.exp(_log_probabilities(scores, temperature).max(axis=1))


def _log_probabilities(scores: _Floats, temperature: float) -> _Floats:
    digits = scores[:, :10] / temperature
    digits = digits - digits.max(axis=1, keepdims=True)
    return np.asarray(digits - np.log(np.exp(digits).sum(axis=1, keepdims=True)))


def _glyphs(test: TestSet) -> NDArray[np.uint8]:
    return np.array([glyph for glyph in test.glyphs if glyph is not None])


def _labels(test: TestSet) -> NDArray[np.int64]:
    return np.array(
        [
            label
            for glyph, label in zip(test.glyphs, test.labels, strict=True)
            if glyph is not None
        ]
    )

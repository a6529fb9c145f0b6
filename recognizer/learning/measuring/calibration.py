"""Temperature and thresholds: fitted on the 'choose' part, within recipe.py's limits.

The temperature makes probabilities match the accuracy. The thresholds decide the
verdict: they refuse as much as possible without losing more digits than the recipe
allows or, where a model is improved, than that model.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring.test_sets import available_sets, make_sets
from recognizer.learning.progress import Show
from recognizer.reading.constants import CLASSES, DIGITS

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Limits:
    """The largest shares of digits that may be refused as no digit and called unsure."""

    not_a_digit: float
    unsure: float


@dataclass
class _Digits:
    """N glyphs of a test set, their classes, and the scores of the new model."""

    name: str
    glyphs: NDArray[np.uint8]
    labels: NDArray[np.int64]
    scores: _Floats = field(default_factory=lambda: np.empty((0, CLASSES)))


def calibrate(
    classifier: Classifier,
    part: Part,
    like: Classifier | None = None,
    show: Show = iter,
) -> dict[str, Any]:
    """Return the metadata 'temperature' and 'thresholds' of a model.

    `part` must not have been used for training. Test sets without data in it are left
    out. The limits are the recipe's or, where `like` is another model, what that model
    refuses and calls unsure of the same digits. `show` goes through the test sets, and
    may show progress.
    """
    fitted = _read_digits(part, show(available_sets(part, recipe.FITTED_ON)))
    for digits in fitted:
        digits.scores = classifier.scores(digits.glyphs).astype(float)
    temperature = fit_temperature(
        np.concatenate([digits.scores for digits in fitted]),
        np.concatenate([digits.labels for digits in fitted]),
    )
    bound = _binding(fitted)
    if like is None:
        limit = _Limits(recipe.NOT_A_DIGIT_SHARE, recipe.UNSURE_SHARE)
        limits = [limit] * len(bound)
    else:
        bound = _by_set(bound)
        limits = [_limits_of(like, digits) for digits in bound]
    scores = [digits.scores for digits in bound]
    thresholds = _thresholds(scores, limits, temperature)
    return {"temperature": temperature, "thresholds": thresholds}


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


def _thresholds(
    bound: list[_Floats], limits: list[_Limits], temperature: float
) -> dict[str, float]:
    """Return the highest thresholds at which each array of scores keeps its limits."""
    least_digit, least_sure = [], []
    for scores, limit in zip(bound, limits, strict=True):
        is_digit, likeliest = _confidences(scores, temperature)
        least_digit.append(np.quantile(is_digit, limit.not_a_digit))
        least_sure.append(np.quantile(likeliest, limit.unsure))
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


def _read_digits(part: Part, names: Iterable[str]) -> list[_Digits]:
    """Return the glyphs of test sets that are not blank, condition by condition."""
    found = []
    for test in make_sets(part, names):
        pairs = zip(test.glyphs, test.labels, strict=True)
        inked = [(glyph, label) for glyph, label in pairs if glyph is not None]
        glyphs, labels = zip(*inked, strict=True)
        found.append(_Digits(test.name, np.array(glyphs), np.array(labels)))
    return found


def _binding(fitted: list[_Digits]) -> list[_Digits]:
    """Return what the limits are kept on: all that is there, without MNIST and writers."""
    return [digits for digits in fitted if digits.name in recipe.BOUND_BY] or fitted


def _by_set(conditions: list[_Digits]) -> list[_Digits]:
    """Join the conditions of each set: one alone has too few digits near the limits."""
    joined = []
    for name in dict.fromkeys(digits.name for digits in conditions):
        same = [digits for digits in conditions if digits.name == name]
        glyphs = np.concatenate([digits.glyphs for digits in same])
        labels = np.concatenate([digits.labels for digits in same])
        scores = np.concatenate([digits.scores for digits in same])
        joined.append(_Digits(name, glyphs, labels, scores))
    return joined


def _limits_of(model: Classifier, digits: _Digits) -> _Limits:
    """Return the shares of digits that a model refuses and calls unsure."""
    verdicts = [reading.verdict for reading in model.read(list(digits.glyphs))]
    unsure = verdicts.count("unsure")
    refused = len(verdicts) - unsure - verdicts.count("digit")
    return _Limits(refused / len(verdicts), unsure / len(verdicts))

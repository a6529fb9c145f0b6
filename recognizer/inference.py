"""The inference service: it loads a model file once and reads glyphs with it.

No Django. Importing this module is fast: Chainer is imported with the first classifier.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.constants import DIGITS, NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import Glyph
from recognizer.reading.model_files import Model, ModelError, read_model

if TYPE_CHECKING:
    import chainer

    from recognizer.reading.networks import Network

BATCH = 64  # glyphs read at once; several hundred would take a hundred megabytes
PATCH = 5  # px: the side of the square that `occlusion` covers
_Floats = NDArray[np.float32]
_loading = Lock()


@dataclass(frozen=True)
class Reading:
    """What the network says about one glyph. README explains the verdicts.

    `probabilities` are those of the ten digits, given that the picture is a digit.
    `confidence` is the largest of them times the probability that it is a digit at all.
    """

    digit: int | None
    verdict: str  # one of constants.VERDICTS
    confidence: float
    probabilities: tuple[float, ...] | None
    runner_up: int | None
    # The probability of the likeliest of the twelve classes minus that of the second
    margin: float = 1.0

    @property
    def read_as(self) -> int:
        """The class that belongs to the verdict: the digit, NOT_A_DIGIT or SEVERAL."""
        if self.digit is not None:
            return self.digit
        return SEVERAL if self.verdict == "several" else NOT_A_DIGIT


BLANK = Reading(None, "blank", 0.0, None, None)


class Classifier:
    """A network ready to read glyphs, from any thread."""

    def __init__(self, model: Model, name: str, data: bytes) -> None:
        self.name = name
        self.data = data
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.metadata = model.metadata
        self.figures: list[dict[str, Any]] = model.metadata.get("figures", [])
        self.architecture = model.architecture
        self._network = _build_network(model)
        self._temperature: float = model.metadata.get("temperature", 1.0)
        thresholds = model.metadata.get("thresholds", {})
        self._least_digit: float = thresholds.get("digit", 0.5)
        self._least_sure: float = thresholds.get("sure", 0.5)

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """Load a model file.

        Raises ModelError, which names the file, when it is missing or not a model file.
        """
        with _errors_about(path):
            return cls.from_bytes(path.read_bytes(), path.stem)

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> "Classifier":
        """Build a classifier from the bytes of a model file.

        Raises ModelError when they are not a usable model file.
        """
        return cls(read_model(data), name, data)

    def read(self, glyphs: Sequence[Glyph | None]) -> list[Reading]:
        """Read a batch of 28 x 28 uint8 glyphs, with None for blank pictures."""
        inked = [glyph for glyph in glyphs if glyph is not None]
        if not inked:
            return [BLANK] * len(glyphs)
        digits, kinds = self.probabilities(np.array(inked))
        judged = map(self._judge, digits.astype(float), kinds.astype(float))
        readings = []
        for glyph in glyphs:
            readings.append(BLANK if glyph is None else next(judged))
        return readings

    def scores(self, glyphs: NDArray[np.uint8]) -> _Floats:
        """Return N x classes float32 scores (logits) of N x 28 x 28 uint8 glyphs."""
        scores = []
        for start in range(0, len(glyphs), BATCH):
            scores.append(_forward(self._network, glyphs[start : start + BATCH]))
        return np.concatenate(scores)

    def probabilities(self, glyphs: NDArray[np.uint8]) -> tuple[_Floats, _Floats]:
        """Return calibrated probabilities of N x 28 x 28 uint8 glyphs, in two arrays.

        Both are float32. The first, N x 10, has the probabilities of the digits, given
        that each glyph is a digit. The second, N x 3, has those of one digit, of
        something else and of several digits.
        """
        scores = self.scores(glyphs)
        digits = _softmax(scores[:, :DIGITS] / self._temperature)
        classes = _softmax(scores)
        kinds = np.column_stack([classes[:, :DIGITS].sum(axis=1), classes[:, DIGITS:]])
        # The MLP only knows the ten digits: its other probabilities are 0.
        missing = 3 - kinds.shape[1]
        return digits, np.pad(kinds, ((0, 0), (0, missing)))

    def first_layer(self, glyph: Glyph) -> _Floats:
        """Return the first layer's responses: channels x height x width, float32."""
        responses: _Floats = _forward(self._network.first_layer, glyph[None])[0]
        return responses

    def occlusion(self, glyph: Glyph) -> _Floats:
        """Return how much less likely the digit becomes when a square is covered.

        28 x 28 float32, one number for the square around each pixel. This is the
        occlusion sensitivity of Zeiler and Fergus, 'Visualizing and Understanding
        Convolutional Networks', 2014. Squares without ink change nothing and are
        skipped.
        """
        covered = _cover_squares(glyph)
        digits, _kinds = self.probabilities(np.array([glyph, *covered.values()]))
        whole, *rest = digits[:, digits[0].argmax()]
        drop = np.zeros(glyph.shape, np.float32)
        for centre, probability in zip(covered, rest, strict=True):
            drop[centre] = whole - probability
        return drop

    def _judge(
        self, digits: NDArray[np.float64], kinds: NDArray[np.float64]
    ) -> Reading:
        """Return a glyph's reading from its probabilities of digits and kinds."""
        ascending = np.argsort(digits, kind="stable")
        likeliest, runner_up = int(ascending[-1]), int(ascending[-2])
        is_digit, is_other, is_several = kinds
        if is_digit < self._least_digit:
            verdict = "several" if is_several > is_other else "not_a_digit"
        else:
            verdict = "digit" if digits[likeliest] >= self._least_sure else "unsure"
        second, first = sorted([*(digits * is_digit), is_other, is_several])[-2:]
        return Reading(
            digit=likeliest if verdict in ("digit", "unsure") else None,
            verdict=verdict,
            confidence=float(digits[likeliest] * is_digit),
            probabilities=tuple((digits / digits.sum()).tolist()),
            runner_up=runner_up,
            margin=float(first - second),
        )


def get_classifier(path: Path) -> Classifier:
    """Return the classifier of a model file, loaded once per process.

    Safe from several threads. A changed file is loaded again. Raises ModelError.
    """
    with _errors_about(path):
        changed = path.stat().st_mtime_ns
    with _loading:
        return _load(path, changed)


def check_model_file(path: Path) -> None:
    """Raise ModelError unless a model file is usable. Chainer is not loaded."""
    with _errors_about(path):
        read_model(path.read_bytes())


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> Classifier:
    return Classifier.load(path)


@contextmanager
def _errors_about(path: Path) -> Iterator[None]:
    """Turn errors into a ModelError that names the model file."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"The model file {path} cannot be read: {error.strerror}."
        ) from error
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _build_network(model: Model) -> "Network":
    from recognizer.reading.networks import NETWORKS

    network = NETWORKS[model.architecture].shaped_like(model.parameters)
    for name, parameter in network.namedparams():
        parameter.array[...] = model.parameters[name.lstrip("/")]
    return network


def _forward(
    function: "Callable[[Any], chainer.Variable]", glyphs: NDArray[np.uint8]
) -> _Floats:
    import chainer

    from recognizer.reading.networks import to_input

    # Chainer's configuration is per thread. Set at import time, it would not apply in
    # the server's threads.
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        responses: _Floats = function(to_input(glyphs)).array
    return responses


def _cover_squares(glyph: Glyph) -> dict[tuple[int, ...], Glyph]:
    """Return copies of a glyph without one square each, by the square's centre."""
    covered: dict[tuple[int, ...], Glyph] = {}
    for y, x in np.ndindex(glyph.shape):
        if _square(glyph, y, x).any():
            copy = glyph.copy()
            _square(copy, y, x)[...] = 0
            covered[y, x] = copy
    return covered


def _square(glyph: Glyph, y: int, x: int) -> Glyph:
    """Return a view of the square around a pixel."""
    reach = PATCH // 2
    return glyph[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]


def _softmax(scores: _Floats) -> _Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))

"""The inference service: a model file -> a Classifier, loaded once; glyphs -> Predictions. No Django.

Importing this module is cheap: Chainer is imported when a classifier is loaded.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recognizer.imaging import PREPROCESSING_VERSION, Glyph
from recognizer.modelfile import Arrays, ModelError, check_metadata, check_shapes, read_model

if TYPE_CHECKING:
    from recognizer.network import Network

__all__ = ["VERDICTS", "Classifier", "ModelError", "Prediction", "get_classifier", "inspect"]

VERDICTS = ("digit", "unsure", "not_a_digit", "several", "blank")
DIGITS = 10
SLICE = 64  # glyphs that are read at once: some hundred would take a hundred megabytes
PATCH = 5  # pixels: the side of the square that `occlusion` covers
_Floats = NDArray[np.float32]
_loading = Lock()
_T = TypeVar("_T")


@dataclass(frozen=True)
class Prediction:
    """What the network says about one picture; design of the verdicts in the README.

    `probabilities`: of the ten digits, given that it is one. `confidence`: the largest of them times the
    probability that the picture is a digit at all.
    """

    digit: int | None
    verdict: str
    confidence: float
    probabilities: tuple[float, ...] | None
    runner_up: int | None


BLANK = Prediction(None, "blank", 0.0, None, None)


class Classifier:
    """A network ready to read glyphs, from any thread."""

    def __init__(self, network: "Network", name: str, data: bytes, metadata: dict[str, Any]) -> None:
        self.name = name
        self.data = data
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.metadata = metadata
        self.architecture: str = metadata.get("architecture", "mlp")
        self._network = network
        self._temperature: float = metadata.get("temperature", 1.0)
        self._thresholds = {"digit": 0.5, "sure": 0.5} | metadata.get("thresholds", {})

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """Load a model file; ModelError, with its name, where it is missing or not one."""
        data = _reading(path, path.read_bytes)
        return _naming(path, lambda: cls.from_bytes(data, path.stem))

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> "Classifier":
        """Build a classifier from a model file's bytes; ModelError where they are not a model's."""
        arrays, metadata = _read(data)
        return cls(_build(metadata.get("architecture", "mlp"), arrays), name, data, metadata)

    def predict(self, glyphs: Sequence[Glyph | None]) -> list[Prediction]:
        """Read a batch of 28 x 28 uint8 glyphs; None stands for a picture without ink."""
        inked = [glyph for glyph in glyphs if glyph is not None]
        read = iter(self._judge(*self.probabilities(np.array(inked))) if inked else ())
        return [BLANK if glyph is None else next(read) for glyph in glyphs]

    def scores(self, glyphs: NDArray[np.uint8]) -> _Floats:
        """Return the network's N x classes float32 scores (logits) for N x 28 x 28 uint8 glyphs."""
        slices = (glyphs[i : i + SLICE] for i in range(0, len(glyphs), SLICE))
        return np.concatenate([self._respond(self._network, some) for some in slices])

    def probabilities(self, glyphs: NDArray[np.uint8]) -> tuple[_Floats, _Floats]:
        """Return N x 10 calibrated probabilities given a digit, and N x (digit, other, several)."""
        scores = self.scores(glyphs)
        digits = _softmax(scores[:, :DIGITS] / self._temperature)
        classes = _softmax(scores)
        kinds = np.column_stack([classes[:, :DIGITS].sum(axis=1), classes[:, DIGITS:]])
        return digits, np.pad(kinds, ((0, 0), (0, 3 - kinds.shape[1])))

    def first_layer(self, glyph: Glyph) -> _Floats:
        """Return what the first layer answers to a glyph: channels x height x width, float32."""
        responses: _Floats = self._respond(self._network.first_layer, glyph[None])[0]
        return responses

    def occlusion(self, glyph: Glyph) -> _Floats:
        """Return, 28 x 28, how much less likely the digit read becomes when a square there is covered.

        Occlusion sensitivity as in Zeiler and Fergus, 'Visualizing and Understanding Convolutional
        Networks', 2014. Squares without ink change nothing and are not asked for.
        """
        reach = PATCH // 2
        spots = [(y, x) for y, x in np.ndindex(glyph.shape) if _around(glyph, y, x, reach).any()]
        covered = np.repeat(glyph[None], len(spots) + 1, axis=0)
        for copy, (y, x) in zip(covered[1:], spots, strict=True):
            _around(copy, y, x, reach)[...] = 0
        digits, _kinds = self.probabilities(covered)
        likely = digits[:, digits[0].argmax()]
        drop = np.zeros(glyph.shape, np.float32)
        for (y, x), after in zip(spots, likely[1:], strict=True):
            drop[y, x] = likely[0] - after
        return drop

    def _respond(self, function: Any, glyphs: NDArray[np.uint8]) -> _Floats:
        import chainer

        from recognizer.network import to_input

        # Chainer's configuration is per thread: set at import time, it would not hold in a server's workers.
        with chainer.using_config("train", False), chainer.no_backprop_mode():
            answer: _Floats = function(to_input(glyphs)).array
        return answer

    def _judge(self, digits: _Floats, kinds: _Floats) -> list[Prediction]:
        return [self._verdict(*pair) for pair in zip(digits.astype(float), kinds.astype(float), strict=True)]

    def _verdict(self, digits: NDArray[np.float64], kinds: NDArray[np.float64]) -> Prediction:
        runner_up, likeliest = (int(digit) for digit in np.argsort(digits, kind="stable")[-2:])
        if kinds[0] < self._thresholds["digit"]:
            verdict = "several" if kinds[2] > kinds[1] else "not_a_digit"
        else:
            verdict = "digit" if digits[likeliest] >= self._thresholds["sure"] else "unsure"
        digit = likeliest if verdict in ("digit", "unsure") else None
        confidence = float(digits[likeliest] * kinds[0])
        return Prediction(digit, verdict, confidence, tuple((digits / digits.sum()).tolist()), runner_up)


def get_classifier(path: Path) -> Classifier:
    """Return the classifier of a model file, loaded once per process, however many threads ask at once."""
    changed = _reading(path, lambda: path.stat().st_mtime_ns)
    with _loading:
        return _load(path, changed)


def inspect(path: Path) -> None:
    """Raise ModelError unless the file is a usable model's; cheap, because Chainer is not loaded."""
    data = _reading(path, path.read_bytes)
    _naming(path, lambda: _read(data))


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> Classifier:
    return Classifier.load(path)


def _reading(path: Path, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error


def _naming(path: Path, use: Callable[[], _T]) -> _T:
    try:
        return use()
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _read(data: bytes) -> tuple[Arrays, dict[str, Any]]:
    arrays, metadata = read_model(data)
    check_metadata(metadata)
    check_shapes(metadata.get("architecture", "mlp"), arrays)
    if metadata.get("preprocessing_version", PREPROCESSING_VERSION) != PREPROCESSING_VERSION:
        raise ModelError("The model was trained on glyphs of another preprocessing version; train it anew.")
    return arrays, metadata


def _build(architecture: str, arrays: Arrays) -> "Network":
    from recognizer.network import ARCHITECTURES

    network = ARCHITECTURES[architecture].shaped_like(arrays)
    for name, parameter in network.namedparams():
        parameter.array[...] = arrays[name.lstrip("/")]
    return network


def _around(glyph: Glyph, y: int, x: int, reach: int) -> Glyph:
    return glyph[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]


def _softmax(scores: _Floats) -> _Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))

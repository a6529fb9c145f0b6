"""Small model files, made on the spot."""

from pathlib import Path
from typing import Any

import chainer
import numpy as np

from recognizer.reading.model_files import write_model
from recognizer.reading.networks import CNN, MLP

SMALL = (3, 4, 4, 5, 5, 6)


def cnn_file(folder: Path, **metadata: Any) -> Path:
    """A CNN with random weights."""
    network = CNN(SMALL, folded=True)
    arrays = {
        name.lstrip("/"): parameter.array for name, parameter in network.namedparams()
    }
    write_model(folder / "small.model", arrays, {"architecture": "cnn"} | metadata)
    return folder / "small.model"


def demo_file(folder: Path, units: int = 12) -> Path:
    """Bare parameters as chainer.serializers.save_npz writes them: the demo's kind."""
    path = folder / "demo.model"
    with path.open("wb") as file:
        chainer.serializers.save_npz(file, MLP(units))
    return path


def fixed_file(folder: Path, scores: list[float], **metadata: Any) -> Path:
    """A CNN that gives the same twelve scores whatever it sees."""
    network = CNN((1,) * 6, folded=True)
    arrays = {
        name.lstrip("/"): np.zeros(p.shape, np.float32)
        for name, p in network.namedparams()
    }
    arrays["out/b"] = np.array(scores, np.float32)
    write_model(folder / "fixed.model", arrays, {"architecture": "cnn"} | metadata)
    return folder / "fixed.model"

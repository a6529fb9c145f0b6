"""Snapshots of a training run: resume from one, or take the network out of one."""

from pathlib import Path
from typing import Any

import chainer
import numpy as np

from recognizer.reading.model_files import Arrays, ModelError

_PREDICTOR = "updater/model:main/predictor/"


def resume(trainer: Any, snapshot: Path) -> None:
    """Restore a trainer from a snapshot of a run like it.

    Raises ModelError when the file is not such a snapshot.
    """
    try:
        with np.load(snapshot, allow_pickle=False) as file:
            chainer.serializers.NpzDeserializer(file).load(trainer)
    except Exception as error:  # zipfile, NumPy and Chainer each raise their own
        raise ModelError(
            f"{snapshot} is not a snapshot of a training run like this one."
        ) from error


def predictor_parameters(snapshot: Path) -> Arrays:
    """Return the arrays of the network in a snapshot, by their names in the network.

    Raises ModelError when the file is missing, damaged or not a snapshot.
    """
    try:
        with np.load(snapshot, allow_pickle=False) as file:
            names = [name for name in file.files if name.startswith(_PREDICTOR)]
            arrays = {name.removeprefix(_PREDICTOR): file[name] for name in names}
    except Exception as error:  # as above
        raise ModelError(f"{snapshot} cannot be read as a snapshot.") from error
    if not arrays:
        raise ModelError(
            f"{snapshot} contains no network: it is not a snapshot of a training run."
        )
    return arrays

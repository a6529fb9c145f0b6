"""Training with Chainer's Trainer: what both architectures share, and the demo's recipe for the MLP."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recognizer.learning.datasets import Labelled
from recognizer.modelfile import Arrays, ModelError
from recognizer.network import MLP, chainer, links, to_input, training

extensions = training.extensions
_PREDICTOR = "updater/model:main/predictor/"


@dataclass(frozen=True)
class Settings:
    """What a training run is told; `out` is the folder for its log, plot and snapshots."""

    epochs: int
    batchsize: int
    seed: int
    out: Path


def seed_everything(seed: int) -> None:
    """Make the run repeatable: Chainer draws weights, dropout and orders from NumPy's global state."""
    random.seed(seed)
    np.random.seed(seed)


def mlp_trainer(train: Labelled, test: Labelled, units: int, settings: Settings) -> Any:
    """Return the trainer of the demo's recipe: Adam on softmax cross entropy, evaluated every epoch."""
    seed_everything(settings.seed)
    model = links.Classifier(MLP(units))
    optimizer = chainer.optimizers.Adam().setup(model)
    iterator = chainer.iterators.SerialIterator(_pairs(train), settings.batchsize)
    return build_trainer(iterator, optimizer, model, test, settings)


def build_trainer(iterator: Any, optimizer: Any, model: Any, test: Labelled, settings: Settings) -> Any:
    """Return a Trainer with evaluation on `test`, log, snapshots, plots and progress on the terminal."""
    updater = training.StandardUpdater(iterator, optimizer)
    trainer = training.Trainer(updater, (settings.epochs, "epoch"), settings.out)
    held_out = chainer.iterators.SerialIterator(_pairs(test), 500, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(held_out, model))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.snapshot(filename="snapshot_epoch_{.updater.epoch}"))
    columns = ["epoch", "main/loss", "main/accuracy", "validation/main/accuracy", "elapsed_time"]
    trainer.extend(extensions.PrintReport(columns))
    trainer.extend(extensions.ProgressBar(update_interval=100))
    return trainer


def resume(trainer: Any, snapshot: Path) -> None:
    """Go on where a snapshot stopped; ModelError where the file is no snapshot of such a run."""
    try:
        with np.load(snapshot, allow_pickle=False) as file:
            chainer.serializers.NpzDeserializer(file).load(trainer)
    except Exception as error:  # zipfile, NumPy and Chainer each have their own for a wrong file
        raise ModelError(f"{snapshot} is not a snapshot of a training run like this one.") from error


def predictor_parameters(snapshot: Path) -> Arrays:
    """Return the arrays of the network in a trainer's snapshot, by their names in the network.

    Raises ModelError where the file is missing, damaged or no snapshot.
    """
    try:
        with np.load(snapshot, allow_pickle=False) as file:
            names = [name for name in file.files if name.startswith(_PREDICTOR)]
            arrays = {name.removeprefix(_PREDICTOR): file[name] for name in names}
    except Exception as error:  # as above
        raise ModelError(f"{snapshot} cannot be read as a snapshot.") from error
    if not arrays:
        raise ModelError(f"{snapshot} holds no network: it is not a trainer's snapshot.")
    return arrays


def _pairs(data: Labelled) -> Any:
    return chainer.datasets.TupleDataset(to_input(data.images), data.labels)

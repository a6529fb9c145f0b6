"""Training with Chainer's Trainer: what both architectures share, and the demo's recipe for the MLP."""

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import chainer
import numpy as np
from chainer import links
from numpy.typing import NDArray

from recognizer.learning.data.mnist import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.drawing.examples import render_epoch
from recognizer.learning.training.epochs import FreshEpochs
from recognizer.reading.model_files import Arrays, ModelError
from recognizer.reading.networks import CNN, MLP, to_input

training = chainer.training
extensions = training.extensions
PEAK = 3e-3  # the largest step of the cycle
WARM_UP = 0.1
WEIGHT_DECAY = 1e-2
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


def cnn_trainer(part: Part, chosen: Labelled, size: int, settings: Settings) -> Any:
    """Return the CNN's trainer: AdamW (Loshchilov, Hutter 2019) with one cycle of the learning rate.

    Every epoch has `size` freshly rendered glyphs; `chosen` is what it is evaluated on.
    """
    seed_everything(settings.seed)
    model = links.Classifier(CNN())
    optimizer = chainer.optimizers.Adam(
        alpha=PEAK, weight_decay_rate=PEAK * WEIGHT_DECAY
    ).setup(model)
    iterator = FreshEpochs(
        partial(render_epoch, part, size), settings.batchsize, settings.seed
    )
    trainer = build_trainer(iterator, optimizer, model, chosen, settings)
    trainer.extend(
        partial(_one_cycle, epochs=settings.epochs),
        name="one cycle",
        trigger=(1, "iteration"),
        call_before_training=True,
    )
    return trainer


def _one_cycle(trainer: Any, epochs: int) -> None:
    """Scale step and weight decay: up for a tenth of the run, down to zero along a cosine (Smith 2018)."""
    done = trainer.updater.epoch_detail / epochs
    down = (1 + np.cos(np.pi * (done - WARM_UP) / (1 - WARM_UP))) / 2
    trainer.updater.get_optimizer("main").eta = max(
        done / WARM_UP if done < WARM_UP else down, 1e-3
    )


def build_trainer(
    iterator: Any, optimizer: Any, model: Any, test: Labelled, settings: Settings
) -> Any:
    """Return a Trainer with evaluation on `test`, log, snapshots, plots and progress on the terminal."""
    updater = training.StandardUpdater(iterator, optimizer, converter=_convert)
    trainer = training.Trainer(updater, (settings.epochs, "epoch"), settings.out)
    held_out = chainer.iterators.SerialIterator(
        _pairs(test), 500, repeat=False, shuffle=False
    )
    trainer.extend(extensions.Evaluator(held_out, model, converter=_convert))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.snapshot(filename="snapshot_epoch_{.updater.epoch}"))
    columns = [
        "epoch",
        "main/loss",
        "main/accuracy",
        "validation/main/accuracy",
        "elapsed_time",
    ]
    trainer.extend(extensions.PrintReport(columns))
    trainer.extend(extensions.ProgressBar(update_interval=100))
    return trainer


def resume(trainer: Any, snapshot: Path) -> None:
    """Go on where a snapshot stopped; ModelError where the file is no snapshot of such a run."""
    try:
        with np.load(snapshot, allow_pickle=False) as file:
            chainer.serializers.NpzDeserializer(file).load(trainer)
    except (
        Exception
    ) as error:  # zipfile, NumPy and Chainer each have their own for a wrong file
        raise ModelError(
            f"{snapshot} is not a snapshot of a training run like this one."
        ) from error


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
        raise ModelError(
            f"{snapshot} holds no network: it is not a trainer's snapshot."
        )
    return arrays


def _pairs(data: Labelled) -> Any:
    return chainer.datasets.TupleDataset(data.images, data.labels)


def _convert(batch: Any, _device: Any) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    images, labels = (
        chainer.dataset.concat_examples(batch) if isinstance(batch, list) else batch
    )
    return to_input(images), labels

"""Training with Chainer's Trainer: one trainer for each architecture."""

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import chainer
import numpy as np
from chainer import links, training
from chainer.training import extensions
from numpy.typing import NDArray

from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.drawing.epochs import render_epoch
from recognizer.learning.training.epochs import FreshEpochs
from recognizer.reading.networks import CNN, MLP, to_input

# The number of an epoch that no run reaches: the glyphs to evaluate on depend on the
# seed alone, so that the curves of all runs with the same seed can be compared.
HELD_OUT = 1_000_000
EVALUATED_AT_ONCE = 500  # glyphs
COLUMNS = [
    "epoch",
    "main/loss",
    "main/accuracy",
    "validation/main/accuracy",
    "elapsed_time",
]


@dataclass(frozen=True)
class Settings:
    """How long to train. `out` is the folder for log, plot and snapshots."""

    epochs: int
    batch_size: int  # glyphs
    seed: int
    out: Path


def seed_everything(seed: int) -> None:
    """Make the run repeatable: Chainer uses the global random generators."""
    random.seed(seed)
    np.random.seed(seed)


def mlp_trainer(train: Labelled, test: Labelled, units: int, settings: Settings) -> Any:
    """Return the trainer of Chainer's MNIST example: Adam on softmax cross entropy."""
    seed_everything(settings.seed)
    model = links.Classifier(MLP(units))
    optimizer = chainer.optimizers.Adam().setup(model)
    iterator = chainer.iterators.SerialIterator(_pairs(train), settings.batch_size)
    return build_trainer(iterator, optimizer, model, test, settings)


def cnn_trainer(part: Part, held_out: Labelled, size: int, settings: Settings) -> Any:
    """Return the CNN's trainer: AdamW (Loshchilov, Hutter 2019) with a one-cycle rate.

    Every epoch has `size` freshly rendered glyphs of `part`. After each, the network is
    evaluated on `held_out`.
    """
    seed_everything(settings.seed)
    network = CNN(recipe.CNN_WIDTHS, dropout=recipe.CNN_DROPOUT)
    model = links.Classifier(network)
    optimizer = chainer.optimizers.Adam(
        alpha=recipe.PEAK_RATE,
        weight_decay_rate=recipe.PEAK_RATE * recipe.WEIGHT_DECAY,
    ).setup(model)
    render = partial(render_epoch, part, size)
    iterator = FreshEpochs(render, settings.batch_size, settings.seed)
    trainer = build_trainer(iterator, optimizer, model, held_out, settings)
    trainer.extend(
        partial(_one_cycle, epochs=settings.epochs),
        name="one cycle",
        trigger=(1, "iteration"),
        call_before_training=True,
    )
    return trainer


def render_held_out(part: Part, seed: int) -> Labelled:
    """Return the glyphs that a run with this seed is evaluated on, from a part."""
    return render_epoch(part, recipe.HELD_OUT_GLYPHS, (seed, HELD_OUT))


def build_trainer(
    iterator: Any, optimizer: Any, model: Any, test: Labelled, settings: Settings
) -> Any:
    """Return a Trainer that evaluates on `test` and writes log and snapshots."""
    updater = training.StandardUpdater(iterator, optimizer, converter=_convert)
    trainer = training.Trainer(updater, (settings.epochs, "epoch"), settings.out)
    held_out = chainer.iterators.SerialIterator(
        _pairs(test), EVALUATED_AT_ONCE, repeat=False, shuffle=False
    )
    trainer.extend(extensions.Evaluator(held_out, model, converter=_convert))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.snapshot(filename="snapshot_epoch_{.updater.epoch}"))
    trainer.extend(extensions.PrintReport(COLUMNS))
    trainer.extend(extensions.ProgressBar(update_interval=100))
    return trainer


def _one_cycle(trainer: Any, epochs: int) -> None:
    """Scale rate and weight decay: up, then down along a cosine (Smith 2018)."""
    done = trainer.updater.epoch_detail / epochs
    warm_up = recipe.WARM_UP
    if done < warm_up:
        scale = done / warm_up
    else:
        scale = (1 + np.cos(np.pi * (done - warm_up) / (1 - warm_up))) / 2
    trainer.updater.get_optimizer("main").eta = max(scale, recipe.LEAST_RATE)


def _pairs(data: Labelled) -> Any:
    return chainer.datasets.TupleDataset(data.images, data.labels)


def _convert(batch: Any, _device: Any) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return a batch as the network's input. Chainer's own are lists of pairs."""
    if isinstance(batch, list):
        batch = chainer.dataset.concat_examples(batch)
    images, labels = batch
    return to_input(images), labels

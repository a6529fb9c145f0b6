"""Fine-tuning: a trained CNN learns new drawings and rehearses what it knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import chainer
import numpy as np
from chainer import functions
from numpy.typing import NDArray

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.progress import Show
from recognizer.learning.training.trainers import seed_everything
from recognizer.reading.constants import CLASSES
from recognizer.reading.model_files import Arrays, read_model
from recognizer.reading.networks import CNN, to_input

Targets = NDArray[np.float32]  # N x 12: how likely each class is


@dataclass(frozen=True)
class Lessons:
    """Glyphs (N x 28 x 28 uint8) and what the network is to say about them."""

    glyphs: NDArray[np.uint8]
    targets: Targets


def make_lessons(old: Classifier, drawings: Labelled, rehearsed: Labelled) -> Lessons:
    """Return what a model is fine-tuned on.

    The targets of the new drawings are their labels. Those of the rehearsed glyphs are
    partly what the old model says, so that the new one keeps saying it ('Learning
    without Forgetting', Li and Hoiem 2016).
    """
    share = np.float32(recipe.OLD_MODELS_SHARE)
    said: Targets = functions.softmax(old.scores(rehearsed.images)).array
    labels = one_hot(rehearsed.labels)
    return Lessons(
        np.concatenate([drawings.images, rehearsed.images]),
        np.concatenate([one_hot(drawings.labels), share * said + (1 - share) * labels]),
    )


def fine_tune(
    old: Classifier, lessons: Lessons, epochs: int, seed: int, show: Show = iter
) -> Arrays:
    """Return the parameters of a CNN after some epochs of lessons.

    Adam (Kingma, Ba 2015) minimises the cross entropy with the targets. The learning
    rate falls along a cosine. The same seed gives the same parameters. `show` goes
    through the batches, and may show progress.
    """
    seed_everything(seed)
    network = _network_of(old)
    optimizer = chainer.optimizers.Adam(alpha=recipe.IMPROVING_RATE).setup(network)
    batches = list(_batches(len(lessons.glyphs), epochs, seed))
    for step, batch in enumerate(show(batches)):
        optimizer.eta = (1 + np.cos(np.pi * step / len(batches))) / 2
        _learn(network, optimizer, lessons.glyphs[batch], lessons.targets[batch])
    parameters = {}
    for name, parameter in network.namedparams():
        parameters[name.lstrip("/")] = parameter.array
    return parameters


def _learn(
    network: CNN, optimizer: Any, glyphs: NDArray[np.uint8], targets: Targets
) -> None:
    """Do one step. What it needs of memory is free again when it is done."""
    with chainer.using_config("train", True):
        scores = network(to_input(glyphs))
    loss = -functions.sum(functions.log_softmax(scores) * targets) / len(glyphs)
    network.cleargrads()
    loss.backward()
    optimizer.update()


def average(old: Classifier, tuned: Arrays) -> Arrays:
    """Return parameters between those of the old model and the fine-tuned ones.

    The result keeps nearly all of what was learnt, and does better on what was not in
    the lessons ('Robust fine-tuning of zero-shot models', Wortsman et al. 2022).
    """
    share = np.float32(recipe.TUNED_SHARE)
    parameters = {}
    for name, array in read_model(old.data).parameters.items():
        parameters[name] = (1 - share) * array + share * tuned[name]
    return parameters


def one_hot(labels: NDArray[np.integer]) -> Targets:
    """Return N x 12 targets that give each label all of the probability."""
    certain: Targets = np.eye(CLASSES, dtype=np.float32)[labels]
    return certain


def _network_of(model: Classifier) -> CNN:
    """Return the folded network of a model, to train on. A CNN's only."""
    parameters = read_model(model.data).parameters
    network = CNN.shaped_like(parameters)
    for name, parameter in network.namedparams():
        parameter.array[...] = parameters[name.lstrip("/")]
    return network


def _batches(count: int, epochs: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the indices of each batch. In each epoch every glyph comes once."""
    rng = np.random.default_rng(seed)
    size = recipe.BATCH_SIZE["cnn"]
    for _epoch in range(epochs):
        order = rng.permutation(count)
        for start in range(0, count, size):
            yield order[start : start + size]

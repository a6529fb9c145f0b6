"""Model files to register and promote."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from recognizer.inference import Classifier
from recognizer.learning.drawing import shapes, strokes
from recognizer.models import Source, Submission, TrainedModel
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT
from recognizer.reading.glyphs import Drawing
from recognizer.reading.model_files import Arrays, Model, pack_model, read_model
from recognizer.rollout.stored_models import store_model
from recognizer.submissions import submit

PROJECT = Path(__file__).resolve().parents[1]
SHIPPED = PROJECT / "data/digits.model"
MNIST = PROJECT / "data/mnist.model"


@cache
def shipped() -> Model:
    return read_model(SHIPPED.read_bytes())


@cache
def twin(note: str = "twin") -> bytes:
    """Another file with the shipped model's parameters: it reads the same."""
    return pack_model(shipped().parameters, shipped().metadata | {"note": note})


def changed(**metadata: Any) -> bytes:
    """The shipped model's file with other metadata."""
    return pack_model(shipped().parameters, shipped().metadata | metadata)


def scaled(factor: float) -> bytes:
    """The shipped model's file with all parameters multiplied."""
    arrays: Arrays = {
        name: (array * np.float32(factor)).astype(np.float32)
        for name, array in shipped().parameters.items()
    }
    return pack_model(arrays, shipped().metadata)


def store(data: bytes, name: str = "better") -> TrainedModel:
    """Store a model without any check."""
    model, _is_new = store_model(Classifier.from_bytes(data, name))
    return model


def store_damaged(data: bytes) -> TrainedModel:
    """Store a model whose file is cut short afterwards; its figures stay fine."""
    model = store(data)
    TrainedModel.objects.filter(pk=model.pk).update(parameters=data[: len(data) // 2])
    return model


def send(label: int | None, *, kept_aside: bool = True, seed: int = 0) -> Submission:
    """Send a digit or, with a label that is none, a letter to the site; label it."""
    rng = np.random.default_rng(seed)
    written = (
        shapes.draw_letter("A", rng)
        if label in (NOT_A_DIGIT, CANNOT_TELL)
        else shapes.draw_plain(str(label or 0), rng)
    )
    picture = strokes.draw(strokes.place(written, 14, 0.7), 14)
    submission = submit(Drawing.from_picture(picture), Source.CANVAS)
    Submission.objects.filter(pk=submission.pk).update(
        label=label, kept_aside=kept_aside
    )
    submission.refresh_from_db()
    return submission


def forget() -> None:
    """Forget which models were loaded and which could not be, as a new process would."""
    from recognizer.rollout import active_model

    active_model._load_once.cache_clear()
    active_model._failures.clear()

"""Drawings, files and rows for tests. Arguments are what the test depends on."""

import base64
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw

from recognizer.inference import Classifier
from recognizer.models import Prediction, Source, Submission, TrainedModel
from recognizer.reading.constants import CLASSES, DIGITS, NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import PREPROCESSING_VERSION, make_glyph
from recognizer.reading.model_files import write_model
from recognizer.reading.pictures import encode_png, read_picture
from recognizer.rollout.stored_models import free_name

DIGIT_7 = [(80, 60), (200, 60), (130, 225)]


def draw(
    *, size: int = 280, line: int = 16, mode: str = "RGBA", digit: bool = True
) -> Image.Image:
    """Return a board of 280 x 280 px, scaled to `size`, with a 7 or blank."""
    board = Image.new(mode, (280, 280), "white")
    if digit:
        ImageDraw.Draw(board).line(DIGIT_7, fill="black", width=line, joint="curve")
    return board.resize((size, size))


def picture_bytes(
    image: Image.Image | None = None, kind: str = "PNG", **options: Any
) -> bytes:
    buffer = io.BytesIO()
    (image or draw()).save(buffer, kind, **options)
    return buffer.getvalue()


def blank_png() -> bytes:
    return picture_bytes(draw(digit=False))


def data_uri(png: bytes | None = None) -> str:
    encoded = base64.b64encode(png or picture_bytes())
    return "data:image/png;base64," + encoded.decode("ascii")


def upload(data: bytes | None = None, name: str = "seven.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(
        name, picture_bytes() if data is None else data, "image/png"
    )


def model_bytes(likely: int = 7, score: float = 8.0) -> bytes:
    """Return a very small model file that reads the same in every picture."""
    scores = np.zeros(CLASSES, np.float32)
    scores[likely] = score
    arrays: dict[str, Any] = {
        f"blocks/{i}/W": np.zeros((1, 9), np.float32) for i in range(6)
    }
    arrays |= {f"blocks/{i}/b": np.zeros((1, 1), np.float32) for i in range(6)}
    arrays |= {"out/W": np.zeros((CLASSES, 16), np.float32), "out/b": scores}
    with TemporaryDirectory() as folder:
        path = Path(folder, "tiny.model")
        write_model(path, arrays, {"architecture": "cnn"})
        return path.read_bytes()


def make_model(likely: int = 7, score: float = 8.0, **kwargs: Any) -> TrainedModel:
    classifier = Classifier.from_bytes(model_bytes(likely, score), "tiny")
    values = {
        "name": free_name(classifier.name),
        "architecture": classifier.architecture,
        "sha256": classifier.sha256,
        "parameters": classifier.data,
    }
    return TrainedModel.objects.create(**(values | kwargs))


def make_prediction(submission: Submission, **kwargs: Any) -> Prediction:
    values = prediction_values() | {"submission": submission} | kwargs
    values.setdefault("read_as", read_as(values))
    return Prediction.objects.create(**({"model": _any_model()} | values))


def make_submission(
    *, answer: dict[str, Any] | None = None, **kwargs: Any
) -> Submission:
    """Store a submission with its answer: a 7, with the changes in `answer`."""
    picture = encode_png(read_picture(picture_bytes()))
    values = prediction_values() | (answer or {})
    values.setdefault("read_as", read_as(values))
    submission = Submission(
        **(
            {
                "source": Source.CANVAS,
                "picture": picture,
                "read_as": values["read_as"],
                "doubt": 1 - values["margin"],
            }
            | kwargs
        )
    )
    submission.answer = Prediction(
        submission=submission, **({"model": _any_model()} | values)
    )
    with transaction.atomic():  # the rows refer to each other
        submission.save(force_insert=True)
        submission.answer.save(force_insert=True)
    return submission


def read_as(values: dict[str, Any]) -> int:
    digit: int | None = values["digit"]
    if values["verdict"] in ("digit", "unsure") and digit is not None:
        return digit
    return SEVERAL if values["verdict"] == "several" else NOT_A_DIGIT


def prediction_values() -> dict[str, Any]:
    glyph = make_glyph(read_picture(picture_bytes()))
    assert glyph is not None
    return {
        "preprocessing": PREPROCESSING_VERSION,
        "digit": 7,
        "verdict": "digit",
        "confidence": 0.91,
        "margin": 0.9,
        "probabilities": [0.91 if digit == 7 else 0.01 for digit in range(DIGITS)],
        "glyph": glyph.tobytes(),
        "milliseconds": 2.5,
    }


def make_user(username: str = "visitor", **kwargs: Any) -> User:
    return User.objects.create_user(username=username, **kwargs)


def make_operator(username: str = "operator") -> User:
    user = make_user(username, is_staff=True)
    user.groups.add(Group.objects.get(name="Operators"))
    return user


def _any_model() -> TrainedModel:
    return TrainedModel.objects.first() or make_model()

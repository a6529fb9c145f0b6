"""Candidates: model files that are checked and stored, so that they can be promoted."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from recognizer.inference import Classifier, get_classifier
from recognizer.models import TrainedModel
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import get_row
from recognizer.rollout.golden import check_golden
from recognizer.rollout.stored_models import store_model

MODEL_MAX_BYTES = 20_000_000
UNPACKED_MAX_BYTES = 80_000_000
SHORTEST_PREFIX = 6  # characters of a SHA-256


def register(
    data: bytes, name: str, manifest: dict[str, Any] | None = None
) -> tuple[TrainedModel, bool]:
    """Check a model file and store it. Return its row, and whether it is new.

    Raises ModelError as `check_candidate` does.
    """
    return store_model(check_candidate(data, name), name, manifest)


def check_candidate(data: bytes, name: str) -> Classifier:
    """Return the classifier of a model file that may be stored.

    Raises ModelError when the file is too large, damaged, of an unknown architecture, of
    wrong shapes, out of calibration or of another preprocessing version, or when the
    model misreads the golden glyphs. Nothing in the file is ever unpickled.
    """
    check_size(len(data))
    _check_unpacked_size(data)
    classifier = Classifier.from_bytes(data, name)
    check_golden(classifier)
    return classifier


def check_size(size: int) -> None:
    """Raise ModelError when a model file has too many bytes."""
    if size > MODEL_MAX_BYTES:
        raise ModelError(
            f"The file has {size / 1e6:.1f} MB. A model file may have at most "
            f"{MODEL_MAX_BYTES / 1e6:.0f} MB."
        )


def read_file(path: Path) -> bytes:
    """Return the bytes of a model file. Raises ModelError when it cannot be read."""
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error


def find_model(text: str) -> TrainedModel:
    """Return a model by its name, the beginning of its SHA-256, or its file.

    A file that is not stored yet is registered. Raises ModelError when there is no such
    model, or more than one.
    """
    shipped_model()  # so that it can be named before its first answer
    named = Q(name=text)
    if len(text) >= SHORTEST_PREFIX:
        named |= Q(sha256__startswith=text.lower())
    found = list(TrainedModel.objects.filter(named)[:2])
    if len(found) > 1:
        raise ModelError(f"More than one model matches {text!r}. Give more of it.")
    if found:
        return found[0]
    path = Path(text)
    if not path.is_file():
        raise ModelError(
            f"There is no model {text!r}: neither a name, nor the first "
            f"{SHORTEST_PREFIX} or more characters of a SHA-256, nor a file."
        )
    return find_by_file(path)


def find_by_file(path: Path) -> TrainedModel:
    """Return the row of a model file, and register it when there is none."""
    data = read_file(path)
    sha256 = hashlib.sha256(data).hexdigest()
    known = TrainedModel.objects.filter(sha256=sha256).first()
    return known or register(data, path.stem)[0]


def shipped_model() -> TrainedModel | None:
    """Return the row of the shipped file, None when the file cannot be used."""
    try:
        return get_row(get_classifier(settings.MODEL_FILE))
    except ModelError:
        return None


def _check_unpacked_size(data: bytes) -> None:
    """Raise ModelError for a file that would fill the memory when it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            size = sum(entry.file_size for entry in file.infolist())
    except zipfile.BadZipFile as error:
        raise ModelError("The file is not a model file, or it is damaged.") from error
    if size > UNPACKED_MAX_BYTES:
        raise ModelError(
            f"The file would take {size / 1e6:.0f} MB unpacked. At most "
            f"{UNPACKED_MAX_BYTES / 1e6:.0f} MB are allowed."
        )

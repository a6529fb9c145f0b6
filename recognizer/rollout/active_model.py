"""The model that answers, and its row in the database."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from django.conf import settings

from recognizer.inference import Classifier, get_classifier
from recognizer.models import Promotion, TrainedModel
from recognizer.reading.model_files import ModelError
from recognizer.rollout.stored_models import store_model

RETRY = 60  # seconds until a model that could not be loaded is tried again

log = logging.getLogger(__name__)
_loading = Lock()
_failures: "dict[str, Failure]" = {}  # by SHA-256


@dataclass(frozen=True)
class Failure:
    """Why a stored model could not be loaded, and when (time.monotonic)."""

    words: str
    at: float


@dataclass(frozen=True)
class Serving:
    """The model that answers. `problem` says why it is not the last promoted one."""

    classifier: Classifier
    problem: str = ""


def active_classifier() -> Classifier:
    """Return the model that answers. Raises ModelError when no model can be used."""
    return find_serving().classifier


def find_serving() -> Serving:
    """Return the last promoted model, or the shipped file without a promotion.

    When the last promoted model cannot be used, this is the one promoted before it that
    can, at worst the shipped file. Raises ModelError when that cannot be used either.
    """
    promoted = Promotion.objects.values_list("model__sha256", flat=True).first()
    if promoted is None:
        return Serving(get_classifier(settings.MODEL_FILE))
    try:
        return Serving(_stored_classifier(promoted))
    except ModelError as error:
        classifier = _fall_back()
        words = f"{error} {_title(classifier)} answers instead."
        return Serving(classifier, words)


def classifier_of(model: TrainedModel) -> Classifier:
    """Return the classifier of a model that has answered, active or not."""
    active = active_classifier()
    return active if active.sha256 == model.sha256 else _stored_classifier(model.sha256)


def get_row(classifier: Classifier) -> TrainedModel:
    """Return the classifier's row, and create it for the first answer of the model."""
    row, _created = store_model(classifier)
    return row


def load_stored(sha256: str) -> Classifier:
    """Load a model from the database, now. Raises ModelError when it cannot be used."""
    rows = TrainedModel.objects.filter(sha256=sha256)
    row = rows.values_list("name", "parameters").first()
    if row is None:
        raise ModelError(f"The model {sha256[:8]} has been deleted.")
    name, parameters = row
    try:
        classifier = Classifier.from_bytes(bytes(parameters), name)
    except ModelError as error:
        raise ModelError(f"{name} ({sha256[:8]}) cannot be used: {error}") from error
    if classifier.sha256 != sha256:
        raise ModelError(
            f"{name} ({sha256[:8]}) cannot be used: its file is damaged, because its "
            f"SHA-256 is {classifier.sha256[:8]}."
        )
    return classifier


def _fall_back() -> Classifier:
    """Return the last promoted model that can be used, else the shipped file."""
    promoted = Promotion.objects.values_list("model__sha256", flat=True)
    for sha256 in dict.fromkeys(promoted):  # each once, the latest first
        try:
            return _stored_classifier(sha256)
        except ModelError:
            continue
    return get_classifier(settings.MODEL_FILE)


def _title(classifier: Classifier) -> str:
    return f"{classifier.name} ({classifier.sha256[:8]})"


def _stored_classifier(sha256: str) -> Classifier:
    """Return a stored model, loaded once. Raises ModelError when it cannot be used.

    A failure is logged once and remembered for a minute.
    """
    with _loading:
        failure = _failures.get(sha256)
        if failure and time.monotonic() < failure.at + RETRY:
            raise ModelError(failure.words)
        try:
            classifier = _load_once(sha256)
        except ModelError as error:
            if failure is None:
                log.error("A model cannot be used: %s", error)
            _failures[sha256] = Failure(str(error), time.monotonic())
            raise
        _failures.pop(sha256, None)
        return classifier


@lru_cache(maxsize=2)
def _load_once(sha256: str) -> Classifier:
    return load_stored(sha256)

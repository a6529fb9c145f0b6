"""The model that answers, and its row in the database."""

from functools import lru_cache

from django.conf import settings

from recognizer.inference import Classifier, get_classifier
from recognizer.models import Promotion, TrainedModel


def active_classifier() -> Classifier:
    """Return the last promoted model, or the shipped file without a promotion.

    Raises ModelError when the model cannot be loaded.
    """
    promoted = Promotion.objects.values_list("model__sha256", flat=True).first()
    if promoted is None:
        return get_classifier(settings.MODEL_FILE)
    return _stored_classifier(promoted)


def classifier_of(model: TrainedModel) -> Classifier:
    """Return the classifier of a model that has answered, active or not."""
    active = active_classifier()
    return active if active.sha256 == model.sha256 else _stored_classifier(model.sha256)


def get_row(classifier: Classifier) -> TrainedModel:
    """Return the classifier's row, and create it for the first answer of the model."""
    known = TrainedModel.objects.filter(sha256=classifier.sha256).first()
    if known is not None:
        return known
    values = {
        "name": classifier.name,
        "architecture": classifier.architecture,
        "figures": classifier.figures,
        "parameters": classifier.data,
    }
    row, _created = TrainedModel.objects.get_or_create(
        sha256=classifier.sha256, defaults=values
    )
    return row


@lru_cache(maxsize=2)
def _stored_classifier(sha256: str) -> Classifier:
    model = TrainedModel.objects.get(sha256=sha256)
    return Classifier.from_bytes(bytes(model.parameters), model.name)

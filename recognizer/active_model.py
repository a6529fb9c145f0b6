"""Which model answers, and its row in the database."""

from functools import lru_cache

from django.conf import settings

from recognizer.inference import Classifier, get_classifier
from recognizer.models import Promotion, TrainedModel


def active_classifier() -> Classifier:
    """Return the last promoted model, else the shipped file. Raises ModelError when it cannot be loaded."""
    promoted = Promotion.objects.values_list("model__sha256", flat=True).first()
    return (
        get_classifier(settings.MODEL_FILE)
        if promoted is None
        else _from_database(promoted)
    )


def classifier_of(model: TrainedModel) -> Classifier:
    """Return the classifier that gave an answer, which need not be the active one any more."""
    active = active_classifier()
    return active if active.sha256 == model.sha256 else _from_database(model.sha256)


def get_row(classifier: Classifier) -> TrainedModel:
    """Return the model's row. The process that first serves the shipped file writes its row."""
    values = {
        "name": classifier.name,
        "architecture": classifier.architecture,
        "figures": classifier.metadata,
        "parameters": classifier.data,
    }
    known = TrainedModel.objects.filter(sha256=classifier.sha256).first()
    if known is not None:
        return known
    return TrainedModel.objects.get_or_create(
        sha256=classifier.sha256, defaults=values
    )[0]


@lru_cache(maxsize=2)
def _from_database(sha256: str) -> Classifier:
    model = TrainedModel.objects.get(sha256=sha256)
    return Classifier.from_bytes(bytes(model.parameters), model.name)

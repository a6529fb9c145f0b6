from django.core.management.base import CommandError

from recognizer.inference import Classifier
from recognizer.management.progress import progress_bar
from recognizer.models import TrainedModel
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import active_classifier, get_row, load_stored
from recognizer.rollout.candidates import find_model
from recognizer.rollout.replay import replay, unread

HELP = "its name, the first characters of its SHA-256, or a model file"


def named_model(text: str) -> TrainedModel:
    """Return the model that an argument names. Raises CommandError."""
    try:
        return find_model(text)
    except ModelError as error:
        raise CommandError(str(error)) from error


def candidate_and_active(
    candidate: TrainedModel,
) -> list[tuple[TrainedModel, Classifier]]:
    """Return both models, the active one first, ready to read. Raises CommandError."""
    try:
        classifier = active_classifier()
        active = get_row(classifier)
        return [(active, classifier), (candidate, load_stored(candidate.sha256))]
    except ModelError as error:
        raise CommandError(str(error)) from error


def replay_both(models: list[tuple[TrainedModel, Classifier]]) -> None:
    """Let both models read the kept-aside drawings. Raises CommandError."""
    with progress_bar(unread(model for model, _classifier in models)) as bar:
        for model, classifier in models:
            try:
                for count in replay(classifier, model):
                    bar.update(count)
            except ModelError as error:
                raise CommandError(str(error)) from error

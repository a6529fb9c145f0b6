from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from recognizer.inference import check_model_file
from recognizer.reading.model_files import ModelError

MODEL_HINT = (
    "Restore the file from the repository, or train a model: manage.py train --help."
)
KEY_HINT = "Set SECRET_KEY to a long random text that only this site knows."


@register(Tags.security, deploy=True)
def check_secret_key(**_: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY != settings.BUILT_IN_SECRET_KEY:
        return []
    message = "The built-in secret key is in use."
    return [checks.Error(message, KEY_HINT, id="recognizer.E001")]


@register
def check_model(**_: Any) -> list[CheckMessage]:
    """Warn of a broken model file. The commands that repair it still run."""
    problem = find_model_problem()
    if problem is None:
        return []
    return [checks.Warning(problem, MODEL_HINT, id="recognizer.W001")]


@register(deploy=True)
def check_deployed_model(**_: Any) -> list[CheckMessage]:
    problem = find_model_problem()
    if problem is None:
        return []
    return [checks.Error(problem, MODEL_HINT, id="recognizer.E002")]


def find_model_problem() -> str | None:
    """Return what is wrong with the shipped model file. Chainer is not loaded."""
    try:
        check_model_file(settings.MODEL_FILE)
    except ModelError as error:
        return str(error)
    return None

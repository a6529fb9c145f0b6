from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from recognizer.inference import check_model_file
from recognizer.reading.model_files import ModelError


@register(Tags.security, deploy=True)
def secret_key(**_: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY != settings.BUILT_IN_SECRET_KEY:
        return []
    hint = "Set SECRET_KEY to a long random text that only this site knows."
    return [
        checks.Error(
            "The built-in secret key is in use.", hint=hint, id="recognizer.E001"
        )
    ]


@register
def model_file(**_: Any) -> list[CheckMessage]:
    return [checks.Warning(*said, id="recognizer.W001") for said in broken_model()]


@register(deploy=True)
def model_file_deployed(**_: Any) -> list[CheckMessage]:
    return [checks.Error(*said, id="recognizer.E002") for said in broken_model()]


def broken_model() -> list[tuple[str, str]]:
    """What is wrong with the shipped model file, and a hint; found out without loading Chainer."""
    try:
        check_model_file(settings.MODEL_FILE)
    except ModelError as error:
        return [
            (
                str(error),
                "Restore the file from the repository, or train one: manage.py train --help.",
            )
        ]
    return []

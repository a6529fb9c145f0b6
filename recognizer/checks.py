from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def secret_key(**_: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY != settings.BUILT_IN_SECRET_KEY:
        return []
    hint = "Set SECRET_KEY to a long random text that only this site knows."
    return [Error("The built-in secret key is in use.", hint=hint, id="recognizer.E001")]


@register(deploy=True)
def model_file_deployed(**_: Any) -> list[CheckMessage]:
    return [Error(w.msg, hint=w.hint, id="recognizer.E002") for w in model_file()]


@register
def model_file(**_: Any) -> list[CheckMessage]:
    """Reads the file's arrays but not Chainer, so that every command can afford it."""
    from .inference import ModelError, inspect

    try:
        inspect(settings.MODEL_FILE)
    except ModelError as error:
        hint = "Restore the file, or train one: manage.py train --help."
        return [Warning(str(error), hint=hint, id="recognizer.W001")]
    return []

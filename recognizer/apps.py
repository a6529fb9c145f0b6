from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecognizerConfig(AppConfig):
    name = "recognizer"
    verbose_name = _("Digit recognition")

    def ready(self) -> None:
        from recognizer import checks  # noqa: F401 - importing registers them

"""An answer in words and in JSON, the same on the page, in the admin, in the API and in the terminal."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _


class Answer(Protocol):
    """A Prediction, of inference or of models."""

    @property
    def verdict(self) -> str: ...
    @property
    def digit(self) -> int | None: ...
    @property
    def runner_up(self) -> int | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def probabilities(self) -> Sequence[float] | None: ...


class NamedModel(Protocol):
    """A Classifier or a TrainedModel."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def headline(answer: Answer) -> str:
    """'7, quite sure', '7, if it is a digit', '4, perhaps 9' or what it is instead."""
    words = {
        "digit": _("%(digit)s, quite sure")
        if answer.confidence >= 0.5
        else _("%(digit)s, if it is a digit"),
        "unsure": _("%(digit)s, perhaps %(runner_up)s"),
        "not_a_digit": _("This does not look like a digit"),
        "several": _("This looks like more than one digit"),
        "blank": _("No ink"),
    }
    return words[answer.verdict] % {
        "digit": answer.digit,
        "runner_up": answer.runner_up,
    }


def advice(answer: Answer) -> str:
    """One sentence that helps the visitor to go on."""
    words = {
        "digit": "",
        "unsure": _(
            "Both are likely. A clearer stroke where the two differ would settle it."
        ),
        "not_a_digit": _(
            "Its strokes are unlike those of the digits that the network has learned. "
            "Draw one digit from 0 to 9, large, with nothing beside it."
        ),
        "several": _("The network reads one digit at a time. Send each one by itself."),
        "blank": _("The picture is blank: there is no ink to read."),
    }
    return words[answer.verdict]


def as_json(path: str, answer: Answer, model: NamedModel) -> dict[str, Any]:
    """What `predict --json` prints and `/send` returns."""
    return {
        "path": path,
        "digit": answer.digit,
        "verdict": answer.verdict,
        "confidence": answer.confidence,
        "probabilities": answer.probabilities,
        "model": {"name": model.name, "sha256": model.sha256},
    }

"""An answer in words and as JSON: one wording for pages, admin, API and terminal."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _

SURE = 0.5  # the least confidence of a digit that is called quite sure


class Answer(Protocol):
    """A reading of inference or a prediction in the database."""

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
    """Return the answer in a few words, such as '7, quite sure' or '4, perhaps 9'."""
    if answer.verdict == "digit" and answer.confidence >= SURE:
        return _("%(digit)s, quite sure") % {"digit": answer.digit}
    if answer.verdict == "digit":
        return _("%(digit)s, if it is a digit") % {"digit": answer.digit}
    if answer.verdict == "unsure":
        likeliest = {"digit": answer.digit, "runner_up": answer.runner_up}
        return _("%(digit)s, perhaps %(runner_up)s") % likeliest
    words = {
        "not_a_digit": _("This does not look like a digit"),
        "several": _("This looks like more than one digit"),
        "blank": _("No ink"),
    }
    return words[answer.verdict]


def advice(answer: Answer) -> str:
    """Return what the visitor can do next, or nothing when the digit is clear."""
    words = {
        "digit": "",
        "unsure": _("Both are likely. Draw the digit again, larger and more clearly."),
        "not_a_digit": _(
            "Its strokes are unlike those of the digits that the network has learned. "
            "Draw one digit from 0 to 9, large, with nothing beside it."
        ),
        "several": _("The network reads one digit at a time. Send each one by itself."),
        "blank": _("The picture is blank: there is no ink to read."),
    }
    return words[answer.verdict]


def as_json(path: str, answer: Answer, model: NamedModel) -> dict[str, Any]:
    """Return the fields that `predict --json` prints and `/send` answers."""
    named = {"name": model.name, "sha256": model.sha256}
    return {"path": path, **answer_fields(answer), "model": named}


def answer_fields(answer: Answer) -> dict[str, Any]:
    """Return the fields that all answers in JSON have."""
    return {
        "digit": answer.digit,
        "verdict": answer.verdict,
        "confidence": answer.confidence,
        "probabilities": answer.probabilities,
    }

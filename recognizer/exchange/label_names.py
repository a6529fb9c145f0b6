"""Labels and claims as files name them: 0 to 9, not_a_digit, several, cannot_tell."""

from recognizer.exchange.errors import ExchangeError
from recognizer.reading.constants import CANNOT_TELL, DIGITS, LABEL_NAMES

NAMES = {digit: str(digit) for digit in range(DIGITS)} | LABEL_NAMES
LABELS = {name: label for label, name in NAMES.items()}


def name_of_label(label: int | None) -> str:
    """Return the name of a label or a claim, and an empty text for none."""
    return "" if label is None else NAMES[label]


def parse_label(name: str) -> int | None:
    """Return the label that a name stands for, and None for an empty text.

    Raises ExchangeError for anything else.
    """
    if not name:
        return None
    if name not in LABELS:
        raise ExchangeError(
            f"{name[:40]!r} is not a label. The labels are 0 to 9, not_a_digit, "
            "several and cannot_tell."
        )
    return LABELS[name]


def parse_claim(name: str) -> int | None:
    """Return the claim that a name stands for. A visitor cannot claim 'cannot_tell'.

    Raises ExchangeError when it is not a claim.
    """
    claim = parse_label(name)
    if claim == CANNOT_TELL:
        raise ExchangeError("'cannot_tell' is not a claim.")
    return claim

"""Types of command-line options."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Parse an option that must be 1 or more. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a positive integer.")
    return int(text)


def natural(text: str) -> int:
    """Parse an option that must be 0 or more, as a seed. Raises ArgumentTypeError."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a non-negative integer.")
    return int(text)

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Return an option's value. Raises ArgumentTypeError unless it is 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a positive integer.")
    return int(text)


def non_negative(text: str) -> int:
    """Return an option's value. Raises ArgumentTypeError unless it is 0 or more."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a non-negative integer.")
    return int(text)


def drawings(count: int) -> str:
    """Return '1 drawing', '2 drawings' and so on."""
    return "1 drawing" if count == 1 else f"{count} drawings"

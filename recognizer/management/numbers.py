from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Parse an option that counts something: 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0.")
    return int(text)


def natural(text: str) -> int:
    """Parse a seed or a number that may be 0."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a whole number from 0.")
    return int(text)


def drawings(count: int) -> str:
    """Return '1 drawing', '2 drawings' and so on."""
    return "1 drawing" if count == 1 else f"{count} drawings"

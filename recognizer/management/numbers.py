from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Parse an option that counts something: 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0.")
    return int(text)

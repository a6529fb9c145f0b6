"""Keep the drawings of some senders aside: they measure models and train none."""

from hashlib import sha256

ONE_IN = 10  # senders


def is_kept_aside(session: str, picture: bytes) -> bool:
    """Return whether a submission is kept aside. All submissions of a sender agree.

    So no model is measured on people it has learned from. `session` is the pseudonym
    of the sender's session. Without one, the bytes of the picture decide, so that the
    same picture always gets the same result.
    """
    digest = sha256(session.encode() or picture).digest()
    return int.from_bytes(digest[:8]) % ONE_IN == 0

"""Which submissions are kept aside: no model learns from them, and every figure comes from them."""

from hashlib import sha256

ONE_IN = 10  # senders


def is_kept_aside(session: str, picture: bytes) -> bool:
    """Decide by sender, so that no model is measured on people it has learned from.

    `session` is the pseudonym of the sender's session. Where it is empty, the bytes of the picture
    decide, so that the same picture is always on the same side.
    """
    digest = sha256(session.encode() or picture).digest()
    return int.from_bytes(digest[:8]) % ONE_IN == 0

"""Small pictures for pages that show many drawings."""

import io

from PIL import Image

SIDE = 96  # pixels: the grid shows up to this size


def thumbnail(png: bytes) -> bytes:
    """Return a stored picture as a grey PNG of at most SIDE px a side."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        small = picture.convert("L")
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()

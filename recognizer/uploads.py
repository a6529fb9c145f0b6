"""Decode uploaded pictures within the limits of the settings."""

from django.conf import settings

from recognizer.reading.glyphs import Drawing
from recognizer.reading.pictures import Grey, read_picture


def read_upload(data: bytes) -> Grey:
    """Return the picture in the bytes of a file. Raises PictureError."""
    return read_picture(
        data,
        max_bytes=settings.PICTURE_MAX_BYTES,
        max_pixels=settings.PICTURE_MAX_PIXELS,
    )


def read_drawing(data: bytes) -> Drawing:
    """Return the picture with its glyph. Raises PictureError."""
    return Drawing.from_picture(read_upload(data))

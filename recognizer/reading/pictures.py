"""From uploaded bytes to a normalised grey picture, and back. No Django, no Chainer."""

import io
import re
import struct
import warnings
from collections.abc import Callable
from itertools import islice
from math import ceil
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin

Grey = NDArray[np.uint8]  # H x W, 0 black to 255 white
Reader = Callable[[io.BytesIO], Image.Image]

LONGEST_SIDE = 1024  # px, of a normalised picture
# A few kilobytes can hold millions of lines of one pixel, which take ten seconds to
# decode.
MAX_SIDE = 20_000  # px
# A progressive JPEG has about ten scans. A hundred kilobytes can hold thousands, each
# of which takes as long to decode as the whole picture. A scan's marker cannot occur
# within one (ITU-T T.81, B.1.1.5).
MAX_SCANS = 30
MAX_SEGMENTS = 2_000  # of metadata; a photograph has some dozens
# Pillow's time to read EXIF segments grows with the square of their number.
MAX_EXIF = 10
# Pictures with more pixels take a hundred megabytes, so they are decoded one at a time.
LARGE = 2_000_000
_JPEG = b"\xff\xd8\xff"
_READERS: dict[bytes, Reader] = {
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
    _JPEG: JpegImagePlugin.JpegImageFile,
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# The markers of the segments APP0 to APP15 and COM
_METADATA = re.compile(rb"\xff[\xe0-\xef\xfe]")
_warnings_lock = Lock()
_one_at_a_time = Lock()


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation: makemessages looks for this name."""
    return sentence


class PictureError(ValueError):
    """The reason why a picture cannot be read, as a sentence.

    `code` names the reason. The sentence is `template % params`, so that the site can
    translate the template.
    """

    def __init__(self, code: str, template: str, **params: object) -> None:
        super().__init__(template % params)
        self.code = code
        self.template = template
        self.params = params


def read_picture(
    data: bytes, *, max_bytes: int = 10_000_000, max_pixels: int = 16_000_000
) -> Grey:
    """Decode a PNG or JPEG of any colour mode to H x W uint8, 0 black to 255 white.

    Transparency becomes white, EXIF orientation is applied, and the longest side
    becomes at most 1,024 px. Raises PictureError for any other bytes. The limits are
    checked before anything is decoded.
    """
    _check_bytes(data, max_bytes)
    image = _open(data)
    _check_pixels(image, max_pixels)
    _check_sides(image)
    if image.width * image.height > LARGE:
        with _one_at_a_time:
            return _decode(image)
    return _decode(image)


def encode_png(picture: Grey) -> bytes:
    """Return an H x W uint8 array as a grey PNG without metadata.

    `read_picture` returns the same array.
    """
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def _check_bytes(data: bytes, limit: int) -> None:
    """Raise PictureError when the file is too large or has too many parts."""
    if len(data) > limit:
        # The size is unknown: callers read at most one byte more than the limit.
        raise PictureError(
            "too-many-bytes",
            gettext_noop("The picture is larger than %(limit)g MB."),
            limit=limit / 1e6,
        )
    if data.startswith(_JPEG) and _has_too_many_parts(data):
        raise PictureError(
            "too-many-parts", gettext_noop("The JPEG picture has too many parts.")
        )


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    """Raise PictureError when the header announces too many pixels."""
    pixels = image.width * image.height
    if pixels > max_pixels:
        raise PictureError(
            "too-many-pixels",
            gettext_noop(
                "The picture has %(size).1f megapixels (%(width)d x %(height)d); "
                "it can have at most %(limit)g megapixels."
            ),
            # Rounded up: a size just above the limit must not look like the limit.
            size=ceil(pixels / 1e5) / 10,
            width=image.width,
            height=image.height,
            limit=max_pixels / 1e6,
        )


def _check_sides(image: Image.Image) -> None:
    """Raise PictureError when the header announces a side that is too long."""
    if max(image.size) > MAX_SIDE:
        raise PictureError(
            "too-long-side",
            gettext_noop(
                "The picture has %(width)d x %(height)d pixels; "
                "each side can have at most %(limit)d pixels."
            ),
            width=image.width,
            height=image.height,
            limit=MAX_SIDE,
        )


def _has_too_many_parts(jpeg: bytes) -> bool:
    return (
        jpeg.count(b"\xff\xda") > MAX_SCANS
        or jpeg.count(b"Exif\0\0") > MAX_EXIF
        or any(islice(_METADATA.finditer(jpeg), MAX_SEGMENTS, None))
    )


def _open(data: bytes) -> Image.Image:
    for magic, reader in _READERS.items():
        if data.startswith(magic):
            return _read_header(reader, data)
    raise PictureError(
        "not-a-picture", gettext_noop("The file is neither a PNG nor a JPEG picture.")
    )


def _read_header(reader: Reader, data: bytes) -> Image.Image:
    # Image.open would warn of many pixels before they are refused here, so the readers
    # are called directly. They also warn of unusual metadata. Warning filters belong to
    # the whole process, hence the lock.
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader(io.BytesIO(data))
        except Exception as error:  # Pillow raises many kinds for damaged pictures
            raise _damaged() from error


def _decode(image: Image.Image) -> Grey:
    turn = _TURNS.get(_orientation(image.info.get("exif", b"")))
    try:
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            # The decoder scales down as far as it can, which saves time and memory.
            image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
    except Exception as error:  # as above
        raise _damaged() from error
    grey = _to_grey(image)
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    if turn is not None:
        grey = grey.transpose(turn)
    return np.array(grey, np.uint8)


def _damaged() -> PictureError:
    return PictureError(
        "truncated", gettext_noop("The picture is damaged or incomplete.")
    )


def _to_grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("L")
    solid = image.convert("RGBA")
    white = Image.new("L", solid.size, 255)
    white.paste(solid.convert("L"), mask=solid.getchannel("A"))
    return white


def _orientation(exif: bytes) -> int:
    """Return EXIF tag 0x0112 (EXIF 2.32, section 4.6.4); 1 when it cannot be read.

    Pillow's own reader warns of damaged metadata. The picture itself is usable.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = ">" if tiff.startswith(b"MM") else "<"
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for i in range(count):
            entry = start + 2 + 12 * i
            tag, _kind, _count, value = struct.unpack_from(order + "HHIH", tiff, entry)
            if tag == 0x0112:
                return int(value)
    except struct.error:
        pass
    return 1

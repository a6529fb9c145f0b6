"""Bytes that somebody sent -> the normalised grey picture, and back. No Django, no Chainer."""

import io
import re
import struct
import warnings
from contextlib import nullcontext
from itertools import islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin

Grey = NDArray[np.uint8]  # H x W, 0 black to 255 white

LONGEST_SIDE = 1024
MAX_SIDE = 20_000  # a few kilobytes can hold millions of lines of one pixel, which take ten seconds to decode
# A progressive JPEG is painted in about ten scans; a hundred kilobytes can hold thousands, each of which
# takes as long as the whole picture. A scan's marker cannot stand within one (ITU-T T.81, B.1.1.5).
MAX_SCANS = 30
MAX_SEGMENTS = 2_000  # of metadata; a photograph has some dozens
MAX_EXIF = 10  # of them: Pillow takes these in in a time that grows with the square of their number
LARGE = 2_000_000  # pixels: pictures that are decoded one at a time, for they take a hundred megabytes
_JPEG = b"\xff\xd8\xff"
_HEADERS = {
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
_METADATA = re.compile(
    rb"\xff[\xe0-\xef\xfe]"
)  # the markers of segments APP0 to APP15 and COM
_warnings_lock = Lock()
_one_at_a_time = Lock()


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators of the site, whose tools know this name."""
    return sentence


class PictureError(ValueError):
    """Why a picture cannot be read, as a sentence for a person.

    `code` names the reason, `template % params` is the sentence: the web translates the template.
    """

    def __init__(self, code: str, template: str, **params: object) -> None:
        super().__init__(template % params)
        self.code = code
        self.template = template
        self.params = params


def read_picture(
    data: bytes, *, max_bytes: int = 10_000_000, max_pixels: int = 16_000_000
) -> Grey:
    """Decode a PNG or JPEG of any colour mode to an H x W uint8 array, 0 black to 255 white.

    Transparency is laid on white, EXIF orientation applied, the longest side brought down to 1,024 px.
    Raises PictureError, whatever the bytes are; the limits are checked before anything is decoded.
    """
    if len(data) > max_bytes:
        # How many there are is not said, for whoever asks may have read no further than to the limit.
        raise PictureError(
            "too-many-bytes",
            gettext_noop("The picture is larger than %(limit)g MB."),
            limit=max_bytes / 1e6,
        )
    if data.startswith(_JPEG) and _has_too_many_parts(data):
        raise PictureError(
            "too-many-parts",
            gettext_noop("The JPEG picture is made of too many parts."),
        )
    image = _open(data)
    if image.width * image.height > max_pixels:
        raise PictureError(
            "too-many-pixels",
            gettext_noop(
                "The picture has %(width)d x %(height)d pixels; %(limit)d are allowed in all."
            ),
            width=image.width,
            height=image.height,
            limit=max_pixels,
        )
    if max(image.size) > MAX_SIDE:
        raise PictureError(
            "too-long-side",
            gettext_noop(
                "The picture has %(width)d x %(height)d pixels; %(limit)d are allowed on a side."
            ),
            width=image.width,
            height=image.height,
            limit=MAX_SIDE,
        )
    with _one_at_a_time if image.width * image.height > LARGE else nullcontext():
        return _decode(image)


def encode_png(picture: Grey) -> bytes:
    """Write an H x W uint8 array as a grey PNG without metadata; `read_picture` reads the same array back."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def _has_too_many_parts(jpeg: bytes) -> bool:
    return (
        jpeg.count(b"\xff\xda") > MAX_SCANS
        or jpeg.count(b"Exif\0\0") > MAX_EXIF
        or any(islice(_METADATA.finditer(jpeg), MAX_SEGMENTS, None))
    )


def _open(data: bytes) -> Image.Image:
    for magic, reader in _HEADERS.items():
        if data.startswith(magic):
            return _read_header(reader, data)
    raise PictureError(
        "not-a-picture", gettext_noop("The file is neither a PNG nor a JPEG picture.")
    )


def _read_header(reader: type[Image.Image], data: bytes) -> Image.Image:
    # The readers themselves instead of Image.open, which warns of many pixels before we can refuse them.
    # They also warn of odd metadata. Warning filters belong to the whole process, hence the lock.
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader(io.BytesIO(data))  # type: ignore[call-arg]
        except (
            Exception
        ) as error:  # whatever Pillow raises on hostile bytes, it is a damaged picture
            raise _damaged() from error


def _decode(image: Image.Image) -> Grey:
    turn = _TURNS.get(_orientation(image.info.get("exif", b"")))
    try:
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            image.draft(
                None, (LONGEST_SIDE, LONGEST_SIDE)
            )  # decode no finer than needed
        image.load()
    except Exception as error:  # as above
        raise _damaged() from error
    grey = _to_grey(image)
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    return np.array(grey if turn is None else grey.transpose(turn), np.uint8)


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
    """Return EXIF tag 0x0112 (EXIF 2.32, section 4.6.4), 1 where it is missing or unreadable.

    Pillow's own reader warns of damaged metadata, which must not cost anyone the picture.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = ">" if tiff.startswith(b"MM") else "<"
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        entries = [
            struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * i)
            for i in range(count)
        ]
    except struct.error:
        return 1
    return next((value for tag, _kind, _count, value in entries if tag == 0x0112), 1)

"""Decoding uploads: any bytes give a grey picture or a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from recognizer.reading.pictures import PictureError, encode_png, read_picture


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def halves(mode: str = "L") -> Image.Image:
    """Return a picture of 40 x 20 px, black on the left and white on the right."""
    picture = np.repeat([[0] * 20 + [255] * 20], 20, axis=0).astype(np.uint8)
    return Image.fromarray(picture).convert(mode)


def header_only(width: int, height: int) -> bytes:
    """Return a PNG that claims a size but has no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + header, b"IDAT"]
    framed = [
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c))
        for c in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def error_of(data: bytes, **limits: int) -> PictureError:
    with pytest.raises(PictureError) as caught:
        read_picture(data, **limits)
    return caught.value


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_it_reads_a_png_of_every_mode(mode: str) -> None:
    picture = read_picture(encoded(halves(mode)))
    assert (picture[:, :20] == 0).all()
    assert (picture[:, 20:] == 255).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_it_reads_a_jpeg_of_every_mode(mode: str) -> None:
    picture = read_picture(encoded(halves(mode), "JPEG", quality=95))
    assert picture[:, :18].max() < 30
    assert picture[:, 22:].min() > 225


def test_it_reads_16_bit_grey() -> None:
    levels = np.array([[0, 65535], [32768, 257]], np.uint16)
    assert read_picture(encoded(Image.fromarray(levels))).tolist() == [
        [0, 255],
        [128, 1],
    ]


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (read_picture(encoded(clear)) == 255).all()


def test_a_transparent_palette_colour_becomes_white() -> None:
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([0, 0, 0, 255, 255, 255])
    assert (read_picture(encoded(palette, transparency=0)) == 255).all()


@pytest.mark.parametrize(
    ("orientation", "black"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")]
)
def test_it_applies_the_exif_orientation(orientation: int, black: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(encoded(halves(), "JPEG", exif=exif.tobytes()))
    sides = {
        "left": picture[:, :4],
        "right": picture[:, -4:],
        "top": picture[:4],
        "bottom": picture[-4:],
    }
    assert sides[black].max() < 30


def test_a_picture_with_damaged_exif_is_read() -> None:
    data = encoded(halves(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read_picture(data).shape == (20, 40)


def test_the_longest_side_is_reduced_to_1024() -> None:
    assert read_picture(encoded(Image.new("L", (3000, 1500)))).shape == (512, 1024)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_one_pixel_is_a_picture(kind: str) -> None:
    assert read_picture(encoded(Image.new("L", (1, 1), 255), kind)).tolist() == [[255]]


def test_an_encoded_picture_is_read_back_unchanged() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (37, 53)).astype(np.uint8)
    data = encode_png(picture)
    assert (read_picture(data) == picture).all()
    assert Image.open(io.BytesIO(data)).info == {}


def test_too_many_bytes_are_refused() -> None:
    error = error_of(encoded(halves()), max_bytes=10)
    assert error.code == "too-many-bytes"
    assert str(error) == error.template % error.params
    assert "limit" in error.params


@pytest.mark.parametrize("size", [(5000, 4000), (100_000, 100_000)])
def test_too_many_pixels_are_refused_before_decoding(size: tuple[int, int]) -> None:
    error = error_of(header_only(*size))
    assert error.code == "too-many-pixels"
    assert str(size[0]) in str(error)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"<svg/>", b"\x89PNG", b"BM" + bytes(100)]
)
def test_other_files_are_refused(data: bytes) -> None:
    assert error_of(data).code == "not-a-picture"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_truncated_file_is_damaged(kind: str, share: float) -> None:
    noise = Image.fromarray(
        np.random.default_rng(1).integers(0, 256, (200, 200)).astype(np.uint8)
    )
    data = encoded(noise, kind)
    assert error_of(data[: int(len(data) * share)]).code == "truncated"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG"]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255))),
)
def test_any_bytes_give_a_picture_or_a_picture_error(
    kind: str, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(encoded(halves("RGB"), kind))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        picture = read_picture(bytes(data))
    except PictureError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 2

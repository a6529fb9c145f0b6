"""Which input the forms accept, and the sentence for all other input.

Forms need neither the database nor the model.
"""

import base64
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from recognizer.forms import ClaimForm, DrawingForm, SendForm
from recognizer.models import Source
from recognizer.reading.constants import CLASSES
from recognizer.reading.glyphs import Drawing, make_glyph
from tests.factories import blank_png, data_uri, draw, picture_bytes, upload

PREFIX = "data:image/png;base64,"
TOO_MANY_PARTS = "The JPEG picture has too many parts."
BLANK = "The picture is blank: there is no ink to read. Draw a digit."


def drawing_form(image: str = "", file: bytes | None = None) -> DrawingForm:
    return DrawingForm({"image": image}, files(file=file))


def files(**data: bytes | None) -> "MultiValueDict[str, UploadedFile[bytes]]":
    return MultiValueDict(
        {name: [upload(value)] for name, value in data.items() if value is not None}
    )


def said(form: DrawingForm | SendForm) -> str:
    """Return all errors of a form."""
    return " ".join(
        str(sentence) for sentences in form.errors.values() for sentence in sentences
    )


def png_with_header(width: int, height: int) -> bytes:
    """Return a PNG that is small but claims a size, which decoding would need."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(9)))
    )


def chunk(name: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
    )


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    end_of_header = 8 + 25
    return png[:end_of_header] + chunk(name, data) + png[end_of_header:]


def test_it_accepts_a_drawing_from_the_board() -> None:
    form = drawing_form(data_uri())
    assert form.is_valid()
    assert form.cleaned_data["source"] == Source.CANVAS
    assert isinstance(form.cleaned_data["drawing"], Drawing)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_accepts_a_file(kind: str) -> None:
    form = drawing_form(file=picture_bytes(draw(mode="RGB"), kind))
    assert form.is_valid()
    assert form.cleaned_data["source"] == Source.UPLOAD


def test_a_file_takes_precedence_over_the_board() -> None:
    form = drawing_form(data_uri(blank_png()), picture_bytes())
    assert form.is_valid()
    assert form.cleaned_data["source"] == Source.UPLOAD


def test_the_glyph_is_made_from_the_stored_picture() -> None:
    form = drawing_form(data_uri())
    assert form.is_valid()
    drawing = form.cleaned_data["drawing"]
    np.testing.assert_array_equal(make_glyph(drawing.picture), drawing.glyph)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ("", "There is nothing to read yet: draw a digit, or choose a picture."),
        (
            "data:,",
            "The drawing board was empty in the browser. Reload the page and draw again.",
        ),
        (
            "data:image/jpeg;base64,AAAA",
            "The drawing did not arrive as a PNG data URI.",
        ),
        ("javascript:alert(1)", "The drawing did not arrive as a PNG data URI."),
        (
            PREFIX + "AAA",
            "The drawing arrived damaged: its base64 encoding is invalid.",
        ),
        (PREFIX + "Ä", "The drawing arrived damaged: its base64 encoding is invalid."),
        (
            PREFIX + "AA\nAA",
            "The drawing arrived damaged: its base64 encoding is invalid.",
        ),
        (PREFIX + "AAAA", "The drawing is not a PNG picture."),
        (PREFIX, "The drawing is not a PNG picture."),
        (
            data_uri(picture_bytes(draw(mode="RGB"), "JPEG")),
            "The drawing is not a PNG picture.",
        ),
        (data_uri(picture_bytes()[:200]), "The picture is damaged or incomplete."),
        (data_uri(blank_png()), BLANK),
        (
            data_uri(png_with_header(65_000, 65_000)),
            "The picture has 4225.0 megapixels (65000 x 65000); "
            "it can have at most 16 megapixels.",
        ),
        (
            PREFIX + "A" * 128 * 1024,
            "The drawing is too detailed to send: its size is 129 KiB, "
            "and the limit is 128 KiB.",
        ),
        ("data:image/png;base64,AA\0A", "Null characters are not allowed."),
    ],
)
def test_each_invalid_drawing_gets_its_own_error(image: str, sentence: str) -> None:
    assert said(drawing_form(image)) == sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"GIF89a;", "The file is neither a PNG nor a JPEG picture."),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "The file is neither a PNG nor a JPEG picture.",
        ),
        (picture_bytes()[:200], "The picture is damaged or incomplete."),
        (b"\xff\xd8\xff" + bytes(500), "The picture is damaged or incomplete."),
        (bytes(10_000_001), "The picture is larger than 10 MB."),
        (bytes(11_000_000), "The picture is larger than 10 MB."),
        (
            png_with_header(4_001, 4_000),
            "The picture has 16.1 megapixels (4001 x 4000); "
            "it can have at most 16 megapixels.",
        ),
        (
            png_with_header(1, 16_000_000),
            "The picture has 1 x 16000000 pixels; "
            "each side can have at most 20000 pixels.",
        ),
        (blank_png(), BLANK),
        (picture_bytes(Image.new("L", (280, 280), "black")), BLANK),
        (picture_bytes(Image.new("RGBA", (280, 280), "#0000")), BLANK),
        (picture_bytes(Image.new("L", (1, 1), "grey")), BLANK),
    ],
)
def test_each_invalid_file_gets_its_own_error(data: bytes, sentence: str) -> None:
    assert said(drawing_form(file=data)) == sentence


@pytest.mark.parametrize(
    "hide",
    [
        lambda png, bomb: with_chunk(png, b"iCCP", b"profile\0\0" + bomb),
        lambda png, bomb: with_chunk(png, b"zTXt", b"comment\0\0" + bomb),
        lambda png, bomb: with_chunk(png, b"iTXt", b"comment\0\1\0\0\0" + bomb),
    ],
    ids=["iCCP", "zTXt", "iTXt"],
)
def test_a_decompression_bomb_in_the_metadata_does_no_harm(
    hide: Callable[[bytes, bytes], bytes],
) -> None:
    bomb = zlib.compress(bytes(200_000_000), 1)
    form = drawing_form(file=hide(picture_bytes(), bomb))
    assert form.is_valid() or said(form) == "The picture is damaged or incomplete."


def test_more_data_than_the_header_announces_is_not_decoded() -> None:
    header = struct.pack(">IIBBBBB", 280, 280, 8, 0, 0, 0, 0)
    bomb = zlib.compress(bytes(200_000_000), 1)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", bomb)
        + chunk(b"IEND", b"")
    )
    assert said(drawing_form(file=png)) == BLANK  # the decoded part is black everywhere


def test_a_progressive_jpeg_is_accepted_unless_it_has_thousands_of_scans() -> None:
    photograph = picture_bytes(draw(mode="RGB"), "JPEG", progressive=True)
    scan = photograph[photograph.rindex(b"\xff\xda") : -2]
    assert drawing_form(file=photograph).is_valid()
    assert said(drawing_form(file=photograph[:-2] + 1000 * scan)) == TOO_MANY_PARTS


@pytest.mark.parametrize(
    ("segment", "allowed"),
    [(b"\xff\xe1\0\x0aExif\0\0MM", 5), (b"\xff\xe2\0\x04ab", 500)],
)
def test_a_jpeg_with_metadata_is_accepted_unless_it_has_thousands_of_segments(
    segment: bytes, allowed: int
) -> None:
    photograph = picture_bytes(draw(mode="RGB"), "JPEG")
    assert drawing_form(
        file=photograph[:2] + allowed * segment + photograph[2:]
    ).is_valid()
    assert (
        said(drawing_form(file=photograph[:2] + 100_000 * segment + photograph[2:]))
        == TOO_MANY_PARTS
    )


@given(st.binary(max_size=500))
def test_any_bytes_in_a_data_uri_give_an_error(data: bytes) -> None:
    form = drawing_form(PREFIX + base64.b64encode(data).decode())
    assert not form.is_valid()
    assert said(form)


@given(st.text())
def test_any_text_in_a_data_uri_gives_an_error(text: str) -> None:
    form = drawing_form(text)
    assert not form.is_valid()
    assert said(form)


def damaged(png: bytes) -> st.SearchStrategy[bytes]:
    """Return the file with some bytes changed or cut off."""
    change = st.tuples(st.integers(0, len(png) - 1), st.integers(0, 255))
    return st.builds(
        _change, st.just(png), st.lists(change, max_size=8), st.integers(1, len(png))
    )


def _change(png: bytes, changes: list[tuple[int, int]], length: int) -> bytes:
    data = bytearray(png)
    for place, value in changes:
        data[place] = value
    return bytes(data[:length])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        damaged(picture_bytes(draw(size=56))),
        damaged(picture_bytes(draw(size=56, mode="RGB"), "JPEG")),
        damaged(picture_bytes(draw(size=56, mode="P"))),
        damaged(picture_bytes(draw(size=56, mode="I;16"))),
        st.binary(max_size=300),
    )
)
def test_a_damaged_file_gives_a_drawing_or_a_sentence(data: bytes) -> None:
    form = drawing_form(file=data)
    assert form.is_valid() == bool(form.cleaned_data.get("drawing"))
    assert form.is_valid() != bool(said(form))


def test_the_api_accepts_a_blank_picture() -> None:
    form = SendForm({}, files(image=blank_png()))
    assert form.is_valid()


@pytest.mark.parametrize(
    "claim", ["", "12", "-1", "7.0", "seven", "\u0667", "7\0", "7 or 1"]
)
def test_it_refuses_an_invalid_claim(claim: str) -> None:
    assert not ClaimForm({"claim": claim}).is_valid()


@pytest.mark.parametrize("claim", range(CLASSES))
def test_every_class_can_be_claimed(claim: int) -> None:
    form = ClaimForm({"claim": str(claim)})
    assert form.is_valid()
    assert form.cleaned_data["claim"] == claim

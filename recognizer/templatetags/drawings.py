"""Template filters: pictures as data URIs, and shares as percentages."""

import base64

import numpy as np
from django import template

from recognizer.reading.glyphs import GLYPH_SIDE
from recognizer.reading.pictures import encode_png

register = template.Library()


@register.filter
def png_uri(png: bytes) -> str:
    """Return a PNG as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


@register.filter
def glyph_uri(glyph: bytes | memoryview) -> str:
    """Return the 784 bytes of a glyph as a data URI, white ink on black as in MNIST."""
    pixels = np.frombuffer(glyph, np.uint8).reshape(GLYPH_SIDE, GLYPH_SIDE)
    return png_uri(encode_png(pixels))


@register.filter
def measured_percent(share: float) -> str:
    """Return a measured share as in '99.88 %', for 0.99876."""
    return f"{100 * share:.2f} %"


@register.filter
def whole_percent(share: float) -> str:
    """0.7 -> '70 %'."""
    return f"{100 * share:.0f} %"


@register.filter
def percent(share: float) -> str:
    """Return a probability as in '99.9 %', for 0.9987.

    The largest is 99.9 %, because no reading is certain.
    """
    return f"{min(100 * share, 99.9):.1f} %"

"""Pictures inside a page, as data URIs."""

import base64

import numpy as np
from django import template

from recognizer.reading.pictures import encode_png

register = template.Library()


@register.filter
def png_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


@register.filter
def glyph_uri(glyph: bytes | memoryview) -> str:
    """The 784 bytes that the network read, white ink on black as in MNIST."""
    return png_uri(encode_png(np.frombuffer(glyph, np.uint8).reshape(28, 28)))


@register.filter
def measured_percent(share: float) -> str:
    """0.99876 -> '99.88 %', of what was counted."""
    return f"{100 * share:.2f} %"


@register.filter
def whole_percent(share: float) -> str:
    """0.7 -> '70 %'."""
    return f"{100 * share:.0f} %"


@register.filter
def percent(share: float) -> str:
    """0.9987 -> '99.9 %'; never '100.0 %', for no reading is certain."""
    return f"{min(100 * share, 99.9):.1f} %"

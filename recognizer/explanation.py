"""How a picture was read, step by step, by the functions that serve predictions."""

import io
from dataclasses import dataclass
from math import ceil

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from PIL import Image

from recognizer.inference import Classifier, Reading
from recognizer.reading.glyphs import Glyph, centre, cut_margin, fit
from recognizer.reading.ink import Ink, find_ink
from recognizer.reading.pictures import Grey, encode_png
from recognizer.reading.specks import remove_specks

RED = np.array([214, 39, 40])
BLUE = np.array([31, 90, 200])
FAINT = 0.45  # how strongly the occlusion map shows the glyph, from 0 to 1


@dataclass(frozen=True)
class Step:
    """A picture with a title, a sentence about it and its text alternative."""

    title: str
    words: str
    png: bytes
    alt: str


@dataclass(frozen=True)
class Explanation:
    steps: list[Step]
    reading: Reading


def explain(picture: Grey, classifier: Classifier, *, occlusion: bool) -> Explanation:
    """Return the steps from a picture with ink to its reading.

    The steps to the glyph are those of `make_glyph`. The occlusion map takes a hundred
    readings, so it is optional.
    """
    ink = remove_specks(find_ink(picture))
    cut = cut_margin(ink)
    box = fit(cut)
    glyph = centre(box)
    steps = [
        _sent_step(picture),
        _ink_step(ink),
        _margin_step(cut),
        _box_step(box),
        _glyph_step(glyph),
        _first_layer_step(classifier.first_layer(glyph)),
    ]
    if occlusion:
        steps.append(_occlusion_step(glyph, classifier.occlusion(glyph)))
    (reading,) = classifier.read([glyph])
    return Explanation(steps, reading)


def _sent_step(picture: Grey) -> Step:
    return _grey_step(
        _("As it was sent"),
        _("The picture in shades of grey, with transparency turned into white."),
        picture,
        _("The picture"),
    )


def _ink_step(ink: Ink) -> Step:
    return _grey_step(
        _("Ink found"),
        _(
            "Ink of any shade is separated from paper of any shade, "
            "and specks are removed."
        ),
        255 - ink,
        _("The ink alone, black on white"),
    )


def _margin_step(cut: Ink) -> Step:
    return _grey_step(
        _("Margin removed"),
        _("The empty rows and columns around the ink are cut off."),
        255 - cut,
        _("The ink without margin"),
    )


def _box_step(box: Ink) -> Step:
    return _grey_step(
        _("Fitted into 20 by 20 pixels"),
        _("The proportions stay the same; thin strokes are thickened."),
        box,
        _("The drawing, small, white on black"),
    )


def _glyph_step(glyph: Glyph) -> Step:
    return _grey_step(
        _("Placed by its centre of mass in 28 by 28 pixels"),
        _(
            "The digits of MNIST were prepared in the same way. "
            "The network reads this and nothing else."
        ),
        glyph,
        _("What the network reads, white on black"),
    )


def _first_layer_step(responses: NDArray[np.float32]) -> Step:
    alt = _("%(count)d small pictures, one for each filter")
    return _grey_step(
        _("How the first layer responds"),
        _(
            "Each picture shows one filter, which looks for one kind of edge. "
            "Bright means a strong response."
        ),
        _tile(responses),
        alt % {"count": len(responses)},
    )


def _tile(responses: NDArray[np.float32]) -> Grey:
    """Lay out channels x height x width responses in a grid, as square as possible.

    The strongest response is white.
    """
    channels, height, width = responses.shape
    columns = ceil(channels**0.5)
    rows = ceil(channels / columns)
    tiles = np.zeros((rows * columns, height, width), np.float32)
    tiles[:channels] = responses / max(float(responses.max()), 1e-6)
    gap = 1 if height > 1 else 0
    framed = np.pad(tiles, ((0, 0), (0, gap), (0, gap)), constant_values=0.25)
    grid = framed.reshape(rows, columns, height + gap, width + gap)
    picture = grid.swapaxes(1, 2).reshape(rows * (height + gap), -1)
    return np.asarray(255 * np.clip(picture, 0, 1), np.uint8)


def _occlusion_step(glyph: Glyph, drop: NDArray[np.float32]) -> Step:
    return Step(
        _("Which parts decided"),
        _(
            "A small square covers each place in turn. "
            "Red: without this part, the answer would be less certain. "
            "Blue: without it, more certain."
        ),
        _colour_png(_tint(glyph, drop)),
        _("The drawing with the deciding parts in red"),
    )


def _tint(glyph: Glyph, drop: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the glyph as a colour picture, H x W x 3, tinted by the occlusion map.

    It is red where covering makes the answer less likely, blue where more likely.
    """
    strongest = max(float(np.abs(drop).max()), 1e-6)
    change = np.clip(drop / strongest, -1, 1)[..., None]
    strength = np.abs(change)
    tint = np.where(change > 0, RED, BLUE)
    paper = 255 - glyph[..., None] * FAINT
    return np.asarray(paper * (1 - strength) + tint * strength, np.uint8)


def _grey_step(title: str, words: str, picture: Grey, alt: str) -> Step:
    return Step(title, words, encode_png(picture), alt)


def _colour_png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()

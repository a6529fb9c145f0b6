"""How a picture was read, step by step, through the very functions that serve."""

import io
from dataclasses import dataclass
from math import ceil

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from PIL import Image

from recognizer.inference import Classifier, Reading
from recognizer.reading.glyphs import centre, cut_margin, fit
from recognizer.reading.ink import find_ink
from recognizer.reading.pictures import Grey, encode_png
from recognizer.reading.specks import remove_specks


@dataclass(frozen=True)
class Step:
    title: str
    words: str
    png: bytes
    alt: str


@dataclass(frozen=True)
class Explanation:
    steps: list[Step]
    prediction: Reading


def explain(picture: Grey, classifier: Classifier, *, occlusion: bool) -> Explanation:
    """Every step from a picture to the prediction; the occlusion map, which takes a while, is extra."""
    glyph, steps = _preprocessing(picture)
    (prediction,) = classifier.read([glyph])
    steps.append(_first_layer(classifier.first_layer(glyph)))
    if occlusion:
        steps.append(_occlusion(glyph, classifier.occlusion(glyph)))
    return Explanation(steps, prediction)


def _preprocessing(picture: Grey) -> tuple[Grey, list[Step]]:
    """The glyph and what led to it, as `imaging.make_glyph` does it."""
    ink = remove_specks(find_ink(picture))
    cut = cut_margin(ink)
    box = fit(cut)
    glyph = centre(box)
    return glyph, [
        _grey_step(
            _("As it was sent"),
            _("The picture in shades of grey, laid on white."),
            picture,
            _("The picture"),
        ),
        _grey_step(
            _("Ink found"),
            _("Ink is told from paper, whatever their shades, and specks are dropped."),
            255 - ink,
            _("The ink alone, black on white"),
        ),
        _grey_step(
            _("Margin cut"),
            _("The empty rows and columns around it go."),
            255 - cut,
            _("The ink without margin"),
        ),
        _grey_step(
            _("Fitted to 20 by 20 pixels"),
            _("Its proportions stay as they are; thin strokes are thickened."),
            box,
            _("The digit, small, white on black"),
        ),
        _grey_step(
            _("Placed by its centre of mass in 28 by 28 pixels"),
            _(
                "Just as the digits of MNIST were prepared. This, and only this, is what the network reads."
            ),
            glyph,
            _("What the network reads, white on black"),
        ),
    ]


def _first_layer(responses: NDArray[np.float32]) -> Step:
    return _grey_step(
        _("What the first layer answers"),
        _(
            "Each picture is one filter, looking for one kind of edge; bright is a strong answer."
        ),
        _tiled(responses),
        _("%(count)d small pictures, one for each filter") % {"count": len(responses)},
    )


def _tiled(responses: NDArray[np.float32]) -> Grey:
    """Lay channels x height x width out side by side, brightest answer white, in lines of equal length."""
    channels, height, width = responses.shape
    columns = ceil(channels**0.5)  # as nearly square as it gets
    rows = ceil(channels / columns)
    tiles = np.zeros((rows * columns, height, width), np.float32)
    tiles[:channels] = responses / max(float(responses.max()), 1e-6)
    gap = int(height > 1)
    grid = np.pad(tiles, ((0, 0), (0, gap), (0, gap)), constant_values=0.25)
    lines = grid.reshape(rows, columns, height + gap, width + gap).swapaxes(1, 2)
    return np.asarray(
        255 * np.clip(lines.reshape(rows * (height + gap), -1), 0, 1), np.uint8
    )


def _occlusion(glyph: Grey, drop: NDArray[np.float32]) -> Step:
    """Red where covering the drawing makes the answer less likely, blue where it makes it more likely."""
    strength = np.clip(drop / max(float(np.abs(drop).max()), 1e-6), -1, 1)[..., None]
    red, blue = np.array([214, 39, 40]), np.array([31, 90, 200])
    paper = np.repeat(255 - glyph[..., None] * 0.45, 3, axis=2)
    tint = np.where(strength > 0, red, blue)
    mixed = paper * (1 - np.abs(strength)) + tint * np.abs(strength)
    return Step(
        _("Which parts decided"),
        _(
            "A small square is laid over each place in turn. Red: without this part, the answer would be "
            "less sure. Blue: without it, surer."
        ),
        _colour_png(np.asarray(mixed, np.uint8)),
        _("The digit with the deciding parts in red"),
    )


def _grey_step(title: str, words: str, picture: Grey, alt: str) -> Step:
    return Step(title, words, encode_png(picture), alt)


def _colour_png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()

"""An epoch of glyphs for training, rendered newly each time.

Every example is a picture that goes through `make_glyph`, as a visitor's does.
"""

from collections.abc import Sequence

import numpy as np

from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.drawing.examples import EXAMPLES, NEEDED
from recognizer.reading.glyphs import GLYPH_SIDE, make_glyph


def render_epoch(part: Part, size: int, seed: Sequence[int], /) -> Labelled:
    """Render about `size` glyphs from a part of the data, in random order.

    The kinds have their shares of recipe.KINDS. The same seed gives the same glyphs.
    Only the glyphs are kept in memory: 784 bytes each.
    """
    rng = np.random.default_rng(seed)
    kinds = _kinds_of_epoch(part, size)
    images = np.empty((len(kinds), GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    labels = np.empty(len(kinds), np.int32)
    count = 0
    for index in rng.permutation(len(kinds)):
        picture, label = EXAMPLES[kinds[index]](part, rng)
        glyph = make_glyph(picture)
        if glyph is not None:  # a thin pen on a photographed sheet may leave no ink
            images[count], labels[count] = glyph, label
            count += 1
    return Labelled(images[:count], labels[:count])


def percentages(part: Part) -> dict[str, float]:
    """Return recipe.KINDS without the kinds that the part has no data for.

    The others receive what is left over, in proportion, so that they sum to 100.
    """
    possible = {}
    for kind, percent in recipe.KINDS.items():
        if NEEDED.get(kind) not in part.missing:
            possible[kind] = percent
    total = sum(possible.values())
    return {kind: 100 * percent / total for kind, percent in possible.items()}


def _kinds_of_epoch(part: Part, size: int) -> list[str]:
    """Return the kind of each glyph of an epoch, one after the other."""
    kinds: list[str] = []
    for kind, percent in percentages(part).items():
        kinds += [kind] * round(size * percent / 100)
    return kinds

"""An epoch of glyphs for training, rendered newly each time.

Every example is a picture that goes through `make_glyph`, as a visitor's does.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.drawing.examples import EXAMPLES, NEEDED
from recognizer.learning.progress import Show
from recognizer.reading.glyphs import GLYPH_SIDE, make_glyph


def render_epoch(
    part: Part,
    size: int,
    seed: Sequence[int],
    /,
    kinds: Mapping[str, float] = recipe.KINDS,
    show: Show = iter,
) -> Labelled:
    """Render about `size` glyphs from a part of the data, in random order.

    `kinds` has the percentage of each kind. The same seed gives the same glyphs. Only
    the glyphs are kept in memory: 784 bytes each. `show` goes through what is to be
    rendered, and may show progress.
    """
    rng = np.random.default_rng(seed)
    wanted = _kinds_of_epoch(part, size, kinds)
    images = np.empty((len(wanted), GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    labels = np.empty(len(wanted), np.int32)
    count = 0
    for index in show(rng.permutation(len(wanted))):
        picture, label = EXAMPLES[wanted[index]](part, rng)
        glyph = make_glyph(picture)
        if glyph is not None:  # a thin pen on a photographed sheet may leave no ink
            images[count], labels[count] = glyph, label
            count += 1
    return Labelled(images[:count], labels[:count])


def percentages(
    part: Part, kinds: Mapping[str, float] = recipe.KINDS
) -> dict[str, float]:
    """Return the percentages without the kinds that the part has no data for.

    The others receive what is left over, in proportion, so that they sum to 100.
    """
    possible = {}
    for kind, percent in kinds.items():
        if NEEDED.get(kind) not in part.missing:
            possible[kind] = percent
    total = sum(possible.values())
    return {kind: 100 * percent / total for kind, percent in possible.items()}


def _kinds_of_epoch(part: Part, size: int, kinds: Mapping[str, float]) -> list[str]:
    """Return the kind of each glyph of an epoch, one after the other."""
    wanted: list[str] = []
    for kind, percent in percentages(part, kinds).items():
        wanted += [kind] * round(size * percent / 100)
    return wanted

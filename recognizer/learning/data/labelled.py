"""Pictures with their classes, and the error of a data set that cannot be read."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.pictures import Grey

Images = NDArray[np.uint8]  # N x 28 x 28, 0 paper to 255 ink
Labels = NDArray[np.int32]  # N classes, 0 to 11


class DatasetError(Exception):
    """Why a data set cannot be read, as a sentence."""


class MissingDatasetError(DatasetError):
    """The data set is not there, and could not be downloaded either."""


class Example(NamedTuple):
    """A picture (H x W uint8) and its class: 0 to 9, NOT_A_DIGIT or SEVERAL."""

    picture: Grey
    label: int


@dataclass(frozen=True)
class Labelled:
    """Glyphs and their classes: N x 28 x 28 uint8 and N int32."""

    images: Images
    labels: Labels

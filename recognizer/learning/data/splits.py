"""The split of the data into three parts: 'train', 'choose' and 'final'.

'train' is for training, 'choose' for setting temperature and thresholds, 'final' for
measuring. Data is split by writer, category, alphabet and shape, never by drawing,
so that no model is measured on people or things that it knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognizer.learning.data.data_sets import DATA_SETS
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.mnist import load_mnist
from recognizer.learning.data.stroke_files import StrokeDrawing, read_drawings

PARTS = ("train", "choose", "final")
CHOOSE_WRITERS = {3, 9, 15, 27}
FINAL_WRITERS = {4, 10, 16, 22, 28}
FINAL_ALPHABETS = {"Balinese"}
# A person would call these drawings digits. They are in no part.
LIKE_DIGITS = {
    "circle",
    "line",
    "hexagon",
    "octagon",
    "pond",
    "snowman",
    "string bean",
    "Early_Aramaic/character02",
    "Early_Aramaic/character03",
    "Early_Aramaic/character04",
    "Early_Aramaic/character06",
    "Early_Aramaic/character12",
    "Early_Aramaic/character14",
    "Early_Aramaic/character16",
    "Early_Aramaic/character17",
    "Early_Aramaic/character20",
}
MNIST_CHOOSE = 5_000  # the last of MNIST's training digits
SHAPES = {"train": slice(1, -1), "choose": slice(-1, None), "final": slice(0, 1)}
_NO_DIGITS = Labelled(np.empty((0, 28, 28), np.uint8), np.empty(0, np.int32))


@dataclass(frozen=True)
class Part:
    """One part of all the data. A data set that is missing is an empty sequence."""

    name: str  # one of PARTS
    mnist: Labelled
    digits: Sequence[StrokeDrawing]
    doodles: Sequence[StrokeDrawing]
    characters: Sequence[StrokeDrawing]

    @property
    def shapes(self) -> slice:
        """Which shapes of each style belong to this part."""
        return SHAPES[self.name]

    @property
    def data_sets(self) -> list[str]:
        """The names of the data sets that this part has anything of."""
        sizes = {
            "mnist": len(self.mnist.labels),
            "pendigits": len(self.digits),
            "doodles": len(self.doodles),
            "characters": len(self.characters),
        }
        return [name for name, size in sizes.items() if size]

    @property
    def missing(self) -> list[str]:
        """The names of the data sets that this part has nothing of."""
        return [name for name in DATA_SETS if name not in self.data_sets]


def read_part(folder: Path, name: str, *, with_mnist: bool = True) -> Part:
    """Read one of PARTS from a folder.

    The folder contains mnist/ and any of pendigits/, doodles/ and characters/.
    Raises DatasetError when MNIST is missing or anything is damaged. `with_mnist` says
    whether MNIST is read at all.
    """
    return Part(
        name,
        _mnist(folder, name) if with_mnist else _NO_DIGITS,
        _pick(folder / "pendigits", name, _of_writer),
        _pick(folder / "doodles", name, _of_category),
        _pick(folder / "characters", name, _of_character),
    )


def _mnist(folder: Path, name: str) -> Labelled:
    train, final = load_mnist(folder)
    if name == "final":
        return final
    if name == "train":
        return Labelled(train.images[:-MNIST_CHOOSE], train.labels[:-MNIST_CHOOSE])
    # A copy, so that the other digits do not stay in memory
    images = train.images[-MNIST_CHOOSE:].copy()
    return Labelled(images, train.labels[-MNIST_CHOOSE:].copy())


def _pick(
    folder: Path, name: str, part_of: Callable[[StrokeDrawing], str]
) -> list[StrokeDrawing]:
    if not folder.is_dir():
        return []
    return [drawing for drawing in read_drawings(folder) if part_of(drawing) == name]


def _of_writer(drawing: StrokeDrawing) -> str:
    if drawing.writer in FINAL_WRITERS:
        return "final"
    return "choose" if drawing.writer in CHOOSE_WRITERS else "train"


def _of_category(drawing: StrokeDrawing) -> str:
    if drawing.label in LIKE_DIGITS:
        return "none"
    # The name decides, so that adding other categories does not change the part.
    tenth = sum(drawing.label.encode()) % 10
    if tenth in (2, 6):
        return "final"
    return "choose" if tenth == 3 else "train"


def _of_character(drawing: StrokeDrawing) -> str:
    alphabet, _slash, character = drawing.label.partition("/")
    if drawing.label in LIKE_DIGITS:
        return "none"
    if alphabet in FINAL_ALPHABETS:
        return "final"
    return "choose" if sum(character.encode()) % 7 == 0 else "train"

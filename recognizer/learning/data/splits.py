"""Who learns and who is measured: split by writer, category, alphabet and shape, never drawing by drawing.

'train' is learnt from; 'choose' sets temperature and thresholds; 'final' is looked at only to measure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recognizer.learning.data.mnist import Labelled, mnist
from recognizer.learning.data.stroke_files import Drawing, read_drawings

PARTS = ("train", "choose", "final")
CHOOSE_WRITERS = {3, 9, 15, 27}
FINAL_WRITERS = {4, 10, 16, 22, 28}
FINAL_ALPHABETS = {"Balinese"}
# Doodles and characters that a person, asked which digit it is, would name one
LIKE_DIGITS = {
    "circle",
    "line",
    "hexagon",
    "octagon",
    "pond",
    "snowman",
    "string bean",
} | {
    f"Early_Aramaic/character{number}"
    for number in ("02", "03", "04", "06", "12", "14", "16", "17", "20")
}
MNIST_CHOOSE = 5_000  # the last of MNIST's training digits
SHAPES = {"train": slice(1, -1), "choose": slice(-1, None), "final": slice(0, 1)}


@dataclass(frozen=True)
class Part:
    """One part of all the data."""

    name: str
    mnist: Labelled
    digits: Sequence[Drawing]
    doodles: Sequence[Drawing]
    characters: Sequence[Drawing]

    @property
    def shapes(self) -> slice:
        """Which shapes of each style belong to this part."""
        return SHAPES[self.name]


def read_part(folder: Path, name: str) -> Part:
    """Read one of PARTS from a folder with mnist/, pendigits/, doodles/ and characters/ in it.

    Raises DatasetError where data is missing or damaged.
    """
    return Part(
        name,
        _mnist(folder, name),
        _pick(folder / "pendigits", name, lambda drawing: _of_writer(drawing.writer)),
        _pick(folder / "doodles", name, _of_category),
        _pick(folder / "characters", name, _of_character),
    )


def _mnist(folder: Path, name: str) -> Labelled:
    train, final = mnist(folder)
    if name == "final":
        return final
    half = slice(-MNIST_CHOOSE) if name == "train" else slice(-MNIST_CHOOSE, None)
    return Labelled(train.images[half], train.labels[half])


def _pick(folder: Path, name: str, part_of: Callable[[Drawing], str]) -> list[Drawing]:
    return [drawing for drawing in read_drawings(folder) if part_of(drawing) == name]


def _of_writer(writer: int) -> str:
    return (
        "final"
        if writer in FINAL_WRITERS
        else "choose"
        if writer in CHOOSE_WRITERS
        else "train"
    )


def _of_category(drawing: Drawing) -> str:
    if drawing.label in LIKE_DIGITS:
        return "none"
    tenth = (
        sum(drawing.label.encode()) % 10
    )  # by name: the same whatever other categories there are
    return "final" if tenth in (2, 6) else "choose" if tenth == 3 else "train"


def _of_character(drawing: Drawing) -> str:
    alphabet, _slash, character = drawing.label.partition("/")
    if drawing.label in LIKE_DIGITS:
        return "none"
    if alphabet in FINAL_ALPHABETS:
        return "final"
    return "choose" if sum(character.encode()) % 7 == 0 else "train"

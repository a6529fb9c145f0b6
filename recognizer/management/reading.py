"""Read picture files. The answers come in the order of the paths."""

from collections.abc import Iterator
from itertools import islice

from recognizer.inference import Classifier, Reading
from recognizer.management.pictures import load_picture
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.reading.pictures import PictureError

BATCH = 32  # pictures that are read at once

Answer = tuple[str, Reading | str]  # a path, and its reading or the reason for none


class ProcessEndedError(Exception):
    """A process that reads pictures was stopped from outside, as a sentence."""


def read_files(paths: Iterator[str], classifier: Classifier) -> Iterator[Answer]:
    """Yield the answer for each picture. Memory does not grow with their number."""
    for batch in batches(paths):
        yield from read_batch(batch, classifier)


def batches(paths: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(paths, BATCH)):
        yield batch


def read_batch(paths: list[str], classifier: Classifier) -> list[Answer]:
    """Return the answers for some pictures."""
    loaded = [load_glyph(path) for path in paths]
    glyphs = [glyph for glyph in loaded if not isinstance(glyph, str)]
    readings = iter(classifier.read(glyphs))
    answers: list[Answer] = []
    for path, glyph in zip(paths, loaded, strict=True):
        answers.append((path, glyph if isinstance(glyph, str) else next(readings)))
    return answers


def load_glyph(path: str) -> Glyph | str | None:
    """Return a picture's glyph (None when it is blank), or why it cannot be read."""
    try:
        return make_glyph(load_picture(path))
    except PictureError as error:
        return str(error)

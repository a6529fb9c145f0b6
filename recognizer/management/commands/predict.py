import json
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override
from tqdm import tqdm

from recognizer import answers
from recognizer.imaging import Glyph, PictureError, make_glyph
from recognizer.inference import Classifier, ModelError, Prediction, get_classifier
from recognizer.submissions import read
from recognizer.templatetags.drawings import percent

SUFFIXES = {".png", ".jpg", ".jpeg"}
BATCH = 64
EXAMPLES = """examples:
  manage.py predict data/three.png
  manage.py predict --json scans/ > answers.jsonl
  cat three.png | manage.py predict -
"""


class Command(BaseCommand):
    help = "Read the digit in each picture (PNG or JPEG). Nothing is stored."
    requires_system_checks: list[str] = []  # it needs no database and no environment

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "path", nargs="+", help="a picture, a folder (all pictures below it), or - for standard input"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object per picture")
        parser.add_argument(
            "--model", type=Path, default=settings.MODEL_FILE, metavar="FILE", help="default: %(default)s"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            classifier = get_classifier(options["model"])
        except ModelError as error:
            raise CommandError(str(error)) from error
        try:
            with override("en"):
                failed = self._show_all(options["path"], classifier, options["json"])
        except BrokenPipeError:  # whoever read the output has seen enough: `predict scans/ | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            failed = True
        if failed:
            sys.exit(1)

    def _show_all(self, paths: list[str], classifier: Classifier, as_json: bool) -> bool:
        """Print a line for each picture; True when one of them could not be opened."""
        show = self._show_json if as_json else self._show_text
        failed = False
        for path, answer in read_all(paths, classifier):
            failed |= isinstance(answer, str)
            show(path, answer, classifier)
        return failed

    def _show_text(self, path: str, answer: Prediction | str, _: Classifier) -> None:
        if isinstance(answer, str):
            tqdm.write(f"{path}: {answer}", file=sys.stderr)
        elif answer.probabilities is None:
            self._write(f"{path}: {answers.headline(answer)}")
        else:
            self._write(f"{path}: {answers.headline(answer)} ({percent(answer.confidence)})")

    def _show_json(self, path: str, answer: Prediction | str, classifier: Classifier) -> None:
        if isinstance(answer, str):
            self._write(json.dumps({"path": path, "error": answer}))
        else:
            self._write(json.dumps(answers.fields(path, answer, classifier)))

    def _write(self, line: str) -> None:
        tqdm.write(line, file=self.stdout)  # around the progress bar


def read_all(paths: list[str], classifier: Classifier) -> Iterator[tuple[str, Prediction | str]]:
    """Each picture's path with what it is read as, or with the sentence that says why it cannot be read."""
    glyphs = ((path, glyph_of(path)) for path in progress(paths))
    while batch := list(islice(glyphs, BATCH)):
        predictions = iter(classifier.predict([glyph for _, glyph in batch if not isinstance(glyph, str)]))
        for path, glyph in batch:
            yield path, glyph if isinstance(glyph, str) else next(predictions)


def glyph_of(path: str) -> Glyph | str | None:
    try:
        return make_glyph(read(read_bytes(path)))
    except OSError as error:
        return f"{error.strerror or error}."
    except PictureError as error:
        return str(error)


def read_bytes(path: str) -> bytes:
    """One byte more than is allowed, at most: enough to be refused."""
    size = settings.PICTURE_MAX_BYTES + 1
    if Path(path).is_dir():
        raise PictureError("empty-folder", "There is no PNG or JPEG file in this folder or below it.")
    if path == "-":
        return sys.stdin.buffer.read(size)
    with Path(path).open("rb") as file:
        return file.read(size)


def progress(paths: list[str]) -> Iterator[str]:
    """The pictures, with a bar on a terminal; counting them first takes no memory."""
    if not sys.stderr.isatty():
        return pictures(paths)
    return iter(tqdm(pictures(paths), total=sum(1 for _ in pictures(paths)), unit=" pictures", delay=1))


def pictures(paths: list[str]) -> Iterator[str]:
    for path in paths:
        yield from below(path) if path != "-" and Path(path).is_dir() else [path]


def below(folder: str) -> Iterator[str]:
    """All pictures below a folder, sorted, or the folder itself when there is none.

    Links to folders are not followed, for they can lead in circles.
    """
    empty = True
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                empty = False
                yield str(Path(parent, name))
    if empty:
        yield folder

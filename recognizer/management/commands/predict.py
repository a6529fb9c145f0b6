import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.template.loader import render_to_string
from django.utils.translation import override
from tqdm import tqdm

from recognizer import answers
from recognizer.explanation import explain
from recognizer.inference import Classifier, Reading, get_classifier
from recognizer.management.examples import CommandWithExamples
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.reading.model_files import ModelError
from recognizer.reading.pictures import PictureError
from recognizer.templatetags.drawings import percent
from recognizer.uploads import read_upload

SUFFIXES = {".png", ".jpg", ".jpeg"}
BATCH = 64


class Command(CommandWithExamples):
    help = "Read the digit in each picture (PNG or JPEG). Nothing is stored."
    requires_system_checks: list[str] = []  # it needs no database and no environment

    examples = """\
  manage.py predict data/three.png
  manage.py predict --json scans/ > answers.jsonl
  cat three.png | manage.py predict -
  manage.py predict --explain three.html data/three.png
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="+",
            help="a picture, a folder (all pictures below it), or - for standard input",
        )
        parser.add_argument(
            "--json", action="store_true", help="print a JSON object per picture"
        )
        parser.add_argument(
            "--model",
            type=Path,
            default=settings.MODEL_FILE,
            metavar="FILE",
            help="default: data/digits.model",
        )
        parser.add_argument(
            "--explain",
            type=Path,
            metavar="FILE",
            help="write an HTML page on how the one picture was read",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            classifier = get_classifier(options["model"])
        except ModelError as error:
            raise CommandError(str(error)) from error
        with override("en"):
            if options["explain"]:
                explain_in(options["explain"], options["path"], classifier)
            failed = self._show_quietly(options["path"], classifier, options["json"])
        if failed:
            sys.exit(1)

    def _show_quietly(
        self, paths: list[str], classifier: Classifier, as_json: bool
    ) -> bool:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(
                errors="surrogateescape"
            )  # file names need not be text
        try:
            failed = self._show_all(paths, classifier, as_json)
            self.stdout.flush()
        except (
            BrokenPipeError
        ):  # whoever read the output has seen enough: `predict scans/ | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return True
        return failed

    def _show_all(
        self, paths: list[str], classifier: Classifier, as_json: bool
    ) -> bool:
        """Print a line for each picture; True when one of them could not be opened."""
        show = self._show_json if as_json else self._show_text
        failed = False
        for path, answer in read_all(paths, classifier):
            failed |= isinstance(answer, str)
            show(path, answer, classifier)
        return failed

    def _show_text(self, path: str, answer: Reading | str, _: Classifier) -> None:
        if isinstance(answer, str):
            tqdm.write(f"{path}: {answer}", file=sys.stderr)
        elif answer.probabilities is None:
            self._write(f"{path}: {answers.headline(answer)}")
        else:
            self._write(
                f"{path}: {answers.headline(answer)} ({percent(answer.confidence)})"
            )

    def _show_json(
        self, path: str, answer: Reading | str, classifier: Classifier
    ) -> None:
        if isinstance(answer, str):
            self._write(json.dumps({"path": path, "error": answer}))
        else:
            self._write(json.dumps(answers.as_json(path, answer, classifier)))

    def _write(self, line: str) -> None:
        with tqdm.external_write_mode():  # around the progress bar
            self.stdout.write(line)


def explain_in(file: Path, paths: list[str], classifier: Classifier) -> None:
    if len(paths) != 1 or paths == ["-"]:
        raise CommandError("--explain takes one picture file.")
    try:
        picture = read_upload(read_bytes(paths[0]))
        if make_glyph(picture) is None:
            raise CommandError(f"{paths[0]}: there is no ink to explain.")
        explanation = explain(picture, classifier, occlusion=True)
        context = {
            "explanation": explanation,
            "headline": answers.headline(explanation.prediction),
        }
        file.write_text(
            render_to_string("recognizer/explanation_file.html", context),
            encoding="utf-8",
        )
    except (OSError, PictureError) as error:
        raise CommandError(str(error)) from error


def read_all(
    paths: list[str], classifier: Classifier
) -> Iterator[tuple[str, Reading | str]]:
    """Each picture's path with what it is read as, or with the sentence that says why it cannot be read."""
    glyphs = ((path, glyph_of(path)) for path in progress(paths))
    while batch := list(islice(glyphs, BATCH)):
        predictions = iter(
            classifier.read([glyph for _, glyph in batch if not isinstance(glyph, str)])
        )
        for path, glyph in batch:
            yield path, glyph if isinstance(glyph, str) else next(predictions)


def glyph_of(path: str) -> Glyph | str | None:
    try:
        return make_glyph(read_upload(read_bytes(path)))
    except OSError as error:
        return f"{error.strerror or error}."
    except PictureError as error:
        return str(error)


def read_bytes(path: str) -> bytes:
    """One byte more than is allowed, at most: enough to be refused."""
    size = settings.PICTURE_MAX_BYTES + 1
    if path == "-":
        return sys.stdin.buffer.read(size)
    if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK):  # noqa: PTH112 - see pictures
        raise PictureError(
            "empty-folder", "There is no PNG or JPEG file in this folder or below it."
        )
    with Path(path).open("rb") as file:
        return file.read(size)


def progress(paths: list[str]) -> Iterator[str]:
    """The pictures, with a bar on a terminal where they are many; counting them first takes no memory."""
    if not sys.stderr.isatty() or (total := sum(1 for _ in pictures(paths))) < 2:
        return pictures(paths)
    return iter(tqdm(pictures(paths), total=total, unit=" pictures"))


def pictures(paths: list[str]) -> Iterator[str]:
    for path in paths:
        # os.path has False where pathlib has an exception: for names too long, or in closed folders.
        is_folder = os.path.isdir(path)  # noqa: PTH112
        yield from below(path) if is_folder and path != "-" else [path]


def below(folder: str) -> Iterator[str]:
    """All pictures below a folder in the order of their paths, or the folder itself when there is none."""
    found = walk(folder)
    first = next(found, folder)
    return chain([first], found)


def walk(folder: str) -> Iterator[str]:
    """Links to folders are not followed, for they can lead in circles."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(
                entries,
                key=lambda entry: (
                    entry.name + "/" * entry.is_dir(follow_symlinks=False)
                ),
            )
    except OSError:
        yield folder  # reading it says why
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif is_picture_name(entry.name) and not os.path.isdir(entry.path):  # noqa: PTH112
            yield entry.path


def is_picture_name(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES

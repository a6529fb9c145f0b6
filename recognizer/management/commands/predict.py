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
from recognizer.reading.pictures import Grey, PictureError
from recognizer.templatetags.drawings import percent
from recognizer.uploads import read_upload

SUFFIXES = {".png", ".jpg", ".jpeg"}
BATCH = 64


class Command(CommandWithExamples):
    help = "Read the digit in each picture (PNG or JPEG). Nothing is stored."
    # The command needs neither a database nor an environment.
    requires_system_checks: list[str] = []

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
            help="the model file to use; default: data/digits.model",
        )
        parser.add_argument(
            "--explain",
            type=Path,
            metavar="FILE",
            help="write an HTML page that shows how the picture was read (one picture)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        paths = options["path"]
        try:
            classifier = get_classifier(options["model"])
        except ModelError as error:
            raise CommandError(str(error)) from error
        with override("en"):
            if options["explain"]:
                write_explanation(options["explain"], paths, classifier)
            failed = self._print_until_closed(paths, classifier, options["json"])
        if failed:
            sys.exit(1)

    def _print_until_closed(
        self, paths: list[str], classifier: Classifier, as_json: bool
    ) -> bool:
        """Print all answers, or stop quietly when the pipe is closed."""
        if isinstance(sys.stdout, TextIOWrapper):
            # A file name can have bytes that are not text.
            sys.stdout.reconfigure(errors="surrogateescape")
        try:
            failed = self._print_all(paths, classifier, as_json)
            self.stdout.flush()
        except BrokenPipeError:  # as in `predict scans/ | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return True
        return failed

    def _print_all(
        self, paths: list[str], classifier: Classifier, as_json: bool
    ) -> bool:
        """Print a line per picture. Return whether one of them could not be read."""
        print_answer = self._print_json if as_json else self._print_text
        failed = False
        for path, answer in read_all(paths, classifier):
            if isinstance(answer, str):
                failed = True
            print_answer(path, answer, classifier)
        return failed

    def _print_text(self, path: str, answer: Reading | str, _: Classifier) -> None:
        if isinstance(answer, str):
            tqdm.write(f"{path}: {answer}", file=sys.stderr)
            return
        line = f"{path}: {answers.headline(answer)}"
        if answer.probabilities is not None:
            line += f" ({percent(answer.confidence)})"
        self._print(line)

    def _print_json(
        self, path: str, answer: Reading | str, classifier: Classifier
    ) -> None:
        if isinstance(answer, str):
            fields = {"path": path, "error": answer}
        else:
            fields = answers.as_json(path, answer, classifier)
        self._print(json.dumps(fields))

    def _print(self, line: str) -> None:
        with tqdm.external_write_mode():  # or the progress bar would break the line
            self.stdout.write(line)


def write_explanation(out: Path, paths: list[str], classifier: Classifier) -> None:
    """Write an HTML page about how one picture was read."""
    picture = load_only_picture(paths)
    explanation = explain(picture, classifier, occlusion=True)
    headline = answers.headline(explanation.reading)
    context = {"explanation": explanation, "headline": headline}
    html = render_to_string("recognizer/explanation_file.html", context)
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{out}: {reason_of(error)}") from error


def load_only_picture(paths: list[str]) -> Grey:
    """Return the picture to explain. Raises CommandError unless it is one, with ink."""
    if len(paths) != 1 or paths == ["-"]:
        raise CommandError("--explain takes one picture file.")
    (path,) = paths
    if is_folder(path):
        raise CommandError(f"--explain takes one picture file, but {path} is a folder.")
    try:
        picture = load_picture(path)
    except PictureError as error:
        raise CommandError(f"{path}: {error}") from error
    if make_glyph(picture) is None:
        raise CommandError(
            f"{path}: The picture is blank: there is nothing to explain."
        )
    return picture


def read_all(
    paths: list[str], classifier: Classifier
) -> Iterator[tuple[str, Reading | str]]:
    """Yield each picture's path with its reading, or with the reason it has none."""
    loaded = ((path, load_glyph(path)) for path in show_progress(paths))
    while batch := list(islice(loaded, BATCH)):
        glyphs = [glyph for _, glyph in batch if not isinstance(glyph, str)]
        readings = iter(classifier.read(glyphs))
        for path, glyph in batch:
            if isinstance(glyph, str):
                yield path, glyph
            else:
                yield path, next(readings)


def load_glyph(path: str) -> Glyph | str | None:
    """Return a picture's glyph (None when it is blank), or why it cannot be read."""
    try:
        return make_glyph(load_picture(path))
    except PictureError as error:
        return str(error)


def load_picture(path: str) -> Grey:
    """Return the picture in a file. Raises PictureError when it cannot be read."""
    try:
        return read_upload(read_bytes(path))
    except OSError as error:
        reason = reason_of(error)
        raise PictureError("unreadable", "%(reason)s", reason=reason) from error


def reason_of(error: OSError) -> str:
    return f"{error.strerror or error}."


def read_bytes(path: str) -> bytes:
    """Return a file's bytes, at most one more than the limit."""
    size = settings.PICTURE_MAX_BYTES + 1
    if path == "-":
        return sys.stdin.buffer.read(size)
    if is_folder(path) and os.access(path, os.R_OK | os.X_OK):
        raise PictureError(
            "empty-folder", "There is no PNG or JPEG file in this folder or below it."
        )
    with Path(path).open("rb") as file:
        return file.read(size)


def is_folder(path: str) -> bool:
    # Unlike pathlib, this returns False for a name that is too long or cannot be
    # reached.
    return os.path.isdir(path)  # noqa: PTH112


def show_progress(paths: list[str]) -> Iterator[str]:
    """Yield all pictures, with a progress bar on a terminal if there are several.

    For the bar they are counted first, without being kept in memory.
    """
    if not sys.stderr.isatty():
        return find_pictures(paths)
    total = sum(1 for _ in find_pictures(paths))
    if total < 2:
        return find_pictures(paths)
    return iter(tqdm(find_pictures(paths), total=total, unit=" pictures"))


def find_pictures(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if path != "-" and is_folder(path):
            yield from find_in_folder(path)
        else:
            yield path


def find_in_folder(folder: str) -> Iterator[str]:
    """Yield the pictures below a folder in order, or the folder if it has none."""
    found = walk(folder)
    first = next(found, folder)
    return chain([first], found)


def walk(folder: str) -> Iterator[str]:
    """Yield the pictures below a folder. Links to folders can form loops: skip them."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=by_path)
    except OSError:
        yield folder  # reading it will say what is wrong
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif is_picture_name(entry.name) and not is_folder(entry.path):
            yield entry.path


def by_path(entry: os.DirEntry[str]) -> str:
    """Return the sort key of an entry: in a path, a slash follows a folder's name."""
    is_real_folder = entry.is_dir(follow_symlinks=False)
    return entry.name + "/" if is_real_folder else entry.name


def is_picture_name(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES

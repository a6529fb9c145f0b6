import json
import os
import signal
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
from recognizer.management.pictures import (
    STDIN,
    find_pictures,
    is_folder,
    load_picture,
    reason_of,
)
from recognizer.management.reading import Answer, ProcessEndedError, read_files
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.model_files import ModelError
from recognizer.reading.pictures import Grey, PictureError
from recognizer.templatetags.drawings import percent

FEW = 256  # pictures: reading them takes about as long as starting processes


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
        except ProcessEndedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
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
        for path, answer in show_progress(read_all(paths, classifier), paths):
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
    if len(paths) != 1 or paths == [STDIN]:
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


def read_all(paths: list[str], classifier: Classifier) -> Iterator[Answer]:
    """Yield the answer for each picture. Many pictures are read by several processes.

    Raises ProcessEndedError.
    """
    found = find_pictures(paths)
    if STDIN in paths:  # only this process has it
        yield from read_files(found, classifier)
        return
    yield from read_files(islice(found, FEW), classifier)
    if (path := next(found, None)) is not None:
        # Imported here: most of the time, few pictures are read.
        from recognizer.management.processes import read_in_processes

        yield from read_in_processes(chain([path], found), classifier)


def show_progress(answers: Iterator[Answer], paths: list[str]) -> Iterator[Answer]:
    """Yield all answers, with a progress bar on a terminal if there are several.

    For the bar the pictures are counted first, without being kept in memory.
    """
    total = sum(1 for _ in find_pictures(paths)) if sys.stderr.isatty() else 0
    return answers if total < 2 else iter(tqdm(answers, total=total, unit=" pictures"))

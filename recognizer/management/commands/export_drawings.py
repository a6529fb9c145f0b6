import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.exchange.exports import choose_drawings, exported_drawings
from recognizer.exchange.zip_writer import write_zip
from recognizer.management.dates import add_since
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import drawings
from recognizer.management.progress import progress


class Command(CommandWithExamples):
    help = (
        "Write the labelled drawings to a ZIP: the pictures, a table (CSV), the glyphs "
        "in MNIST's format (IDX) and a manifest with counts and checksums."
    )

    examples = """\
  manage.py export_drawings --out drawings.zip
  manage.py export_drawings --out everything.zip --all
  manage.py export_drawings --out new.zip --since 2026-11-01
  heroku run --no-tty 'python manage.py export_drawings --out -' > drawings.zip
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--out",
            required=True,
            metavar="FILE",
            help="the ZIP to write, or - for standard output",
        )
        add_since(parser)
        parser.add_argument(
            "--all", action="store_true", help="with the drawings that have no label"
        )

    def handle(self, **options: Any) -> None:
        chosen = choose_drawings(options["since"], options["all"])
        exported = progress(exported_drawings(chosen), chosen.count())
        blocks = write_zip(exported)
        if options["out"] == "-":
            write_to_standard_output(blocks)
        else:
            write_whole(Path(options["out"]), blocks)
        self.stderr.write(f"{drawings(int(exported.n))} exported.")


def write_whole(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a file that appears when it is complete, so that a killed run leaves none."""
    if path.is_dir():
        raise CommandError(f"{path} is a folder. Name the file to write.")
    half_written = path.with_name(f"{path.name}.part")
    try:
        with half_written.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        half_written.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        half_written.unlink(missing_ok=True)


def write_to_standard_output(blocks: Iterable[bytes]) -> None:
    if sys.stdout.isatty():
        raise CommandError("A ZIP cannot be shown. Send the output to a file: > FILE")
    try:
        sys.stdout.buffer.writelines(blocks)
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        # Python would fail once more when it closes the output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError("The output was closed before the end.") from error
    except OSError as error:
        raise CommandError(f"The ZIP cannot be written: {error.strerror}.") from error

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.management.examples import CommandWithExamples
from recognizer.reading.model_files import ModelError
from recognizer.rollout.candidates import read_file, register


class Command(CommandWithExamples):
    help = (
        "Check a model file and store it as a candidate, which can then be replayed and "
        "promoted. It has to read the golden glyphs."
    )
    examples = """\
  manage.py register_model result/better.model
  manage.py register_model data/mnist.model --name "the demo's network"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a model file")
        parser.add_argument(
            "--name",
            default="",
            help="default: the file's name; a number is added when it is taken",
        )

    def handle(self, **options: Any) -> None:
        path = options["file"]
        try:
            name = options["name"] or path.stem
            model, is_new = register(read_file(path), name)
        except ModelError as error:
            raise CommandError(str(error)) from error
        if is_new:
            self.stdout.write(f"{model} is stored as a candidate.")
        else:
            self.stdout.write(f"This file is stored already, as {model}.")

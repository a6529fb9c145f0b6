from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from recognizer.inference import Classifier, get_classifier
from recognizer.learning.data.mnist import DatasetError, cache
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import natural
from recognizer.reading.model_files import ModelError

SETS = [
    "mnist",
    "writers",
    "styles",
    "photographs",
    "doodles",
    "characters",
    "letters",
    "several",
]


class Command(CommandWithExamples):
    help = (
        "Measure models on data they have not learnt from: accuracy per digit and condition, refusals, "
        "calibration, confusion; with two models, the difference and how likely it is chance (McNemar)."
    )
    examples = """\
  manage.py evaluate --folder datasets
  manage.py evaluate --folder datasets --model data/digits.model data/mnist.model --data writers
  manage.py evaluate --folder datasets --data mnist --plot confusion --json > figures.jsonl
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--model",
            type=Path,
            nargs="+",
            default=[settings.MODEL_FILE],
            metavar="FILE",
            help="one or two",
        )
        add(
            "--data",
            nargs="+",
            choices=SETS,
            default=SETS,
            metavar="SET",
            help=f"of {', '.join(SETS)}",
        )
        add(
            "--folder",
            type=Path,
            default=cache(),
            metavar="DIR",
            help="the data sets, as for `train`",
        )
        add(
            "--part",
            choices=["choose", "final"],
            default="final",
            help="who is measured; default: final",
        )
        add(
            "--seed",
            type=natural,
            default=0,
            help="of places, tilts and paper; default: 0",
        )
        add(
            "--json",
            action="store_true",
            help="print a JSON object per model, set and condition",
        )
        add(
            "--plot",
            type=Path,
            metavar="DIR",
            help="write the confusion matrices as pictures",
        )

    def handle(self, **options: Any) -> None:
        if len(options["model"]) > 2:
            raise CommandError("At most two models can be compared.")
        try:
            self._evaluate(**options)
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def _evaluate(self, **options: Any) -> None:
        from recognizer.learning.measuring import (
            report,  # Chainer, only now that the options are known to be right
        )

        results = list(
            _results([get_classifier(path) for path in options["model"]], **options)
        )
        names = _names(options["model"])
        self.stdout.write(
            report.as_json(names, results)
            if options["json"]
            else report.as_text(names, results)
        )
        if options["plot"]:
            options["plot"].mkdir(parents=True, exist_ok=True)
            report.plot(names, results, options["plot"])


def _names(paths: Sequence[Path]) -> list[str]:
    stems = [path.stem for path in paths]
    return (
        stems
        if len(set(stems)) == len(stems)
        else [f"{path.parent.name}-{path.stem}" for path in paths]
    )


def _results(classifiers: Sequence[Classifier], **options: Any) -> Iterator[Any]:
    from recognizer.learning.data.splits import read_part
    from recognizer.learning.measuring.evaluation import evaluate
    from recognizer.learning.measuring.test_sets import make_sets

    part = read_part(options["folder"], options["part"])
    for test in tqdm(
        make_sets(part, options["data"], options["seed"]), unit=" sets", leave=False
    ):
        yield [evaluate(classifier, test) for classifier in classifiers]

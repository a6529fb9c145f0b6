from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from recognizer.inference import Classifier, get_classifier
from recognizer.learning.data.labelled import DatasetError
from recognizer.learning.data.mnist import cache_folder
from recognizer.learning.data.splits import Part, read_part
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import non_negative
from recognizer.reading.constants import TEST_SETS
from recognizer.reading.model_files import ModelError


class Command(CommandWithExamples):
    help = (
        "Measure models on data that was not used for training: accuracy by digit and "
        "condition, refusals, calibration and confusion. For two models, it also "
        "prints the difference and its p-value (McNemar's test)."
    )
    examples = """\
  manage.py evaluate --folder datasets
  manage.py evaluate --folder datasets --data writers \\
      --model data/digits.model data/mnist.model
  manage.py evaluate --folder datasets --data mnist --plot confusion \\
      --json > figures.jsonl
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        self._add_input_options(parser)
        self._add_output_options(parser)

    def _add_input_options(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--model",
            type=Path,
            nargs="+",
            default=[settings.MODEL_FILE],
            metavar="FILE",
            help="one or two model files; default: data/digits.model",
        )
        add(
            "--data",
            nargs="+",
            choices=TEST_SETS,
            default=TEST_SETS,
            metavar="SET",
            help=f"any of {', '.join(TEST_SETS)}; default: all that have data",
        )
        add(
            "--folder",
            type=Path,
            default=cache_folder(),
            metavar="DIR",
            help="folder with the data sets, as for `train`",
        )
        add(
            "--part",
            choices=["choose", "final"],
            default="final",
            help="the part of the data; 'choose' is for fitting thresholds; "
            "default: %(default)s",
        )
        add(
            "--seed",
            type=non_negative,
            default=0,
            help="for random positions, tilts and papers; default: %(default)s",
        )

    def _add_output_options(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--json",
            action="store_true",
            help="print a JSON object for each model, set and condition",
        )
        add(
            "--plot",
            type=Path,
            metavar="DIR",
            help="write the confusion matrices as pictures to this folder",
        )

    def handle(self, **options: Any) -> None:
        if len(options["model"]) > 2:
            raise CommandError("At most two models can be compared.")
        try:
            self._evaluate(options)
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def _evaluate(self, options: dict[str, Any]) -> None:
        # Chainer is imported here: --help and wrong options must not wait for it.
        from recognizer.learning.measuring import report

        classifiers = [get_classifier(path) for path in options["model"]]
        part = read_part(options["folder"], options["part"])
        sets = self._available(part, options["data"])
        results = list(_results(classifiers, part, sets, options["seed"]))
        names = _names(options["model"])
        make_report = report.as_json if options["json"] else report.as_text
        self.stdout.write(make_report(names, results))
        if options["plot"]:
            options["plot"].mkdir(parents=True, exist_ok=True)
            report.plot(names, results, options["plot"])

    def _available(self, part: Part, names: Sequence[str]) -> list[str]:
        """Return the sets that can be made, and say on standard error which cannot."""
        from recognizer.learning.measuring import test_sets

        left_out = test_sets.sets_without_data(part, names)
        if len(left_out) == len(names):
            raise CommandError(f"There is no data to measure {', '.join(left_out)}.")
        if left_out:
            self.stderr.write(f"No data to measure {', '.join(left_out)}.")
        return test_sets.available_sets(part, names)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the files' names, with their folders' when they are the same."""
    stems = [path.stem for path in paths]
    if len(set(stems)) < len(stems):
        return [f"{path.parent.name}-{path.stem}" for path in paths]
    return stems


def _results(
    classifiers: Sequence[Classifier], part: Part, sets: Sequence[str], seed: int
) -> Iterator[Any]:
    from recognizer.learning.measuring.evaluation import evaluate
    from recognizer.learning.measuring.test_sets import make_sets

    for test in tqdm(make_sets(part, sets, seed), unit=" sets", leave=False):
        yield [evaluate(classifier, test) for classifier in classifiers]

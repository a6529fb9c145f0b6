from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.learning import recipe
from recognizer.learning.data.labelled import DatasetError
from recognizer.learning.data.splits import Part, read_part
from recognizer.learning.training.run_notes import read_notes
from recognizer.management.examples import CommandWithExamples
from recognizer.reading.constants import TEST_SETS
from recognizer.reading.model_files import ModelError


class Command(CommandWithExamples):
    help = (
        "Make a model file from a training snapshot. The network is folded and, with "
        "--data, calibrated and measured."
    )
    examples = """\
  manage.py extract_model result/cnn/snapshot_epoch_24 --data datasets \\
      --out data/digits.model
  manage.py extract_model result/mlp/snapshot_epoch_20 --out data/mnist.model
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("snapshot", type=Path, help="a snapshot that `train` wrote")
        add(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help="the model file to write",
        )
        add(
            "--data",
            type=Path,
            metavar="DIR",
            help="folder with the data sets, as for `train`, to calibrate and measure "
            "the model; sets without data are left out",
        )

    def handle(self, **options: Any) -> None:
        try:
            self._extract(options["snapshot"], options["data"], options["out"])
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def _extract(self, snapshot: Path, data: Path | None, out: Path) -> None:
        # Chainer is imported here: --help and wrong options must not wait for it.
        from recognizer.learning.training.export import write_from_parameters
        from recognizer.learning.training.snapshots import predictor_parameters

        parameters = predictor_parameters(snapshot)
        notes = read_notes(snapshot.parent)
        parts = None
        if data:
            parts = read_part(data, "choose"), read_part(data, "final")
            self._say_what_is_missing(*parts)
        classifier = write_from_parameters(parameters, notes, parts, out)
        architecture = classifier.architecture
        self.stdout.write(f"{out}: {architecture}, sha256 {classifier.sha256}")

    def _say_what_is_missing(self, choose: Part, final: Part) -> None:
        from recognizer.learning.measuring.test_sets import sets_without_data

        not_fitted = sets_without_data(choose, recipe.FITTED_ON)
        not_measured = sets_without_data(final, TEST_SETS)
        if not_fitted:
            self.stderr.write(f"No data to calibrate on {', '.join(not_fitted)}.")
        if not_measured:
            self.stderr.write(f"No data to measure {', '.join(not_measured)}.")

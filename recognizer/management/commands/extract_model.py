import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.learning.data.mnist import DatasetError
from recognizer.management.examples import CommandWithExamples
from recognizer.reading.model_files import ModelError


class Command(CommandWithExamples):
    help = "Make a model file of a training snapshot: folded and, with --data, calibrated and measured."
    examples = """\
  manage.py extract_model result/cnn/snapshot_epoch_24 --data datasets --out data/digits.model
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
            help="as for `train`: fit temperature and thresholds on it, and measure",
        )

    def handle(self, **options: Any) -> None:
        try:
            classifier = _extract(options["snapshot"], options["data"], options["out"])
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self.stdout.write(
            f"{options['out']}: {classifier.architecture}, sha256 {classifier.sha256}"
        )


def _extract(snapshot: Path, data: Path | None, out: Path) -> Any:
    from recognizer.learning.data.splits import read_part
    from recognizer.learning.training.export import (
        write_from_parameters,  # Chainer, not before it is needed
    )
    from recognizer.learning.training.trainers import predictor_parameters

    parameters = predictor_parameters(snapshot)
    parts = (read_part(data, "choose"), read_part(data, "final")) if data else None
    return write_from_parameters(parameters, _run(snapshot), parts, out)


def _run(snapshot: Path) -> dict[str, Any]:
    notes = snapshot.parent / "run.json"
    return json.loads(notes.read_text()) if notes.exists() else {}

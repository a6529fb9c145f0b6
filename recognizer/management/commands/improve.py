import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from tqdm import tqdm

from recognizer.exchange.errors import ExchangeError
from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.labelled import DatasetError, MissingDatasetError
from recognizer.learning.data.mnist import cache_folder, load_mnist
from recognizer.management.examples import CommandWithExamples
from recognizer.management.improvement import (
    Drawings,
    count_new,
    exported_drawings,
    make_manifest,
    stored_drawings,
)
from recognizer.management.numbers import non_negative, positive
from recognizer.management.users import find_user
from recognizer.models import TrainedModel
from recognizer.reading.model_files import ModelError, read_model, write_model
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.rollout.candidates import register
from recognizer.rollout.promotion import PromotionRefused, promote

# Chainer is imported where it is needed: --help and wrong options must not wait for it.


class Command(CommandWithExamples):
    help = (
        "Improve the active model with the labelled drawings. The result is stored as a "
        "candidate and replayed. With --promote it becomes the active model, unless a "
        f"check refuses it. With fewer than {recipe.LEAST_NEW_LABELS} new labels the "
        "command does nothing."
    )
    examples = """\
  manage.py improve
  manage.py improve --data datasets --promote --by ada
  manage.py improve --drawings drawings.zip --out better.model
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--data",
            type=Path,
            metavar="DIR",
            help="folder as for `train`, to rehearse with and to measure; default: a "
            "cache, into which MNIST is downloaded",
        )
        add(
            "--drawings",
            type=Path,
            metavar="FILE.zip",
            help="an export to learn from; default: the drawings in the database",
        )
        add(
            "--epochs",
            type=positive,
            default=recipe.IMPROVING_EPOCHS,
            help="how often each glyph is learnt; default: %(default)s",
        )
        add(
            "--seed",
            type=non_negative,
            default=0,
            help="the same seed gives the same model; default: %(default)s",
        )
        add("--out", type=Path, metavar="FILE", help="write the model file here too")
        add(
            "--promote",
            action="store_true",
            help="make the result the active model unless a check refuses it",
        )
        add(
            "--by", metavar="USERNAME", help="who promotes it; default: nobody is named"
        )

    def handle(self, **options: Any) -> None:
        by = _check(options)
        try:
            classifier = active_classifier()
            model = self._improve(classifier, options)
        except (DatasetError, ExchangeError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        if model is not None:
            self._replay(model, options["data"])
            if options["promote"]:
                self._promote(model, by)

    def _improve(self, old: Classifier, options: dict[str, Any]) -> TrainedModel | None:
        """Return the stored candidate, None when there was not enough to learn."""
        parent = get_row(old)
        drawings = _drawings(options["drawings"])
        new = count_new(drawings, parent)
        if new < recipe.LEAST_NEW_LABELS:
            self.stdout.write(
                f"Nothing to do: there are {new} new labels, and at least "
                f"{recipe.LEAST_NEW_LABELS} are needed."
            )
            return None
        return self._learn(old, parent, drawings, options)

    def _learn(
        self,
        old: Classifier,
        parent: TrainedModel,
        drawings: Drawings,
        options: dict[str, Any],
    ) -> TrainedModel:
        from recognizer.learning.data.labelled import Labelled
        from recognizer.learning.training.improving import (
            Data,
            Round,
            check_improvable,
            improve,
        )

        check_improvable(old)
        folder = options["data"] or cache_folder()
        data = Data(folder, self._has_mnist(folder))
        how = Round(options["epochs"], options["seed"])
        self.stdout.write(f"{parent} learns {len(drawings.labels)} drawings.")
        labelled = Labelled(drawings.glyphs, drawings.labels)
        improved = improve(old, labelled, data, how, _show)
        manifest = make_manifest(parent, drawings, improved.details)
        name = re.sub(r" \d+$", "", parent.name)  # 'digits 2' becomes 'digits 3'
        model, _is_new = register(improved.data, name, manifest)
        if options["out"]:
            better = read_model(improved.data)
            write_model(options["out"], better.parameters, better.metadata)
        self.stdout.write(f"{model} is stored as a candidate.")
        return model

    def _has_mnist(self, folder: Path) -> bool:
        """Return whether MNIST can be read, and say so when not."""
        try:
            load_mnist(folder)
        except MissingDatasetError as error:
            self.stderr.write(f"{error} The round goes on without MNIST.")
            return False
        return True

    def _replay(self, model: TrainedModel, folder: Path | None) -> None:
        has_mnist = "mnist" in model.manifest["rehearsed"]["data_sets"]
        more = {"data": folder} if folder and has_mnist else {}
        call_command("replay", model.sha256, **more, stdout=self.stdout)

    def _promote(self, model: TrainedModel, by: Any) -> None:
        count = model.manifest["drawings"]["count"]
        try:
            promote(model, f"improve: it has learnt {count} labelled drawings.", by)
        except PromotionRefused as refused:
            raise CommandError(f"{model} is not promoted. {refused}") from refused
        self.stdout.write(f"{model} is the active model now.")


def _check(options: dict[str, Any]) -> Any:
    """Return the user that --by names. Raises CommandError for options that fail."""
    folder, out = options["data"], options["out"]
    if folder and not folder.is_dir():
        raise CommandError(f"There is no folder {folder}.")
    if out and (out.is_dir() or not out.parent.is_dir()):
        raise CommandError(f"{out} cannot be written: it needs a file in a folder.")
    if options["by"] and not options["promote"]:
        raise CommandError("--by names who promotes the model. It needs --promote.")
    return find_user(options["by"]) if options["by"] else None


def _drawings(path: Path | None) -> Drawings:
    return exported_drawings(path) if path else stored_drawings()


def _show(items: Any, *, desc: str) -> Any:
    """Show progress on standard error; in a log a line every ten seconds."""
    interval = 0.1 if sys.stderr.isatty() else 10
    return tqdm(items, desc=desc, mininterval=interval)

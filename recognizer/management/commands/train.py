import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.learning import recipe
from recognizer.learning.data.data_sets import costs_of
from recognizer.learning.data.labelled import DatasetError
from recognizer.learning.data.mnist import cache_folder, load_mnist
from recognizer.learning.data.splits import read_part
from recognizer.learning.training.run_notes import RunNotes, read_notes
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import non_negative, positive
from recognizer.reading.constants import ARCHITECTURES, DEFAULT_ARCHITECTURE
from recognizer.reading.model_files import ModelError

# Chainer is imported where it is needed: --help and wrong options must not wait for it.


class Command(CommandWithExamples):
    help = (
        "Train a network. A log, a plot and a snapshot of each epoch are written to a "
        "folder; `extract_model` makes a model file from a snapshot. The CNN learns to "
        "read digits and to refuse other drawings, from the data sets that are there. "
        "Without --data, these are MNIST, which is downloaded, and drawings that the "
        "project makes itself. The MLP is trained as in Chainer's MNIST example."
    )
    examples = """\
  manage.py train
  manage.py train --data datasets --out result/cnn
  manage.py train --arch mlp --seed 1 --out result/mlp
  manage.py train --arch mlp --out result/mlp --epochs 30 \\
      --resume result/mlp/snapshot_epoch_20
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--arch",
            choices=ARCHITECTURES,
            default=DEFAULT_ARCHITECTURE,
            help="the network; default: %(default)s",
        )
        add(
            "--seed",
            type=non_negative,
            default=0,
            help="the same seed gives the same model; default: %(default)s",
        )
        self._add_size_options(parser)
        self._add_path_options(parser)

    def _add_size_options(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--epochs",
            type=positive,
            help=f"epochs to train for; default: {_by_network(recipe.EPOCHS)}",
        )
        add(
            "--batchsize",
            type=positive,
            help=f"glyphs in a batch; default: {_by_network(recipe.BATCH_SIZE)}",
        )
        add(
            "--units",
            type=positive,
            default=recipe.MLP_UNITS,
            help="units in each hidden layer of the MLP; default: %(default)s",
        )
        add(
            "--glyphs",
            type=positive,
            default=recipe.GLYPHS,
            help="glyphs in an epoch of the CNN; default: %(default)s",
        )

    def _add_path_options(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--out",
            type=Path,
            default=Path("result"),
            metavar="DIR",
            help="folder for the log, the plot and the snapshots; default: %(default)s",
        )
        add(
            "--resume",
            type=Path,
            metavar="SNAPSHOT",
            help="continue from a snapshot of the same command",
        )
        add(
            "--data",
            type=Path,
            default=cache_folder(),
            metavar="DIR",
            help="folder with mnist/ and, for the CNN, any of pendigits/, doodles/ and "
            "characters/; default: a cache, into which MNIST is downloaded",
        )

    def handle(self, **options: Any) -> None:
        arch = options["arch"]
        options["epochs"] = options["epochs"] or recipe.EPOCHS[arch]
        options["batchsize"] = options["batchsize"] or recipe.BATCH_SIZE[arch]
        if arch == "cnn" and options["glyphs"] < 2 * options["batchsize"]:
            raise CommandError(
                "An epoch of the CNN (--glyphs) needs at least two batches "
                "(--batchsize)."
            )
        try:
            self._train(options)
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def _train(self, options: dict[str, Any]) -> None:
        from recognizer.learning.measuring.plots import plot_log
        from recognizer.learning.training.snapshots import resume

        earlier = _notes_of(options["resume"])
        is_mlp = options["arch"] == "mlp"
        make_trainer = self._mlp_trainer if is_mlp else self._cnn_trainer
        trainer, data_sets = make_trainer(options)
        if options["resume"]:
            resume(trainer, options["resume"])
        out = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        notes = RunNotes(_command(), options["seed"], data_sets)
        notes = notes.after(earlier) if earlier else notes
        notes.write(out)
        trainer.run()
        plot_log(out / "log", out / "plot.png")
        self.stdout.write(f"Snapshots, log and plot are in {out}.")

    def _mlp_trainer(self, options: dict[str, Any]) -> tuple[Any, list[str]]:
        from recognizer.learning.training.trainers import mlp_trainer

        train, test = load_mnist(options["data"])
        trainer = mlp_trainer(train, test, options["units"], _settings(options))
        return trainer, ["mnist"]

    def _cnn_trainer(self, options: dict[str, Any]) -> tuple[Any, list[str]]:
        from recognizer.learning.training.trainers import cnn_trainer, render_held_out

        train = read_part(options["data"], "train")
        for cost in costs_of(train.missing):
            self.stderr.write(cost)
        choose = read_part(options["data"], "choose")
        held_out = render_held_out(choose, options["seed"])
        trainer = cnn_trainer(train, held_out, options["glyphs"], _settings(options))
        return trainer, train.data_sets


def _by_network(defaults: dict[str, int]) -> str:
    values = [f"{value} for the {arch.upper()}" for arch, value in defaults.items()]
    return ", ".join(values)


def _settings(options: dict[str, Any]) -> Any:
    from recognizer.learning.training.trainers import Settings

    return Settings(
        epochs=options["epochs"],
        batch_size=options["batchsize"],
        seed=options["seed"],
        out=options["out"],
    )


def _notes_of(snapshot: Path | None) -> RunNotes | None:
    return read_notes(snapshot.parent) if snapshot else None


def _command() -> str:
    """Return the command as it was typed, without this machine's folders."""
    words = ["manage.py"]
    for word in sys.argv[1:]:
        words.append(Path(word).name if word.startswith("/") else word)
    return " ".join(words)

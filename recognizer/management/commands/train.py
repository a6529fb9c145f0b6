import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from recognizer.learning.data.mnist import DatasetError, cache, mnist
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import natural, positive
from recognizer.reading.model_files import ModelError

DEFAULTS = {
    "cnn": {"epochs": 24, "batchsize": 128},
    "mlp": {"epochs": 20, "batchsize": 100},
}


class Command(CommandWithExamples):
    help = (
        "Train a network; log, plot and a snapshot after every epoch go to a folder. `extract_model` makes a "
        "model file of a snapshot. The CNN learns from MNIST, pendigits, doodles and characters and refuses "
        "what is no digit; the MLP is the recipe of Chainer's own MNIST example."
    )
    examples = """\
  manage.py train --data datasets --out result/cnn
  manage.py train --arch mlp --seed 1 --out result/mlp
  manage.py train --arch mlp --out result/mlp --epochs 30 --resume result/mlp/snapshot_epoch_20
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--arch",
            choices=list(DEFAULTS),
            default="cnn",
            help="the network; default: cnn",
        )
        add("--epochs", type=positive, help="default: 24 for the CNN, 20 for the MLP")
        add(
            "--batchsize",
            type=positive,
            help="glyphs in a batch; default: 128 for the CNN, 100 for the MLP",
        )
        add(
            "--units",
            type=positive,
            default=1000,
            help="units in each layer of the MLP; default: 1000",
        )
        add(
            "--glyphs",
            type=positive,
            default=80_000,
            help="glyphs in an epoch of the CNN; default: 80000",
        )
        add(
            "--seed",
            type=natural,
            default=0,
            help="the same seed gives the same model; default: 0",
        )
        add(
            "--out",
            type=Path,
            default=Path("result"),
            metavar="DIR",
            help="default: result",
        )
        add(
            "--resume",
            type=Path,
            metavar="SNAPSHOT",
            help="go on from a snapshot of the same command",
        )
        add(
            "--data",
            type=Path,
            default=cache(),
            metavar="DIR",
            help="folder with mnist/ and, for the CNN, pendigits/, doodles/ and characters/; "
            "by default a cache, into which MNIST is downloaded",
        )

    def handle(self, **options: Any) -> None:
        settings = {
            name: options[name] or default
            for name, default in DEFAULTS[options["arch"]].items()
        }
        try:
            self._train(**(options | settings))
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def _train(self, **options: Any) -> None:
        from recognizer.learning.measuring.plots import plot_log
        from recognizer.learning.training import trainers

        trainer = (_mlp if options["arch"] == "mlp" else _cnn)(options)
        if options["resume"]:
            trainers.resume(trainer, options["resume"])
        out = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        (out / "run.json").write_text(json.dumps(_run(options)))
        trainer.run()
        plot_log(out / "log", out / "plot.png")
        self.stdout.write(f"Snapshots, log and plot are in {out}.")


def _mlp(options: dict[str, Any]) -> Any:
    from recognizer.learning.training.trainers import mlp_trainer

    return mlp_trainer(*mnist(options["data"]), options["units"], _settings(options))


def _cnn(options: dict[str, Any]) -> Any:
    from recognizer.learning.data.splits import read_part
    from recognizer.learning.drawing.examples import render_epoch
    from recognizer.learning.training.trainers import cnn_trainer

    if options["glyphs"] < 2 * options["batchsize"]:
        raise CommandError(
            "An epoch of the CNN (--glyphs) needs two batches (--batchsize) or more."
        )
    train, choose = (read_part(options["data"], part) for part in ("train", "choose"))
    held_out = render_epoch(
        choose, max(options["glyphs"] // 20, 100), (options["seed"], options["epochs"])
    )
    return cnn_trainer(train, held_out, options["glyphs"], _settings(options))


def _settings(options: dict[str, Any]) -> Any:
    from recognizer.learning.training.trainers import Settings

    return Settings(*(options[name] for name in ("epochs", "batchsize", "seed", "out")))


def _run(options: dict[str, Any]) -> dict[str, Any]:
    """Return what made the model: the command, after those of the run that it goes on from."""
    earlier = options["resume"].parent / "run.json" if options["resume"] else None
    commands = (
        [json.loads(earlier.read_text())["command"]]
        if earlier and earlier.exists()
        else []
    )
    return {
        "command": " && ".join([*commands, command_line()]),
        "seed": options["seed"],
    }


def command_line() -> str:
    """Return the command as it was typed, without this machine's folders."""
    words = (Path(word).name if word.startswith("/") else word for word in sys.argv[1:])
    return " ".join(["manage.py", *words])

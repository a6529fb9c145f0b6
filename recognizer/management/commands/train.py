import json
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognizer.learning.datasets import DatasetError, Labelled, download_mnist, read_mnist
from recognizer.modelfile import ModelError

EXAMPLE = """example:
  manage.py train --arch mlp --seed 1 --out result/mlp
  manage.py extract_model result/mlp/snapshot_epoch_20 --out data/mnist.model
"""


def cache() -> Path:
    """Where downloaded data sets are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "draw-a-digit" / "mnist"


class Command(BaseCommand):
    help = "Train a network and write snapshots, a log and a plot; extract_model makes a model file of it."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EXAMPLE, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--arch", choices=["mlp"], default="mlp", help="the network")
        parser.add_argument("--epochs", type=positive, default=20, help="passes through the data (20)")
        parser.add_argument("--batchsize", type=positive, default=100, help="glyphs in a batch (100)")
        parser.add_argument("--units", type=positive, default=1000, help="units in a layer of the MLP (1000)")
        parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same model (0)")
        parser.add_argument("--out", type=Path, default=Path("result"), help="folder to write into (result)")
        parser.add_argument("--resume", type=Path, metavar="SNAPSHOT", help="go on from this snapshot")
        parser.add_argument(
            "--data", type=Path, metavar="DIR", help="folder of MNIST's files, else downloaded"
        )

    def handle(self, **options: Any) -> None:
        try:
            self.train(**options)
        except (DatasetError, ModelError) as error:
            raise CommandError(str(error)) from error

    def train(self, **options: Any) -> None:
        from recognizer.learning import training  # Chainer: not before the options are known to be right
        from recognizer.learning.plots import plot_log

        settings = training.Settings(*(options[name] for name in ("epochs", "batchsize", "seed", "out")))
        trainer = training.mlp_trainer(*mnist(options["data"]), options["units"], settings)
        if options["resume"]:
            training.resume(trainer, options["resume"])
        settings.out.mkdir(parents=True, exist_ok=True)
        (settings.out / "run.json").write_text(
            json.dumps({"command": command_line(), "arch": options["arch"]})
        )
        trainer.run()
        plot_log(settings.out / "log", settings.out / "plot.png")
        self.stdout.write(f"Snapshots, log and plot are in {settings.out}.")


def mnist(folder: Path | None) -> tuple[Labelled, Labelled]:
    if folder is None:
        folder = cache()
        download_mnist(folder)
    return read_mnist(folder / "mnist" if (folder / "mnist").is_dir() else folder)


def positive(text: str) -> int:
    """Parse an option that counts something."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def command_line() -> str:
    """The command as it was typed, without the folders of this machine."""
    words = ["manage.py", *sys.argv[1:]]
    return " ".join(Path(word).name if word.startswith("/") else word for word in words)

"""A round of improvement: from a model file and labelled drawings to a better model."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.data_sets import DATA_SETS
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part, read_part
from recognizer.learning.drawing.epochs import render_epoch
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.progress import ShowNamed
from recognizer.learning.training.export import measure
from recognizer.learning.training.fine_tuning import average, fine_tune, make_lessons
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.reading.model_files import Arrays, ModelError, pack_model


@dataclass(frozen=True)
class Data:
    """The folder of the data sets, and whether MNIST is in it."""

    folder: Path
    has_mnist: bool

    def read(self, name: str) -> Part:
        """Return one of splits.PARTS, of what is there. Raises DatasetError."""
        return read_part(self.folder, name, with_mnist=self.has_mnist)


@dataclass(frozen=True)
class Round:
    """How a round goes: `epochs` over all glyphs. The same seed gives the same model."""

    epochs: int = recipe.IMPROVING_EPOCHS
    seed: int = 0


@dataclass(frozen=True)
class Improved:
    """The bytes of the new model file, and how it was made, ready for JSON."""

    data: bytes
    details: dict[str, Any]


def check_improvable(old: Classifier) -> None:
    """Raise ModelError unless a model can be fine-tuned: only a CNN can."""
    if old.architecture != "cnn":
        raise ModelError(
            f"The model {old.name!r} is of the architecture {old.architecture!r}. Only "
            "a CNN can be improved."
        )


def improve(
    old: Classifier, drawings: Labelled, data: Data, how: Round, show: ShowNamed
) -> Improved:
    """Fine-tune a CNN on labelled drawings, calibrate it anew and measure it.

    Nothing but the old model's file is needed; what `data` has helps. Raises
    DatasetError when something in it is damaged, and ModelError for another network.
    """
    check_improvable(old)
    # Read first: memory that learning has used cannot be used for reading again.
    choose, final = data.read("choose"), data.read("final")
    train = data.read("train")
    rehearsed = render_epoch(
        train,
        recipe.REHEARSED_GLYPHS,
        (how.seed,),
        recipe.REHEARSED_KINDS,
        partial(show, desc="Drawing"),
    )
    data_sets = train.data_sets
    del train  # tens of megabytes
    lessons = make_lessons(old, drawings, rehearsed)
    learning = partial(show, desc="Learning")
    tuned = fine_tune(old, lessons, how.epochs, how.seed, learning)
    parameters = average(old, tuned)
    metadata = _metadata(old, how, data_sets)
    new = _classifier(parameters, metadata)
    metadata |= calibrate(new, choose, old, partial(show, desc="Calibrating"))
    new = _classifier(parameters, metadata)
    measuring = partial(show, desc="Measuring")
    metadata["figures"] = measure(new, final, measuring)
    details = {
        "epochs": how.epochs,
        "seed": how.seed,
        "rehearsed": {"count": len(rehearsed.labels), "data_sets": data_sets},
        "temperature": metadata["temperature"],
        "thresholds": metadata["thresholds"],
        "figures": metadata["figures"],
    }
    return Improved(pack_model(parameters, metadata), details)


def _metadata(old: Classifier, how: Round, data_sets: list[str]) -> dict[str, Any]:
    command = f"manage.py improve --epochs {how.epochs} --seed {how.seed}"
    earlier = old.metadata.get("command")
    credits_ = [DATA_SETS[name].credit for name in data_sets]
    return {
        "architecture": "cnn",
        "preprocessing_version": PREPROCESSING_VERSION,
        "parent": old.sha256,
        "command": f"{earlier} && {command}" if earlier else command,
        "seed": how.seed,
        "credits": list(dict.fromkeys([*old.metadata.get("credits", []), *credits_])),
    }


def _classifier(parameters: Arrays, metadata: dict[str, Any]) -> Classifier:
    return Classifier.from_bytes(pack_model(parameters, metadata), "improved")

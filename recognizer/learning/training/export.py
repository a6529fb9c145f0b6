"""From trained parameters to a model file: folded for serving, calibrated, measured."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import chainer
import numpy as np

from recognizer.inference import Classifier
from recognizer.learning.data.data_sets import DATA_SETS
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.measuring.evaluation import evaluate
from recognizer.learning.measuring.test_sets import available_sets, make_sets
from recognizer.learning.progress import Show
from recognizer.learning.training.run_notes import RunNotes
from recognizer.reading.constants import TEST_SETS
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.reading.model_files import Arrays, ModelError, pack_model, write_model
from recognizer.reading.networks import CNN

FIGURES = ("set", "condition", "count", "accuracy", "refused", "calibration_error")


def write_from_parameters(
    parameters: Arrays,
    notes: RunNotes | None,
    parts: tuple[Part, Part] | None,
    out: Path,
) -> Classifier:
    """Write the model file of a trained network, and return its classifier.

    `parameters`: the network's arrays after training. `notes`: how they were made.
    `parts`: the data to calibrate on and the data to measure on. Without them the
    model has neither calibration nor figures. Raises ModelError when the parameters
    are not those of a network, and leaves `out` unchanged.
    """
    arrays, architecture = _served(parameters)
    metadata = _origin(architecture, notes)
    if parts:
        chosen, final = parts
        metadata |= calibrate(_classifier(arrays, metadata, out), chosen)
        metadata["figures"] = measure(_classifier(arrays, metadata, out), final)
    classifier = _classifier(arrays, metadata, out)  # validate before overwriting
    write_model(out, arrays, metadata)
    return classifier


def measure(
    classifier: Classifier, final: Part, show: Show = iter
) -> list[dict[str, Any]]:
    """Return the main figures of `evaluate`: a row for each set and condition.

    Sets whose data is missing are left out. `show` goes through the sets, and may show
    progress.
    """
    rows = []
    for test in make_sets(final, show(available_sets(final, TEST_SETS))):
        row = evaluate(classifier, test).as_dict()
        rows.append({name: row[name] for name in FIGURES if name in row})
    return rows


def _classifier(arrays: Arrays, metadata: dict[str, Any], out: Path) -> Classifier:
    return Classifier.from_bytes(pack_model(arrays, metadata), out.stem)


def _served(parameters: Arrays) -> tuple[Arrays, str]:
    """Return the arrays of a network as it is served, and its architecture."""
    if "out/W" not in parameters:  # the MLP has nothing to fold
        return parameters, "mlp"
    arrays = {}
    for name, parameter in _trained_cnn(parameters).folded().namedparams():
        arrays[name.lstrip("/")] = parameter.array.astype(np.float32)
    return arrays, "cnn"


def _trained_cnn(parameters: Arrays) -> CNN:
    try:
        network = CNN(CNN.shaped_like(parameters).widths)
        chainer.serializers.NpzDeserializer(parameters).load(network)
    except (KeyError, ValueError) as error:
        raise ModelError(
            "The network in the snapshot is not one of this project's."
        ) from error
    return network


def _origin(architecture: str, notes: RunNotes | None) -> dict[str, Any]:
    """Return the metadata that say what a model is and how it was made."""
    metadata: dict[str, Any] = {
        "architecture": architecture,
        "preprocessing_version": PREPROCESSING_VERSION,
    }
    if notes:
        metadata |= {"command": notes.command, "seed": notes.seed}
    trained_on = notes.data_sets if notes else list(DATA_SETS)
    metadata["credits"] = _credits(architecture, trained_on)
    return metadata


def _credits(architecture: str, data_sets: Iterable[str]) -> list[str]:
    if architecture == "mlp":  # learns from MNIST alone
        data_sets = ["mnist"]
    return [DATA_SETS[name].credit for name in data_sets if name in DATA_SETS]

"""A trainer's snapshot -> a model file: folded for serving, calibrated, with all that inference needs."""

from pathlib import Path
from typing import Any

import chainer
import numpy as np

from recognizer.inference import Classifier
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.measuring.evaluation import evaluate
from recognizer.learning.measuring.test_sets import SETS, make_sets
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.reading.model_files import Arrays, ModelError, pack_model, write_model
from recognizer.reading.networks import CNN

FIGURES = ("set", "condition", "count", "accuracy", "refused", "calibration_error")
CREDITS = {
    "mnist": "MNIST (LeCun, Cortes, Burges)",
    "pendigits": "Pen-Based Recognition of Handwritten Digits (Alpaydin, Alimoglu 1998), UCI, CC BY 4.0",
    "doodles": "Quick, Draw! (Google), CC BY 4.0",
    "characters": "Omniglot (Lake, Salakhutdinov, Tenenbaum 2015), MIT",
}


def write_from_parameters(
    parameters: Arrays, run: dict[str, Any], parts: tuple[Part, Part] | None, out: Path
) -> Classifier:
    """Write the model file of a network's parameters as training left them, and return its classifier.

    `run` holds what the training noted (command, seed); `parts` are the data to calibrate on and the data to
    measure, without which a model has neither calibration nor figures. Raises ModelError where the
    parameters are no network's.
    """
    arrays, metadata = (_cnn if "out/W" in parameters else _mlp)(parameters)
    metadata |= {"preprocessing_version": PREPROCESSING_VERSION} | run

    def classifier() -> Classifier:
        return Classifier.from_bytes(pack_model(arrays, metadata), out.stem)

    if parts:
        chosen, final = parts
        metadata |= calibrate(classifier(), chosen)
        metadata["figures"] = figures(classifier(), final)
    finished = (
        classifier()
    )  # or it is no model, and what stands in the file's place stays there
    write_model(out, arrays, metadata)
    return finished


def figures(classifier: Classifier, final: Part) -> list[dict[str, Any]]:
    """Return what `evaluate` measures, in short: a row for each set and condition."""
    results = (
        evaluate(classifier, test).as_dict() for test in make_sets(final, list(SETS))
    )
    return [{name: row[name] for name in FIGURES if name in row} for row in results]


def _mlp(parameters: Arrays) -> tuple[Arrays, dict[str, Any]]:
    return parameters, {"architecture": "mlp", "credits": [CREDITS["mnist"]]}


def _cnn(parameters: Arrays) -> tuple[Arrays, dict[str, Any]]:
    folded = _trained_cnn(parameters).folded()
    arrays = {
        name.lstrip("/"): parameter.array.astype(np.float32)
        for name, parameter in folded.namedparams()
    }
    return arrays, {"architecture": "cnn", "credits": list(CREDITS.values())}


def _trained_cnn(parameters: Arrays) -> CNN:
    try:
        network = CNN(CNN.shaped_like(parameters).widths)
        chainer.serializers.NpzDeserializer(parameters).load(network)
    except (KeyError, ValueError) as error:
        raise ModelError("The snapshot's network is not one of ours.") from error
    return network

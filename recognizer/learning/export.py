"""A trainer's snapshot -> a model file: folded for serving, calibrated, with all that inference needs."""

from pathlib import Path
from typing import Any

import numpy as np

from recognizer.imaging import PREPROCESSING_VERSION
from recognizer.inference import Classifier
from recognizer.learning.calibration import calibrate
from recognizer.learning.splits import Part
from recognizer.modelfile import Arrays, ModelError, write_model
from recognizer.network import CNN, chainer

CREDITS = {
    "mnist": "MNIST (LeCun, Cortes, Burges)",
    "pendigits": "Pen-Based Recognition of Handwritten Digits (Alpaydin, Alimoglu 1998), UCI, CC BY 4.0",
    "doodles": "Quick, Draw! (Google), CC BY 4.0",
    "characters": "Omniglot (Lake, Salakhutdinov, Tenenbaum 2015), MIT",
}


def write_from_parameters(
    parameters: Arrays, run: dict[str, Any], chosen: Part | None, out: Path
) -> Classifier:
    """Write the model file of a network's parameters as training left them, and return its classifier.

    `run` holds what the training noted (command, seed); `chosen` is the part of the data to calibrate on,
    which the CNN needs. Raises ModelError where the parameters are no network's.
    """
    arrays, metadata = (_cnn if "out/W" in parameters else _mlp)(parameters)
    metadata |= {"preprocessing_version": PREPROCESSING_VERSION} | run
    write_model(out, arrays, metadata)
    if chosen:
        write_model(out, arrays, metadata | calibrate(Classifier.load(out), chosen))
    return Classifier.load(out)


def _mlp(parameters: Arrays) -> tuple[Arrays, dict[str, Any]]:
    return parameters, {"architecture": "mlp", "credits": [CREDITS["mnist"]]}


def _cnn(parameters: Arrays) -> tuple[Arrays, dict[str, Any]]:
    folded = _trained_cnn(parameters).folded()
    arrays = {
        name.lstrip("/"): parameter.array.astype(np.float32) for name, parameter in folded.namedparams()
    }
    return arrays, {"architecture": "cnn", "credits": list(CREDITS.values())}


def _trained_cnn(parameters: Arrays) -> CNN:
    network = CNN(CNN.shaped_like(parameters).widths)
    try:
        chainer.serializers.NpzDeserializer(parameters).load(network)
    except (KeyError, ValueError) as error:
        raise ModelError("The snapshot's network is not one of ours.") from error
    return network

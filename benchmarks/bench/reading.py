"""A board to a glyph, and a glyph read here and in ONNX Runtime, on one thread."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench.drawings import MODEL_FILE, TYPICAL, classifier, parts
from benchmarks.bench.rows import Row
from benchmarks.bench.timing import milliseconds
from recognizer.reading.model_files import Arrays, read_model
from recognizer.reading.networks import STRIDES, to_input
from tests.drawings import glyph_of

GLYPH = 1.0  # ms
TIMES_ONNX = 3


def rows() -> Iterator[Row]:
    glyph = glyph_of(TYPICAL)[None]
    run = onnx_runtime(read_model(MODEL_FILE.read_bytes()).parameters)
    scores = run(to_input(glyph)[:, None])
    np.testing.assert_allclose(scores, classifier().scores(glyph), atol=1e-4)
    times = milliseconds(parts() | {"onnx": lambda: run(to_input(glyph)[:, None])})
    yield Row("a 280 px board to a glyph, one thread", times["glyph"], GLYPH)
    yield Row(
        f"one glyph read, against {TIMES_ONNX} x ONNX Runtime",
        times["read"],
        TIMES_ONNX * times["onnx"],
    )


def onnx_runtime(
    parameters: Arrays,
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the CNN with these parameters, N x 1 x 28 x 28 to scores, on one thread."""
    try:
        import onnxruntime
    except ImportError as error:
        raise SystemExit(
            "ONNX Runtime is missing: 'make bench' installs it from "
            "benchmarks/requirements.txt."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_file(parameters), options)
    return lambda x: np.asarray(session.run(None, {"x": x})[0])


def onnx_file(parameters: Arrays) -> bytes:
    """Return the CNN as an ONNX file: six convolutions and a linear layer."""
    from onnx import TensorProto, helper, numpy_helper

    arrays, nodes, channels = dict[str, NDArray[np.float32]](), [], 1
    for i, stride in enumerate(STRIDES):
        weights = parameters[f"blocks/{i}/W"]
        arrays[f"W{i}"] = weights.reshape(len(weights), channels, 3, 3)
        arrays[f"b{i}"] = parameters[f"blocks/{i}/b"].ravel()
        channels = len(weights)
        inputs = ["x" if i == 0 else f"h{i - 1}", f"W{i}", f"b{i}"]
        strides = [stride, stride]
        nodes += [
            helper.make_node("Conv", inputs, [f"c{i}"], pads=[1] * 4, strides=strides),
            helper.make_node("Relu", [f"c{i}"], [f"h{i}"]),
        ]
    arrays |= {"W": parameters["out/W"], "b": parameters["out/b"]}
    nodes += [
        helper.make_node("Flatten", [f"h{len(STRIDES) - 1}"], ["flat"]),
        helper.make_node("Gemm", ["flat", "W", "b"], ["scores"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "cnn",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 12])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    file: bytes = model.SerializeToString()
    return file

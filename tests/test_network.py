"""The networks: their outputs, their gradients and how they are folded."""

import chainer
import numpy as np
import pytest

from recognizer.learning import recipe
from recognizer.reading.constants import CLASSES, DIGITS
from recognizer.reading.convolution import from_columns, to_columns
from recognizer.reading.networks import CNN, MLP, Array, to_input

SMALL = (3, 4, 4, 5, 5, 6)


def numbers(*shape: int) -> Array:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [4, 7, 28])
def test_the_convolution_equals_that_of_chainer(side: int, stride: int) -> None:
    x, weights = numbers(2, 3, side, side), numbers(4, 2 * 9)
    columns = to_columns(x, stride)
    theirs = chainer.functions.convolution_2d(
        x.transpose(1, 0, 2, 3), weights.reshape(4, 2, 3, 3), None, stride, 1
    )
    ours = (weights @ columns).reshape(4, *theirs.shape[0:1], *theirs.shape[2:])
    np.testing.assert_allclose(
        ours.transpose(1, 0, 2, 3), theirs.array, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("stride", [1, 2])
def test_from_columns_is_the_transpose_of_to_columns(stride: int) -> None:
    x = numbers(2, 3, 7, 6)
    columns = to_columns(x, stride)
    y = numbers(*columns.shape)
    assert (columns * y).sum() == pytest.approx(
        (x * from_columns(y, x.shape, stride)).sum(), rel=1e-4
    )


def test_the_gradients_equal_numerical_ones() -> None:
    np.random.seed(0)  # weights with which no step crosses a kink of ReLU
    network = CNN(SMALL)
    x, target = numbers(4, 28, 28), np.array([1, 5, 10, 11], np.int32)
    weight = network.blocks[2].W

    def loss() -> float:
        with (
            chainer.using_config("dtype", np.float32),
            chainer.using_config("train", False),
        ):
            return float(
                chainer.functions.softmax_cross_entropy(network(x), target).array
            )

    with chainer.using_config("train", False):
        network.cleargrads()
        chainer.functions.softmax_cross_entropy(network(x), target).backward()
    place = np.unravel_index(np.abs(weight.grad).argmax(), weight.shape)
    step = np.float32(3e-4)
    weight.array[place] += step
    above = loss()
    weight.array[place] -= 2 * step
    assert weight.grad[place] == pytest.approx((above - loss()) / (2 * step), rel=0.05)


def test_folding_does_not_change_the_scores() -> None:
    network = CNN(SMALL)
    x = numbers(5, 28, 28)
    for _ in range(5):
        network(x * 2 + 1)  # so that the normalisations collect statistics
    with chainer.using_config("train", False):
        np.testing.assert_allclose(
            network.folded()(x).array, network(x).array, rtol=1e-3, atol=1e-4
        )


def test_a_folded_network_computes_the_same_in_training_as_when_it_serves() -> None:
    network = randomly_folded()
    x = numbers(5, 28, 28)
    with chainer.using_config("train", False):
        served = network(x).array
    np.testing.assert_allclose(network(x).array, served, rtol=1e-4, atol=1e-5)


def test_a_folded_network_serves_without_building_a_graph() -> None:
    network = randomly_folded()
    with chainer.using_config("train", False):
        assert network(numbers(2, 28, 28)).creator is None
    assert network(numbers(2, 28, 28)).creator is not None


@pytest.mark.parametrize("name", ["W", "b"])
def test_the_gradients_of_a_folded_network_are_those_of_the_function(name: str) -> None:
    network = randomly_folded()
    x, target = numbers(4, 28, 28), np.array([1, 5, 10, 11], np.int32)
    parameter = getattr(network.blocks[2], name)

    def loss() -> chainer.Variable:
        return chainer.functions.softmax_cross_entropy(network(x), target)

    network.cleargrads()
    loss().backward()
    place = np.unravel_index(np.abs(parameter.grad).argmax(), parameter.shape)
    step = np.float32(3e-4)
    parameter.array[place] += step
    above = float(loss().array)
    parameter.array[place] -= 2 * step
    slope = (above - float(loss().array)) / (2 * step)
    assert parameter.grad[place] == pytest.approx(slope, rel=0.05)


def test_a_folded_network_learns() -> None:
    network = randomly_folded()
    x, target = numbers(CLASSES, 28, 28), np.arange(CLASSES, dtype=np.int32)
    optimizer = chainer.optimizers.Adam(3e-3).setup(network)
    losses = []
    for _ in range(30):
        loss = chainer.functions.softmax_cross_entropy(network(x), target)
        losses.append(float(loss.array))
        network.cleargrads()
        loss.backward()
        optimizer.update()
    assert losses[-1] < losses[0] / 2


def randomly_folded() -> CNN:
    """Return a folded network whose weights and biases differ from 0."""
    np.random.seed(0)
    network = CNN(SMALL)
    for _ in range(5):
        network(numbers(5, 28, 28) * 2 + 1)
    return network.folded()


def test_the_mlp_has_the_shapes_of_chainers_example() -> None:
    shapes = {
        name: parameter.shape for name, parameter in MLP(recipe.MLP_UNITS).namedparams()
    }
    assert shapes["/l1/W"] == (1000, 784)
    assert shapes["/l2/W"] == (1000, 1000)
    assert shapes["/l3/W"] == (10, 1000)


@pytest.mark.parametrize(
    ("network", "classes", "first"),
    [
        (MLP(1000), DIGITS, (2, 1000, 1, 1)),
        (CNN((24, *SMALL[1:])), CLASSES, (2, 24, 28, 28)),
    ],
)
def test_each_network_turns_glyphs_into_scores(
    network: MLP | CNN, classes: int, first: tuple[int, ...]
) -> None:
    x = to_input(np.zeros((2, 28, 28), np.uint8))
    with chainer.using_config("train", False):
        assert network(x).shape == (2, classes)
        assert network.folded().first_layer(x).shape == first


def test_ink_is_one_and_paper_is_zero() -> None:
    assert to_input(np.array([[[0, 255]]], np.uint8)).tolist() == [[[0.0, 1.0]]]

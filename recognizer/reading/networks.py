"""The networks as Chainer chains: from glyphs to a score (logit) for each class."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self

import chainer
import numpy as np
from chainer import functions, links
from numpy.typing import NDArray

from recognizer.reading.constants import CLASSES, DIGITS
from recognizer.reading.convolution import from_columns, output_shape, to_columns

Array = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]

WIDTHS = (24, 40, 40, 80, 80, 128)
STRIDES = (1, 2, 1, 2, 1, 2)
DROPOUT = 0.3


class Network(Protocol):
    """What training and inference need from an architecture."""

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self: ...
    def __call__(self, x: Array) -> chainer.Variable: ...
    def first_layer(self, x: Array) -> chainer.Variable: ...
    def folded(self) -> Self: ...
    def namedparams(self) -> Iterator[tuple[str, chainer.Parameter]]: ...


def to_input(glyphs: NDArray[np.uint8]) -> Array:
    """Return N x 28 x 28 uint8 glyphs as float32, from 0 for paper to 1 for ink."""
    return glyphs.astype(np.float32) / np.float32(255)


class MLP(chainer.Chain):  # type: ignore[misc]
    """The perceptron of Chainer's MNIST example: 784-1000-1000-10 with ReLU."""

    def __init__(self, units: int = 1000) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = links.Linear(784, units)
            self.l2 = links.Linear(units, units)
            self.l3 = links.Linear(units, DIGITS)

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self:
        """Build the MLP whose parameters have these arrays' shapes."""
        return cls(len(arrays["l1/b"]))

    def forward(self, x: Array) -> chainer.Variable:
        """Return N x 10 scores for N x 28 x 28 glyphs."""
        h = functions.relu(self.l1(x.reshape(-1, 784)))
        h = functions.relu(self.l2(h))
        return self.l3(h)

    def first_layer(self, x: Array) -> chainer.Variable:
        """Return the first layer's responses, N x units x 1 x 1."""
        return functions.relu(self.l1(x.reshape(-1, 784)))[:, :, None, None]

    def folded(self) -> Self:
        """Return the network itself: it has no batch normalisation to fold."""
        return self


class CNN(chainer.Chain):  # type: ignore[misc]
    """Six 3 x 3 convolutions and a linear layer for the twelve classes.

    Three convolutions have stride 2, in place of pooling (Springenberg et al. 2015).
    Batch normalisation (Ioffe and Szegedy 2015) follows each convolution in training
    and is folded into it for serving.
    """

    def __init__(
        self, widths: tuple[int, ...] = WIDTHS, *, folded: bool = False
    ) -> None:
        super().__init__()
        self.widths = widths
        shapes = zip((1, *widths[:-1]), widths, STRIDES, strict=True)
        with self.init_scope():
            self.blocks = chainer.ChainList()
            for shape in shapes:
                self.blocks.add_link(Block(*shape, folded=folded))
            self.out = links.Linear(widths[-1] * 16, CLASSES)

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self:
        """Build the folded CNN whose parameters have these arrays' shapes."""
        widths = [len(arrays[f"blocks/{i}/W"]) for i in range(len(STRIDES))]
        return cls(tuple(widths), folded=True)

    def forward(self, x: Array) -> chainer.Variable:
        """Return N x 12 scores for N x 28 x 28 glyphs."""
        h = x[None]  # channels come first: C x N x H x W
        for block in self.blocks:
            h = block(h)
        flat = functions.reshape(functions.transpose(h, (1, 0, 2, 3)), (len(x), -1))
        return self.out(functions.dropout(flat, DROPOUT))

    def first_layer(self, x: Array) -> chainer.Variable:
        """Return the first layer's responses, N x channels x 28 x 28."""
        return functions.transpose(self.blocks[0](x[None]), (1, 0, 2, 3))

    def folded(self) -> Self:
        """Return the network as it is served, without batch normalisation.

        It computes the same scores.
        """
        served = type(self)(self.widths, folded=True)
        for block, target in zip(self.blocks, served.blocks, strict=True):
            block.fold_into(target)
        served.out.copyparams(self.out)
        return served


class Block(chainer.Chain):  # type: ignore[misc]
    """A 3 x 3 convolution, batch normalisation and ReLU for C x N x H x W arrays.

    A folded block has a bias in place of the normalisation.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, *, folded: bool) -> None:
        super().__init__()
        self.stride = stride
        with self.init_scope():
            self.W = chainer.Parameter(
                chainer.initializers.HeNormal(), (outputs, inputs * 9)
            )
            if folded:
                self.b = chainer.Parameter(0, (outputs, 1))
            else:
                self.norm = links.BatchNormalization(outputs, axis=(1, 2, 3))

    def forward(self, x: Array | chainer.Variable) -> chainer.Variable:
        """Return the block's responses, outputs x N x H' x W'."""
        if hasattr(self, "norm"):
            (h,) = _Convolution(self.stride).apply((x, self.W))
            return functions.relu(self.norm(h))
        array = x.array if isinstance(x, chainer.Variable) else x
        return chainer.Variable(self._serve(array))

    def _serve(self, x: Array) -> Array:
        # A served network is not trained: plain NumPy avoids the work that Chainer does
        # for gradients.
        h: Array = self.W.array @ to_columns(x, self.stride)
        h += self.b.array
        np.maximum(h, 0, out=h)
        return h.reshape(-1, *output_shape(x.shape, self.stride))

    def fold_into(self, served: "Block") -> None:
        """Set the parameters of `served`, so that it computes what this block does."""
        scale = self.norm.gamma.array / np.sqrt(self.norm.avg_var + self.norm.eps)
        served.W.array[...] = self.W.array * scale[:, None]
        served.b.array[:, 0] = self.norm.beta.array - self.norm.avg_mean * scale


class _Convolution(chainer.FunctionNode):  # type: ignore[misc]
    def __init__(self, stride: int) -> None:
        self.stride = stride

    def forward(self, inputs: tuple[Array, Array]) -> tuple[Array]:
        x, weights = inputs
        self.retain_inputs((1,))
        self.columns, self.shape = to_columns(x, self.stride), x.shape
        outputs = output_shape(x.shape, self.stride)
        return ((weights @ self.columns).reshape(-1, *outputs),)

    def backward(
        self, wanted: tuple[int, ...], gradients: tuple[chainer.Variable]
    ) -> tuple[chainer.Variable | None, chainer.Variable]:
        (weights,) = self.get_retained_inputs()
        gradient = gradients[0].array.reshape(len(weights), -1)
        by_weights = chainer.Variable(gradient @ self.columns.T)
        if 0 not in wanted:
            return None, by_weights
        columns = weights.array.T @ gradient
        by_inputs = from_columns(columns, self.shape, self.stride)
        return chainer.Variable(by_inputs), by_weights


NETWORKS: dict[str, type[Network]] = {"mlp": MLP, "cnn": CNN}

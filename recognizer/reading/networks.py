"""The networks, as Chainer chains: glyphs in, a score (logit) for each class out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, Self

import chainer
import numpy as np
from chainer import functions, links
from numpy.typing import NDArray

from recognizer.reading.constants import CLASSES, DIGITS
from recognizer.reading.convolution import from_columns, output_shape, to_columns
from recognizer.reading.glyphs import GLYPH_SIDE

Array = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]

PIXELS = GLYPH_SIDE**2
STRIDES = (1, 2, 1, 2, 1, 2)  # of the CNN's convolutions
LAST_PIXELS = 16  # the three strides of 2 leave 4 x 4


class Network(Protocol):
    """What training and inference need of an architecture."""

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self: ...
    def __call__(self, x: Array) -> chainer.Variable: ...
    def first_layer(self, x: Array) -> chainer.Variable: ...
    def folded(self) -> Self: ...
    def namedparams(self) -> Iterator[tuple[str, chainer.Parameter]]: ...


def to_input(glyphs: NDArray[np.uint8]) -> Array:
    """Return N x 28 x 28 uint8 glyphs as float32 from 0 (paper) to 1 (ink)."""
    return glyphs.astype(np.float32) / np.float32(255)


class MLP(chainer.Chain):  # type: ignore[misc]
    """The multilayer perceptron of Chainer's MNIST example: two hidden layers, ReLU.

    `units` is the width of the hidden layers.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = links.Linear(PIXELS, units)
            self.l2 = links.Linear(units, units)
            self.l3 = links.Linear(units, DIGITS)

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self:
        """Return an MLP whose parameters have these arrays' shapes."""
        return cls(len(arrays["l1/b"]))

    def forward(self, x: Array) -> chainer.Variable:
        """Return N x 10 scores for N x 28 x 28 glyphs."""
        h = functions.relu(self.l1(x.reshape(-1, PIXELS)))
        h = functions.relu(self.l2(h))
        return self.l3(h)

    def first_layer(self, x: Array) -> chainer.Variable:
        """Return the first layer's responses, N x units x 1 x 1."""
        return functions.relu(self.l1(x.reshape(-1, PIXELS)))[:, :, None, None]

    def folded(self) -> Self:
        """Return the network as it is served. The MLP has nothing to fold."""
        return self


class CNN(chainer.Chain):  # type: ignore[misc]
    """Six 3 x 3 convolutions, three of them with stride 2, and a linear layer.

    `widths` are the channels of the convolutions. `dropout` is the share of the linear
    layer's inputs that is dropped in training. In training each convolution is followed
    by batch normalisation (Ioffe, Szegedy 2015), which is folded into it for serving. A
    folded network can be trained too: it has a bias instead of the normalisation.
    Strides replace pooling (Springenberg et al. 2015).
    """

    def __init__(
        self, widths: Sequence[int], *, dropout: float = 0, folded: bool = False
    ) -> None:
        super().__init__()
        self.widths, self.dropout = tuple(widths), dropout
        self.is_folded = folded
        blocks = []
        for shape in zip((1, *widths), widths, STRIDES, strict=False):
            blocks.append(Block(*shape, folded=folded))
        with self.init_scope():
            self.blocks = chainer.ChainList(*blocks)
            self.out = links.Linear(widths[-1] * LAST_PIXELS, CLASSES)

    @classmethod
    def shaped_like(cls, arrays: Arrays) -> Self:
        """Return a folded CNN whose parameters have these arrays' shapes."""
        widths = [len(arrays[f"blocks/{i}/W"]) for i in range(len(STRIDES))]
        return cls(widths, folded=True)

    def forward(self, x: Array) -> chainer.Variable:
        """Return N x 12 scores for N x 28 x 28 glyphs."""
        if self.is_folded and not chainer.config.train:
            return chainer.Variable(self._serve(x))
        h = x[None]  # channels come first: C x N x H x W
        for block in self.blocks:
            h = block(h)
        flat = functions.reshape(functions.transpose(h, (1, 0, 2, 3)), (len(x), -1))
        return self.out(functions.dropout(flat, self.dropout))

    def _serve(self, x: Array) -> Array:
        # Serving needs no gradients, so plain NumPy avoids Chainer's overhead.
        h = x[None]
        for block in self.blocks:
            h = block.serve(h)
        flat = h.transpose(1, 0, 2, 3).reshape(len(x), -1)
        scores: Array = flat @ self.out.W.array.T + self.out.b.array
        return scores

    def first_layer(self, x: Array) -> chainer.Variable:
        """Return the first layer's responses, N x channels x 28 x 28."""
        return functions.transpose(self.blocks[0](x[None]), (1, 0, 2, 3))

    def folded(self) -> Self:
        """Return the network as it is served: the same, without normalisation."""
        served = type(self)(self.widths, folded=True)
        for block, target in zip(self.blocks, served.blocks, strict=True):
            block.fold_into(target)
        served.out.copyparams(self.out)
        return served


class Block(chainer.Chain):  # type: ignore[misc]
    """A 3 x 3 convolution, batch normalisation and ReLU on C x N x H x W arrays.

    A folded block has a bias instead of the normalisation.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, *, folded: bool) -> None:
        super().__init__()
        self.stride, self.is_folded = stride, folded
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
        convolution = _Convolution(self.stride)
        if not self.is_folded:
            return functions.relu(self.norm(convolution.apply((x, self.W))[0]))
        return functions.relu(convolution.apply((x, self.W, self.b))[0])

    def serve(self, x: Array) -> Array:
        """Return a folded block's responses. Chainer cannot differentiate them."""
        h: Array = self.W.array @ to_columns(x, self.stride)
        h += self.b.array
        np.maximum(h, 0, out=h)
        return h.reshape(-1, *output_shape(x.shape, self.stride))

    def fold_into(self, served: "Block") -> None:
        """Copy this block into a folded one, with the normalisation in its weights."""
        scale = self.norm.gamma.array / np.sqrt(self.norm.avg_var + self.norm.eps)
        served.W.array[...] = self.W.array * scale[:, None]
        served.b.array[:, 0] = self.norm.beta.array - self.norm.avg_mean * scale


class _Convolution(chainer.FunctionNode):  # type: ignore[misc]
    """The convolution of x with W, plus b if it is given, and their gradients."""

    def __init__(self, stride: int) -> None:
        self.stride = stride

    def forward(self, inputs: tuple[Array, ...]) -> tuple[Array]:
        x, weights, *bias = inputs
        self.retain_inputs((1,))
        self.columns, self.shape = to_columns(x, self.stride), x.shape
        responses = weights @ self.columns
        if bias:
            responses += bias[0]
        return (responses.reshape(-1, *output_shape(x.shape, self.stride)),)

    def backward(
        self, wanted: tuple[int, ...], gradients: tuple[chainer.Variable]
    ) -> tuple[chainer.Variable | None, ...]:
        (weights,) = self.get_retained_inputs()
        gradient = gradients[0].array.reshape(len(weights), -1)
        by_input: dict[int, Array] = {}
        if 0 in wanted:
            columns = weights.array.T @ gradient
            by_input[0] = from_columns(columns, self.shape, self.stride)
        if 1 in wanted:
            by_input[1] = gradient @ self.columns.T
        if 2 in wanted:
            by_input[2] = gradient.sum(axis=1, keepdims=True)
        return tuple(chainer.Variable(by_input[index]) for index in wanted)


NETWORKS: dict[str, type[Network]] = {"mlp": MLP, "cnn": CNN}

"""An endless data set: while the network learns from one epoch, other processes render the next two."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import chainer
import numpy as np
from numpy.typing import NDArray

from recognizer.learning.data.mnist import Labelled

AHEAD = 2  # rendering a glyph takes longer than learning from it
Batch = tuple[NDArray[np.uint8], NDArray[np.int32]]


class FreshEpochs(chainer.dataset.Iterator):  # type: ignore[misc]
    """A Chainer iterator over batches (N x 28 x 28 uint8, N int32) that never come back.

    `render(seed)` makes an epoch and must give the same for the same seed: (seed, number of the epoch).
    What is left over at the end of an epoch is too small for a batch and dropped.
    """

    def __init__(
        self, render: Callable[[Sequence[int]], Labelled], batchsize: int, seed: int
    ) -> None:
        self._render, self._batchsize, self._seed = render, batchsize, seed
        self._workers = ProcessPoolExecutor(AHEAD)
        self._ordered: deque[Future[Labelled]] = (
            deque()
        )  # nothing is rendered before it is asked for
        self._data: Labelled | None = None
        self._position, self._batches = 0, 1
        self.epoch, self.is_new_epoch, self.previous_epoch_detail = 0, False, -1.0

    def _turn_over(self) -> Labelled:
        for epoch in range(self.epoch + len(self._ordered), self.epoch + AHEAD + 1):
            self._ordered.append(
                self._workers.submit(self._render, (self._seed, epoch))
            )
        data = self._ordered.popleft().result()
        self._position, self._batches = 0, len(data.labels) // self._batchsize
        return data

    def __next__(self) -> Batch:
        if self._data is None or self._position == self._batches:
            self._data = self._turn_over()
        self.previous_epoch_detail = self.epoch_detail
        batch = slice(
            self._position * self._batchsize, (self._position + 1) * self._batchsize
        )
        self._position += 1
        self.is_new_epoch = self._position == self._batches
        self.epoch += self.is_new_epoch
        return self._data.images[batch], self._data.labels[batch]

    @property
    def epoch_detail(self) -> float:
        """Epochs done, with the fraction of the present one."""
        return self.epoch + self._position % self._batches / self._batches

    def serialize(self, serializer: Any) -> None:
        """Keep or take up again the number of the epoch; snapshots are taken between epochs."""
        self.epoch = int(serializer("epoch", self.epoch))

    def finalize(self) -> None:
        """Let the workers go."""
        self._workers.shutdown(cancel_futures=True)

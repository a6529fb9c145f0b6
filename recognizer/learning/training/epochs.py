"""An endless data set: workers render the next epochs while the network learns."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import chainer
import numpy as np
from numpy.typing import NDArray

from recognizer.learning.data.labelled import Labelled

AHEAD = 2  # epochs and workers: rendering a glyph takes longer than learning from it
Batch = tuple[NDArray[np.uint8], NDArray[np.int32]]
Render = Callable[[Sequence[int]], Labelled]


class FreshEpochs(chainer.dataset.Iterator):  # type: ignore[misc]
    """A Chainer iterator over batches (N x 28 x 28 uint8, N int32) that never repeat.

    `render(seed)` makes an epoch; the same seed, (seed, number of the epoch), must give
    the same epoch. Each worker receives `render`, and the data in it, once. The end of
    an epoch that is too small for a batch is dropped.
    """

    def __init__(self, render: Render, batch_size: int, seed: int) -> None:
        self._batch_size, self._seed = batch_size, seed
        self._workers = ProcessPoolExecutor(
            AHEAD, initializer=_keep, initargs=(render,)
        )
        # Workers start with the first batch: a run that resumes begins with its epoch.
        self._ordered: deque[Future[Labelled]] = deque()
        self._data: Labelled | None = None
        self._position, self._batches = 0, 1
        self.epoch, self.is_new_epoch, self.previous_epoch_detail = 0, False, -1.0

    def __next__(self) -> Batch:
        if self._data is None or self._position == self._batches:
            self._data = None  # free the last epoch's memory before the next arrives
            self._data = self._next_epoch()
        self.previous_epoch_detail = self.epoch_detail
        start = self._position * self._batch_size
        batch = slice(start, start + self._batch_size)
        self._position += 1
        self.is_new_epoch = self._position == self._batches
        self.epoch += self.is_new_epoch
        return self._data.images[batch], self._data.labels[batch]

    def _next_epoch(self) -> Labelled:
        first = self.epoch + len(self._ordered)
        for epoch in range(first, self.epoch + AHEAD + 1):
            future = self._workers.submit(_render_kept, (self._seed, epoch))
            self._ordered.append(future)
        data = self._ordered.popleft().result()
        self._position, self._batches = 0, len(data.labels) // self._batch_size
        return data

    @property
    def epoch_detail(self) -> float:
        """The number of epochs done, with the fraction of the current one."""
        return self.epoch + self._position % self._batches / self._batches

    def serialize(self, serializer: Any) -> None:
        """Save or restore the epoch's number: snapshots are taken between epochs."""
        self.epoch = int(serializer("epoch", self.epoch))

    def finalize(self) -> None:
        """Stop the workers."""
        self._workers.shutdown(cancel_futures=True)


# What follows runs in a worker.
_kept: list[Render] = []


def _keep(render: Render) -> None:
    _kept.append(render)


def _render_kept(seed: Sequence[int]) -> Labelled:
    return _kept[0](seed)

"""Processes that read pictures, one for each core.

They are started anew, not forked: a fork would also copy the threads' locks, and
Python 3.14 does not fork by default. They end with the process that started them, also
when that is killed.
"""

import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

from recognizer.inference import Classifier
from recognizer.management.reading import Answer, ProcessEndedError, batches, read_batch

AHEAD = 2  # batches that wait for each process

_classifier: Classifier  # of a process that reads


def read_in_processes(paths: Iterator[str], classifier: Classifier) -> Iterator[Answer]:
    """Yield the answer for each picture. Memory does not grow with their number.

    Raises ProcessEndedError.
    """
    cores = os.cpu_count() or 1
    pool = ProcessPoolExecutor(
        cores,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(classifier.data, classifier.name),
    )
    try:
        for future in _submit_ahead(pool, batches(paths), AHEAD * cores):
            yield from future.result()
    except BrokenProcessPool as error:
        raise ProcessEndedError(
            "A process that reads pictures was stopped from outside. "
            "Perhaps there was not enough memory."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _submit_ahead(
    pool: ProcessPoolExecutor, tasks: Iterator[list[str]], ahead: int
) -> Iterator[Future[list[Answer]]]:
    """Yield the futures of the batches in order, when some more are submitted."""
    waiting: deque[Future[list[Answer]]] = deque()
    for batch in tasks:
        with _interrupts_later():
            waiting.append(pool.submit(_read, batch))
        if len(waiting) > ahead:
            yield waiting.popleft()
    yield from waiting


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Hold back SIGINT, also in the processes that are started meanwhile.

    A terminal sends Ctrl-C to all processes. Only the first one should answer.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(model: bytes, name: str) -> None:
    global _classifier
    Thread(target=_end_with_parent, daemon=True).start()
    _classifier = Classifier.from_bytes(model, name)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(batch: list[str]) -> list[Answer]:
    return read_batch(batch, _classifier)

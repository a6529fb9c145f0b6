"""Progress of long steps: functions that a caller passes in, such as tqdm."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

# Goes through the items of a step, and may show progress. `iter` shows none.
Show = Callable[[Any], Iterable[Any]]


class ShowNamed(Protocol):
    """The same, with the name of the step."""

    def __call__(self, items: Any, *, desc: str) -> Iterable[Any]: ...

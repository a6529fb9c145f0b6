"""Notes on a training run (run.json beside its snapshots): how its model was made."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recognizer.reading.model_files import ModelError

NAME = "run.json"


@dataclass(frozen=True)
class RunNotes:
    """The command, or several joined by &&, its seed, and the data that was there."""

    command: str
    seed: int
    data_sets: list[str]  # keys of DATA_SETS

    def after(self, earlier: "RunNotes") -> "RunNotes":
        """Return the notes of a run that continues an earlier one."""
        command = f"{earlier.command} && {self.command}"
        data_sets = sorted({*earlier.data_sets, *self.data_sets})
        return RunNotes(command, self.seed, data_sets)

    def write(self, folder: Path) -> None:
        """Write the notes into a run's folder."""
        (folder / NAME).write_text(json.dumps(asdict(self)))


def read_notes(folder: Path) -> RunNotes | None:
    """Return the notes in a run's folder, or None if there are none.

    Raises ModelError when they are damaged.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        notes = RunNotes(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    if not _are_valid(notes):
        raise _damaged(path)
    return notes


def _are_valid(notes: Any) -> bool:
    return (
        isinstance(notes.command, str)
        and isinstance(notes.seed, int)
        and isinstance(notes.data_sets, list)
        and all(isinstance(name, str) for name in notes.data_sets)
    )


def _damaged(path: Path) -> ModelError:
    return ModelError(
        f"{path} is damaged. Restore it, or delete it to go on without its notes."
    )

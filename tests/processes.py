"""The processes of this machine."""

from pathlib import Path


def children(pid: int) -> list[int]:
    """Return the processes that a process has started; none when it has ended."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []

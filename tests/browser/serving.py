"""The site in a process of its own, for scripts that are not tests."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serve() -> Iterator[str]:
    """Run the site on a free port and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "manage.py", "runserver", "--noreload", place]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet) as server:
        try:
            _wait_for(place)
            yield f"http://{place}"
        finally:
            server.terminate()


def _wait_for(place: str) -> None:
    host, port = place.split(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The site did not start.")

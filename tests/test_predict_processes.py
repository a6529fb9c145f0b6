"""manage.py predict: more pictures than one process reads, and how processes end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest

from recognizer.management.commands.predict import FEW
from tests.factories import picture_bytes
from tests.processes import children
from tests.test_predict import PROJECT, folder, predict_alone

__all__ = ["folder"]
MANY = 20 * FEW


def test_many_pictures_are_answered_in_order(folder: Path) -> None:
    names = ["seven.png", "missing.png", *["seven.png"] * 40] * 10
    assert len(names) > FEW
    result = predict_alone(*names)
    read = result.stdout.decode().splitlines()
    unread = result.stderr.decode().splitlines()
    assert result.returncode == 1
    assert read == ["seven.png: 7, quite sure (99.6 %)"] * 410
    assert unread == ["missing.png: No such file or directory."] * 10


def test_an_interrupt_ends_all_processes_quietly(folder: Path) -> None:
    with reading_many() as command:
        workers = readers(command.pid)
        os.killpg(command.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
        _answers, errors = command.communicate(timeout=30)
    assert (command.returncode, errors) == (128 + signal.SIGINT, b"")
    assert wait_for_the_end_of(workers)


def test_no_process_outlives_the_one_that_started_it(folder: Path) -> None:
    with reading_many() as command:
        workers = readers(command.pid)
        command.kill()
    assert wait_for_the_end_of(workers)


def test_a_process_that_is_killed_is_an_error_in_words(folder: Path) -> None:
    with reading_many() as command:
        workers = readers(command.pid)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        _answers, errors = command.communicate(timeout=30)
    assert command.returncode == 1
    assert errors == (
        b"CommandError: A process that reads pictures was stopped from outside. "
        b"Perhaps there was not enough memory.\n"
    )


@pytest.mark.parametrize("paths", [["seven.png"], ["-", *["seven.png"] * 2 * FEW]])
def test_few_pictures_and_standard_input_start_no_process(
    folder: Path, paths: list[str]
) -> None:
    script = (
        "NAME = 'recognizer.management.processes'\n"
        "import atexit, os, sys\n"
        "from django.core.management import execute_from_command_line as run\n"
        "atexit.register(lambda: print(NAME in sys.modules))\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'mnistsite.settings'\n"
        "run(sys.argv)"
    )
    command = [sys.executable, "-c", script, "predict", "--model", "tiny.model"]
    done = subprocess.run(
        [*command, *paths],
        input=picture_bytes(),
        stdout=PIPE,
        env={"PYTHONPATH": str(PROJECT)},
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert (len(lines), lines[-1]) == (len(paths) + 1, "False")


@contextmanager
def reading_many() -> Iterator["subprocess.Popen[bytes]"]:
    """Start the command and yield it while it reads in several processes."""
    command = [sys.executable, str(PROJECT / "manage.py"), "predict"]
    with subprocess.Popen(
        [*command, "--model", "tiny.model", *["seven.png"] * MANY],
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout
        for _ in range(FEW + 1):
            process.stdout.readline()
        yield process


def readers(pid: int) -> list[int]:
    """Return the processes that read for a command."""
    return [pid for pid in children(pid) if b"spawn_main" in command_line(pid)]


def command_line(pid: int) -> bytes:
    """Return the command of a process, or nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_for_the_end_of(pids: list[int]) -> bool:
    assert pids
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not any(map(command_line, pids)):
            return True
        time.sleep(0.05)
    return False

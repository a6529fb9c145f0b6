"""manage.py predict: answers for files, folders and standard input."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from django.core.management import execute_from_command_line

from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from tests.factories import (
    blank_png,
    draw,
    model_bytes,
    picture_bytes,
)

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Result:
    status: int
    stdout: str
    stderr: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        assert self.stderr == ""
        return [json.loads(line) for line in self.stdout.splitlines()]


Predict = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a picture and a model that reads a 7 in each picture."""
    (tmp_path / "tiny.model").write_bytes(model_bytes())
    (tmp_path / "seven.png").write_bytes(picture_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def predict(folder: Path, capsys: pytest.CaptureFixture[str]) -> Predict:
    """Run the command in this process, without access to the database."""

    def run(*arguments: str) -> Result:
        status = 0
        try:
            execute_from_command_line(
                ["manage.py", "predict", "--model", "tiny.model", *arguments]
            )
        except SystemExit as end:
            status = int(end.code or 0)
        return Result(status, *capsys.readouterr())

    return run


def predict_alone(
    *arguments: str,
    stdout: int = PIPE,
    stderr: int = PIPE,
    stdin: bytes = b"",
    **env: str,
) -> "subprocess.CompletedProcess[bytes]":
    """Run the command in a new process, without an environment or a database."""
    command = [
        sys.executable,
        "-W",
        "error",
        str(PROJECT / "manage.py"),
        "predict",
        "--model",
        "tiny.model",
    ]
    nowhere = {"DATABASE_URL": "postgres://nobody@localhost:1/nothing", **env}
    return subprocess.run(
        [*command, *arguments],
        input=stdin,
        stdout=stdout,
        stderr=stderr,
        env=nowhere,
        check=False,
    )


def test_it_needs_neither_environment_nor_database(folder: Path) -> None:
    result = predict_alone("seven.png", "--json")
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["digit"] == 7


def test_the_shipped_network_reads_the_shipped_digit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    three = str(PROJECT / "data" / "three.png")
    execute_from_command_line(["manage.py", "predict", three])
    assert capsys.readouterr().out.startswith(f"{three}: 3, quite sure")


def test_it_prints_path_digit_and_confidence(predict: Predict) -> None:
    assert predict("seven.png") == Result(0, "seven.png: 7, quite sure (99.6 %)\n", "")


def test_json_has_the_fields_that_programs_rely_on(predict: Predict) -> None:
    (answer,) = predict("seven.png", "--json").answers
    assert list(answer) == [
        "path",
        "digit",
        "verdict",
        "confidence",
        "probabilities",
        "model",
    ]
    assert (answer["path"], answer["digit"], answer["verdict"]) == (
        "seven.png",
        7,
        "digit",
    )
    assert answer["confidence"] == pytest.approx(0.9963, abs=0.001)
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1)
    assert answer["model"]["name"] == "tiny"
    assert re.fullmatch("[0-9a-f]{64}", answer["model"]["sha256"])


@pytest.mark.parametrize(
    ("likely", "score", "verdict", "words"),
    [
        (7, 1.0, "unsure", "7, perhaps 9"),
        (NOT_A_DIGIT, 8.0, "not_a_digit", "This does not look like a digit"),
        (SEVERAL, 8.0, "several", "This looks like more than one digit"),
    ],
)
def test_every_verdict_is_an_answer(
    folder: Path, predict: Predict, likely: int, score: float, verdict: str, words: str
) -> None:
    (folder / "tiny.model").write_bytes(model_bytes(likely, score))
    in_words, in_json = predict("seven.png"), predict("--json", "seven.png")
    assert words in in_words.stdout
    assert in_json.answers[0]["verdict"] == verdict
    assert in_words.status == in_json.status == 0


def test_a_blank_picture_is_an_answer(folder: Path, predict: Predict) -> None:
    (folder / "blank.png").write_bytes(blank_png())
    assert predict("blank.png") == Result(0, "blank.png: No ink\n", "")
    (answer,) = predict("blank.png", "--json").answers
    assert (answer["verdict"], answer["digit"], answer["confidence"]) == (
        "blank",
        None,
        0,
    )
    assert answer["probabilities"] is None


def test_a_dash_is_standard_input(folder: Path) -> None:
    result = predict_alone("-", stdin=picture_bytes())
    assert result.stdout.startswith(b"-: 7")
    assert predict_alone("-", stdin=b"").returncode == 1


def test_all_pictures_below_a_folder_are_read_in_order(
    folder: Path, predict: Predict
) -> None:
    names = ["b/1.png", "b/a/2.PNG", "b.jpg", "a.jpeg", "a/z.png", "ä.png"]
    for name in [*names, "a/notes.txt", "a/.png"]:
        path = folder / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_bytes())
    answers = predict("--json", "scans").answers
    assert [answer["path"] for answer in answers] == sorted(
        f"scans/{name}" for name in names
    )


def test_answers_come_in_the_order_of_the_arguments(
    folder: Path, predict: Predict
) -> None:
    (folder / "scans").mkdir()
    (folder / "scans" / "7.png").write_bytes(picture_bytes())
    answers = predict("--json", "seven.png", "scans", "missing.png", "scans").answers
    paths = ["seven.png", "scans/7.png", "missing.png", "scans/7.png"]
    assert [answer["path"] for answer in answers] == paths


def test_links_to_folders_are_not_followed(folder: Path, predict: Predict) -> None:
    (folder / "scans").mkdir()
    (folder / "scans" / "again.png").symlink_to(folder / "scans")
    (folder / "scans" / "7.png").symlink_to(folder / "seven.png")
    assert [answer["path"] for answer in predict("--json", "scans").answers] == [
        "scans/7.png"
    ]


def test_unusable_paths_are_named_and_the_others_are_read(
    folder: Path, predict: Predict
) -> None:
    (folder / "scans").mkdir()
    (folder / "scans" / "loop.png").symlink_to("loop.png")
    answers = predict(
        "--json", "x" * 300, "scans", "scans/loop.png/7.png", "seven.png"
    ).answers
    assert [("error" in answer) for answer in answers] == [True, True, True, False]
    assert [answer["path"] for answer in answers[1:]] == [
        "scans/loop.png",
        "scans/loop.png/7.png",
        "seven.png",
    ]


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("missing.png", None, "No such file or directory."),
        ("empty.png", b"", "The file is neither a PNG nor a JPEG picture."),
        ("text.png", b"words", "The file is neither a PNG nor a JPEG picture."),
        ("half.png", picture_bytes()[:200], "The picture is damaged or incomplete."),
        ("large.png", bytes(10_000_001), "The picture is larger than 10 MB."),
    ],
)
def test_unreadable_pictures_are_named_and_the_others_are_read(
    folder: Path, predict: Predict, name: str, data: bytes | None, error: str
) -> None:
    if data is not None:
        (folder / name).write_bytes(data)
    in_words = predict(name, "seven.png")
    assert in_words.stderr == f"{name}: {error}\n"
    assert in_words.stdout.startswith("seven.png: 7")
    in_json = predict("--json", name, "seven.png")
    first, second = in_json.answers
    assert first == {"path": name, "error": error}
    assert second["digit"] == 7
    assert in_words.status == in_json.status == 1


def test_an_empty_folder_is_an_error(folder: Path, predict: Predict) -> None:
    (folder / "scans" / "empty").mkdir(parents=True)
    result = predict("scans", "--json")
    error = "There is no PNG or JPEG file in this folder or below it."
    assert result.answers == [{"path": "scans", "error": error}]
    assert result.status == 1


def test_an_endless_file_is_refused(predict: Predict) -> None:
    assert (
        predict("/dev/zero").stderr == "/dev/zero: The picture is larger than 10 MB.\n"
    )


def test_file_names_that_are_not_text_are_printed(folder: Path) -> None:
    name = b"\xff\xfe.png"
    (folder / os.fsdecode(name)).write_bytes(picture_bytes())
    in_words = predict_alone(os.fsdecode(name), PYTHONIOENCODING="utf-8:strict")
    assert in_words.stdout.startswith(name + b": 7")
    in_json = json.loads(predict_alone("--json", ".").stdout.splitlines()[1])
    assert os.fsencode(in_json["path"]) == b"./" + name


@pytest.mark.parametrize("damage", [None, b"", b"PK damaged", picture_bytes()])
def test_a_model_that_cannot_be_used_is_an_error_in_words(
    folder: Path, predict: Predict, damage: bytes | None
) -> None:
    (folder / "tiny.model").unlink()
    if damage is not None:
        (folder / "tiny.model").write_bytes(damage)
    result = predict("seven.png")
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr.startswith("CommandError: ")
    assert "tiny.model" in result.stderr


def test_without_a_picture_it_prints_its_usage(predict: Predict) -> None:
    result = predict()
    assert result.status != 0
    assert "usage: manage.py predict" in result.stderr


@pytest.mark.parametrize("count", [1, 200], ids=["one picture", "many pictures"])
def test_a_closed_pipe_ends_it_quietly(folder: Path, count: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = predict_alone("--json", *["seven.png"] * count, stdout=writer)
    os.close(writer)
    assert result.stderr == b""


def test_it_shows_a_progress_bar_on_a_terminal_alone(folder: Path) -> None:
    pictures = ["seven.png"] * 200
    assert predict_alone(*pictures).stderr == b""
    with ThreadPoolExecutor() as threads, opened_terminal() as (reader, terminal):
        shown = threads.submit(read_to_the_end, reader)
        result = predict_alone(*pictures, stderr=terminal)
        os.close(terminal)
        assert re.search(rb"[1-9]\d*/200", shown.result())
    assert len(result.stdout.splitlines()) == 200


@contextmanager
def opened_terminal() -> Iterator[tuple[int, int]]:
    reader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    yield reader, terminal
    os.close(reader)


def read_to_the_end(reader: int) -> bytes:
    shown = b""
    with suppress(OSError):  # how Linux reports that the other end is closed
        while part := os.read(reader, 4096):
            shown += part
    return shown


def test_memory_does_not_grow_with_the_number_of_pictures(folder: Path) -> None:
    few, many = (peak_memory(folder, count) for count in (100, 1100))
    # A thousand more pictures of 140 x 140 px would take 20 MB.
    assert many < few + 10_000


def peak_memory(folder: Path, count: int) -> int:
    """Return the largest amount of memory that reading pictures takes, in KiB."""
    scans = folder / f"scans{count}"
    scans.mkdir()
    small = picture_bytes(draw(size=140))
    for number in range(count):
        (scans / f"{number}.png").write_bytes(small)
    script = (
        "import resource, subprocess, sys; "
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE); "
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss; "
        "print(done.stdout.count(b'\\n'), peak)"
    )
    command = [
        PROJECT / "manage.py",
        "predict",
        "--model",
        folder / "tiny.model",
        scans,
    ]
    counted = [sys.executable, "-c", script, sys.executable, *map(str, command)]
    answered, peak = map(
        int, subprocess.run(counted, stdout=PIPE, check=True).stdout.split()
    )
    assert answered == count
    return peak

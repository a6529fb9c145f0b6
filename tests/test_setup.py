"""The scripts of `make install`, also on machines where something is broken."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    def write(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return write


def pretending(statement: str) -> str:
    """Return a script that runs this Python, with a statement first."""
    code = f"""$(printf '{statement}\\n%s' "$2")"""
    return f"""test "$1" = -c && exec '{sys.executable}' -c "{code}" "$3" """


def find_python(
    *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(PROJECT / "bin/find-python"), *arguments]
    environment = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_a_python_that_does_not_run_is_skipped(program: Program) -> None:
    shim = program("python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    found = find_python(
        PATH=f"{shim.parent}:{Path(sys.executable).parent}:/usr/bin:/bin"
    )
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()).exists()
    assert found.stdout.strip() != str(shim)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 127", "it does not run"),
        (
            pretending("import sys; sys.version_info = (3, 10, 13)"),
            "it is Python 3.10, and this project needs 3.11 or later",
        ),
        (
            pretending('import sys; sys.modules["ensurepip"] = None'),
            "it has no module ensurepip; on Debian: apt-get install",
        ),
        (
            pretending('import sys; sys.modules["sqlite3"] = None'),
            "it has no module sqlite3.",
        ),
    ],
)
def test_an_unusable_python_is_named_with_the_reason(
    program: Program, script: str, reason: str
) -> None:
    python = program("python", script)
    answer = find_python(PYTHON=str(python))
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"PYTHON={python} cannot be used: {reason}")
    assert answer.stderr.count("\n") == 1


def test_a_missing_version_is_named_in_a_sentence() -> None:
    answer = find_python("3.99")
    assert answer.returncode == 1
    assert answer.stderr.startswith("No Python 3.99 was found: install one, or name it")
    assert answer.stderr.count("\n") == 1


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project without packages, of which only the environment is created."""
    clone = tmp_path / "clone"
    shutil.copytree(PROJECT / "bin", clone / "bin")
    (clone / "requirements.txt").write_text("")
    (clone / "build-constraints.txt").write_text("")
    (clone / "node_modules").mkdir()  # npm creates none without packages
    (clone / "package.json").write_text('{"name": "empty"}')
    (clone / "package-lock.json").write_text(
        '{"name": "empty", "lockfileVersion": 3, "packages": {}}'
    )
    return clone


def install(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(clone), **environment}
    return subprocess.run(
        ["/bin/sh", "bin/install", "requirements.txt"],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_missing_npm_is_named_before_anything_is_installed(
    clone: Path, program: Program
) -> None:
    npm = program("npm", "exit 127")
    answer = install(clone, PATH=f"{npm.parent}:{os.environ['PATH']}")
    assert answer.returncode == 1
    assert answer.stderr.startswith("npm does not run")
    assert answer.stderr.count("\n") == 1
    assert not (clone / ".venv").exists()


def test_it_installs_once_and_repairs_a_broken_environment(
    clone: Path,
) -> None:
    first = install(clone)
    assert first.returncode == 0, first.stderr
    assert "Creating .venv" in first.stdout
    assert install(clone).stdout == ""

    python = clone / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "Creating .venv" in install(clone).stdout
    assert subprocess.run([python, "-c", ""]).returncode == 0


def test_both_lock_files_have_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        lines = (PROJECT / name).read_text().splitlines()
        return {
            line.rstrip(" \\")
            for line in lines
            if "==" in line and not line.startswith(" ")
        }

    assert pins("requirements.txt") <= pins("requirements-dev.txt")

"""Only reading and training import Chainer, which takes half a second."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

PROJECT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "migrate": ["--plan"],
    "collectstatic": ["--dry-run", "--noinput", "--verbosity=0"],
    "check": ["--deploy", "--fail-level=CRITICAL"],
    "makemigrations": ["--check", "--dry-run"],
    "purge": ["--help"],
    "train": ["--help"],
    "predict": ["--help"],
    "evaluate": ["--help"],
    "improve": ["--help"],
    "extract_model": ["--help"],
    "export_drawings": ["--help"],
    "import_drawings": ["--help"],
    "import_labels": ["--help"],
    "register_model": ["--help"],
    "replay": ["--help"],
    "promote": ["--help"],
    "reprocess": ["--help"],
}


REPORT = """
import atexit, sys
heavy = {'chainer', 'matplotlib'}
atexit.register(lambda: print('loaded', *heavy & set(sys.modules)))
"""


def loaded_by(script: str, folder: Path) -> set[str]:
    """Return the heavy packages that are loaded when the script ends."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "mnistsite.settings",
    }
    command = [sys.executable, "-c", REPORT + script]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=PIPE, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_reads_no_digit_loads_no_chainer(
    tmp_path: Path, name: str
) -> None:
    arguments = ["manage.py", name, *COMMANDS[name]]
    script = "from django.core.management import execute_from_command_line as run\n"
    script += f"run({arguments})"
    assert loaded_by(script, tmp_path) == set()


@pytest.mark.parametrize(
    "module",
    [
        "models",
        "forms",
        "admin",
        "views",
        "submissions",
        "inference",
        "checks",
        "exchange.exports",
        "exchange.imports",
        "exchange.zip_reader",
    ],
)
def test_a_module_loads_no_chainer(tmp_path: Path, module: str) -> None:
    assert (
        loaded_by(
            f"import django; django.setup(); import recognizer.{module}", tmp_path
        )
        == set()
    )


def test_reading_a_digit_loads_chainer(tmp_path: Path) -> None:
    read = "from recognizer.inference import get_classifier; from pathlib import Path; "
    read += "get_classifier(Path('data/digits.model'))"
    assert loaded_by(read, tmp_path) == {"chainer"}

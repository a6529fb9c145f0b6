"""Dependencies go in one direction, as CONTRIBUTING.md says.

The tests read the sources, so they also see imports inside functions.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SOURCES = sorted((PROJECT / "recognizer").rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in SOURCES}
READING = [name for name in FILES if name.startswith("recognizer.reading")]
LEARNING = [name for name in FILES if name.startswith("recognizer.learning")]
COMMANDS = [
    name for name in FILES if name.startswith("recognizer.management.commands.")
]
ADMIN = [name for name in FILES if name.startswith("recognizer.admin")]
OUTER = {"recognizer.views", "recognizer.urls", *ADMIN, *COMMANDS}


@cache
def imports(name: str) -> frozenset[str]:
    """Return all that a module imports, by full names."""
    tree = ast.parse(FILES[name].read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = absolute(name, node)
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return frozenset(found - {name})  # a package that imports its modules


def absolute(name: str, node: ast.ImportFrom) -> str:
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for _ in range(1, node.level):
        package = package.rpartition(".")[0]
    return ".".join(filter(None, [package if node.level else "", node.module]))


def reach(name: str) -> frozenset[str]:
    """Return all modules of the app that a module imports, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        new = imports(waiting.pop()) & FILES.keys() - seen
        seen |= new
        waiting += new
    return frozenset(seen)


def packages(name: str) -> set[str]:
    return {imported.partition(".")[0] for imported in imports(name)}


@pytest.mark.parametrize(
    "name", ["recognizer", "recognizer.inference", *READING, *LEARNING]
)
def test_reading_and_learning_import_no_django(name: str) -> None:
    for module in {name, *reach(name)}:
        assert "django" not in packages(module), module


@pytest.mark.parametrize("name", FILES)
def test_only_networks_inference_and_learning_import_chainer(name: str) -> None:
    if name not in {"recognizer.reading.networks", "recognizer.inference", *LEARNING}:
        assert "chainer" not in packages(name)


@pytest.mark.parametrize("name", FILES)
def test_nothing_imports_views_admin_or_commands(name: str) -> None:
    if name != "recognizer.urls" and name not in ADMIN:
        assert not imports(name) & OUTER


@pytest.mark.parametrize("name", READING)
def test_reading_imports_no_other_part_of_the_app(name: str) -> None:
    assert reach(name) <= set(READING)


def test_the_models_import_the_constants_alone() -> None:
    assert reach("recognizer.models") == {"recognizer.reading.constants"}


def test_predict_imports_no_models() -> None:
    assert "recognizer.models" not in reach("recognizer.management.commands.predict")


@pytest.mark.parametrize("name", sorted(set(FILES) - set(COMMANDS) - set(LEARNING)))
def test_the_site_does_not_import_learning(name: str) -> None:
    assert not imports(name) & set(LEARNING)


@pytest.mark.parametrize("name", FILES)
def test_there_are_no_import_cycles(name: str) -> None:
    assert name not in reach(name)

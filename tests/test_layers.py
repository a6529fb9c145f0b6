"""Dependencies point one way, as CONTRIBUTING.md says: read from the sources, whatever is imported when."""

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
BELOW_DJANGO = ["pictures", "imaging", "convolution", "chainer_compat", "network", "modelfile", "inference"]
LEARNING = [name for name in FILES if name.startswith("recognizer.learning")]
COMMANDS = [name for name in FILES if name.startswith("recognizer.management.commands.")]
OUTERMOST = {"recognizer.views", "recognizer.admin", "recognizer.urls", *COMMANDS}


@cache
def imports(name: str) -> frozenset[str]:
    """All that a module imports, its own modules by their full names."""
    tree = ast.parse(FILES[name].read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = absolute(name, node)
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def absolute(name: str, node: ast.ImportFrom) -> str:
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for _ in range(1, node.level):
        package = package.rpartition(".")[0]
    return ".".join(filter(None, [package if node.level else "", node.module]))


def reach(name: str) -> frozenset[str]:
    """All of our modules that come along, through however many others."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        new = imports(waiting.pop()) & FILES.keys() - seen
        seen |= new
        waiting += new
    return frozenset(seen)


def packages(name: str) -> set[str]:
    return {imported.partition(".")[0] for imported in imports(name)}


@pytest.mark.parametrize("name", [f"recognizer.{name}" for name in BELOW_DJANGO] + LEARNING)
def test_the_recogniser_knows_no_django(name: str) -> None:
    for module in {name, *reach(name)} - {"recognizer"}:
        assert "django" not in packages(module), module


@pytest.mark.parametrize("name", FILES)
def test_only_the_network_and_learning_know_chainer(name: str) -> None:
    if name not in {"recognizer.network", "recognizer.inference", *LEARNING}:
        assert "chainer" not in packages(name)


@pytest.mark.parametrize("name", FILES)
def test_only_who_imports_chainer_prepares_for_it(name: str) -> None:
    if name != "recognizer.network":
        assert "recognizer.chainer_compat" not in imports(name)


@pytest.mark.parametrize("name", FILES)
def test_nothing_imports_what_is_outermost(name: str) -> None:
    if name != "recognizer.urls":
        assert not imports(name) & OUTERMOST


@pytest.mark.parametrize("name", ["recognizer.models", "recognizer.imaging", "recognizer.pictures"])
def test_what_is_innermost_imports_nothing_above_it(name: str) -> None:
    assert reach(name) - {"recognizer"} <= {"recognizer.pictures"}


@pytest.mark.parametrize("name", sorted(set(FILES) - set(COMMANDS) - set(LEARNING)))
def test_the_site_does_without_learning(name: str) -> None:
    assert not imports(name) & set(LEARNING)


@pytest.mark.parametrize("name", FILES)
def test_nothing_goes_round_in_circles(name: str) -> None:
    assert name not in reach(name)

"""CONTRIBUTING.md and docs/how-to-add.md describe the code as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text()
HOW_TO_ADD = (PROJECT / "docs/how-to-add.md").read_text()
INDENT = 4  # spaces of the whole tree in Markdown
STEP = 2  # more spaces for each folder


def section(page: str, heading: str) -> str:
    """Return the text from a heading of the second level to the next one."""
    found = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", page)
    assert found is not None, heading
    return found[1]


def paths_in_tree(text: str) -> Iterator[str]:
    """Yield the paths in an indented tree, such as '    a/\\n      b.py c.py   words'.

    Each line has one folder or several files, and after two spaces what they are.
    """
    folders: list[str] = []
    for line in re.findall(r"(?m)^ {4,}\S.*$", text):
        depth, odd = divmod(len(line) - len(line.lstrip()) - INDENT, STEP)
        assert not odd, f"indented by an odd number of spaces: {line}"
        assert depth <= len(folders), f"indented below no folder: {line}"
        del folders[depth:]
        names = re.split(r" {2,}", line.strip())[0].split(" ")
        yield from ("".join([*folders, name]) for name in names)
        if names[-1].endswith("/"):
            folders.append(names[-1])


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\s]+)`", text)


def is_path(word: str) -> bool:
    has_suffix = re.fullmatch(r"[\w.-]+\.(py|md|json|html)", word) is not None
    return "/" in word or has_suffix or word == "Makefile"


def steps(page: str) -> list[str]:
    """Return the items of the numbered lists, each with the lines that belong to it."""
    return re.findall(r"(?ms)^\d+\. .*?(?=^\S|\Z)", page)


TREE = list(paths_in_tree(section(CONTRIBUTING, "Layout")))
TERMS = re.findall(r"\*\*(.+?)\*\*", section(CONTRIBUTING, "Glossary"))
STEPS = steps(HOW_TO_ADD)


def modules() -> list[str]:
    """Return the paths of the app's modules, without migrations and empty files."""
    sources = sorted((PROJECT / "recognizer").rglob("*.py"))
    paths = [path.relative_to(PROJECT) for path in sources]
    return [
        path.as_posix()
        for path in paths
        if path.name != "__init__.py" and "migrations" not in path.parts
    ]


def squeeze(text: str) -> str:
    """Make 'receipt code', 'receipt_code' and 'ReceiptCode' the same."""
    return re.sub(r"[ _]", "", text).lower()


def test_a_tree_is_read_by_its_indentation() -> None:
    text = "    a/   words\n      b/\n        c.py d.py  words\n      e.py\n    f/\n"
    assert list(paths_in_tree(text)) == [
        "a/",
        "a/b/",
        "a/b/c.py",
        "a/b/d.py",
        "a/e.py",
        "f/",
    ]


@pytest.mark.parametrize("text", ["    a/\n       b.py\n", "    a.py\n      b.py\n"])
def test_a_tree_with_a_wrong_indentation_is_refused(text: str) -> None:
    with pytest.raises(AssertionError, match=r"b\.py"):
        list(paths_in_tree(text))


@pytest.mark.parametrize("path", TREE)
def test_the_layout_names_only_what_exists(path: str) -> None:
    assert (
        (PROJECT / path).is_dir() if path.endswith("/") else (PROJECT / path).is_file()
    )


@pytest.mark.parametrize("path", modules())
def test_the_layout_names_every_module_of_the_app(path: str) -> None:
    assert path in TREE


@pytest.mark.parametrize("word", sorted(filter(is_path, quoted(CONTRIBUTING))))
def test_the_text_names_only_files_and_folders_that_exist(word: str) -> None:
    in_tree = any(f"/{path}".endswith(f"/{word}") for path in TREE)
    assert in_tree or list(PROJECT.glob(word))


@pytest.mark.parametrize("term", TERMS)
def test_every_term_of_the_glossary_is_used_in_the_code(term: str) -> None:
    code = " ".join((PROJECT / path).read_text() for path in modules())
    assert squeeze(term) in squeeze(code)


def test_the_glossary_has_an_entry_for_each_term_once() -> None:
    assert len(TERMS) >= 15
    assert len(set(TERMS)) == len(TERMS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.split("\n")[0][:60])
def test_how_to_add_names_files_and_what_is_in_them(step: str) -> None:
    """Every name in a step occurs in one of the files of that step."""
    words = quoted(step)
    paths = [PROJECT / word for word in words if is_path(word)]
    assert [path for path in paths if not path.exists()] == []
    text = "\n".join(path.read_text() for path in paths if path.is_file())
    names = [word for word in words if re.fullmatch(r"[a-zA-Z_.]+", word)]
    names = [name for name in names if not is_path(name)]
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(
    "thing", ["verdict", "page", "setting", "data set", "architecture"]
)
def test_how_to_add_has_a_list_for_it(thing: str) -> None:
    article = "An" if thing.startswith("a") else "A"
    found = steps(section(HOW_TO_ADD, f"{article} {thing}"))
    assert len(found) >= 6
    assert [step for step in found if not any(map(is_path, quoted(step)))] == []

"""README.md, README.ja.md and docs/reviewing.md agree with the code."""

import re
from pathlib import Path

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import URLPattern

from recognizer.reading.constants import VERDICTS
from recognizer.urls import urlpatterns

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text()
JAPANESE = (PROJECT / "README.ja.md").read_text()
READMES = pytest.mark.parametrize("readme", [README, JAPANESE], ids=["en", "ja"])
REVIEWING = (PROJECT / "docs/reviewing.md").read_text()
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text()
TEXT = README + JAPANESE + REVIEWING
FOLDERS = "benchmarks|bin|data|docs|mnistsite|recognizer|tests"
FILES = sorted(set(re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", TEXT)))
# Visitors get to these by a redirect, and robots by themselves.
ASIDE = {"deleted/", "robots.txt"}
ADDRESSES = {str(p.pattern) for p in urlpatterns if isinstance(p, URLPattern)} - ASIDE
COMMANDS = [name for name, app in get_commands().items() if app == "recognizer"]


def options(command: str) -> set[str]:
    """Return a command's options, without those that every Django command has."""
    return long_options(load_command_class("recognizer", command)) - long_options(
        BaseCommand()
    )


def long_options(command: BaseCommand) -> set[str]:
    parser = command.create_parser("manage.py", "command")
    names = {name for action in parser._actions for name in action.option_strings}
    return {name for name in names if name.startswith("--")}


def paragraphs(word: str) -> str:
    """Return the sections of README, from one heading to the next, that name a word."""
    parts = re.split(r"(?m)^#+ ", README)
    return "\n".join(part for part in parts if word in part)


def variables() -> set[str]:
    """Return the environment variables that the sources read."""
    reading = re.compile(r"env\.(?:text|flag|count|listing|database)\(\s*\"([A-Z_]+)\"")
    sources = (PROJECT / "mnistsite/settings.py").read_text()
    server = re.findall(
        r'environ\.get\("([A-Z_]+)"', (PROJECT / "gunicorn.conf.py").read_text()
    )
    return {*reading.findall(sources), *server, "PORT"}


def targets() -> list[str]:
    return re.findall(r"(?m)^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text())


def test_commands_variables_and_targets_are_found() -> None:
    assert FILES
    assert {"predict", "train", "extract_model"} <= set(COMMANDS)
    assert {
        "DEBUG",
        "SECRET_KEY",
        "DATABASE_URL",
        "TRUSTED_PROXIES",
        "WEB_CONCURRENCY",
    } <= variables()
    assert {"install", "run", "test"} <= set(targets())


@pytest.mark.parametrize("page", [README, JAPANESE, REVIEWING], ids=["en", "ja", "r"])
@pytest.mark.parametrize("command", COMMANDS)
def test_it_names_only_options_that_exist(command: str, page: str) -> None:
    lines = re.findall(rf"manage\.py {command}\b(.*(?:\n {{12,}}.*)*)", page)
    named = {name for line in lines for name in re.findall(r"--[a-z-]+", line)}
    assert named <= long_options(load_command_class("recognizer", command))


@pytest.mark.parametrize("command", COMMANDS)
def test_it_names_every_command_with_its_options(command: str) -> None:
    told = paragraphs(f"manage.py {command}")
    assert told
    assert {option for option in options(command) if option not in told} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_japanese_page_names_every_command(command: str) -> None:
    assert f"manage.py {command}" in JAPANESE


@pytest.mark.parametrize("command", re.findall(r"(?m)^    manage\.py (\w+)", REVIEWING))
def test_the_page_about_reviewing_explains_every_option(command: str) -> None:
    assert {each for each in options(command) if each not in REVIEWING} == set()


def test_the_japanese_page_names_no_option_of_its_own() -> None:
    named = set(re.findall(r"--[a-z-]+", JAPANESE))
    assert named <= set(re.findall(r"--[a-z-]+", README))


def test_links_of_the_page_about_reviewing_lead_somewhere() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", REVIEWING)
    anchors = {
        re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings
    }
    for link in re.findall(r"\]\(([^)]+)\)", REVIEWING):
        if link.startswith("#"):
            assert link[1:] in anchors
        else:
            assert (PROJECT / "docs" / link).exists()


@READMES
@pytest.mark.parametrize("variable", sorted(variables()))
def test_it_names_every_environment_variable(variable: str, readme: str) -> None:
    assert f"| `{variable}` |" in readme


@pytest.mark.parametrize("target", targets())
def test_it_names_every_make_target(target: str) -> None:
    assert f"make {target}" in README + CONTRIBUTING


@READMES
@pytest.mark.parametrize("verdict", VERDICTS)
def test_it_names_every_verdict(verdict: str, readme: str) -> None:
    assert f"| `{verdict}` |" in readme


@READMES
@pytest.mark.parametrize("pattern", sorted(ADDRESSES))
def test_it_names_every_address(pattern: str, readme: str) -> None:
    assert "/" + pattern.replace("uuid:", "") + "`" in readme


@pytest.mark.parametrize("name", FILES)
def test_the_files_that_it_names_exist(name: str) -> None:
    assert (PROJECT / name).exists()


def test_the_example_of_the_api_shows_its_fields() -> None:
    example = re.search(r'\{"id": .*\}', README)
    assert example is not None
    fields = [
        "id",
        "receipt",
        "path",
        "digit",
        "verdict",
        "confidence",
        "probabilities",
        "model",
        "name",
        "sha256",
    ]
    assert re.findall(r'"(\w+)":', example[0]) == fields

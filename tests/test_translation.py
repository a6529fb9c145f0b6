"""The Japanese translation is complete, and compiled from the current catalogue."""

import ast
import gettext
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation.template import templatize

from tests.factories import data_uri, make_submission

CATALOGUE = settings.BASE_DIR / "locale/ja/LC_MESSAGES/django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
SWITCH = "English"
PAGES = [
    "/",
    "/about/",
    "/deleted/",
    "result",
    "how",
    "/nothing/",
    "/s/",
    "refused",
    "huge",
]


def entries() -> Iterator[dict[str, str]]:
    """Return msgid, msgid_plural and msgstr of each entry except the header."""
    for block in CATALOGUE.read_text().split("\n\n")[1:]:
        entry: dict[str, str] = {}
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
            entry[key] = entry.get(key, "") + ast.literal_eval(line)
        yield entry


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in MARKS
        ):
            assert isinstance(node.args[0], ast.Constant | ast.Attribute), (
                f"{path}:{node.lineno}"
            )
            if isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def in_template(path: Path) -> Iterator[str]:
    for marked in re.finditer(
        r"""gettext\((u?(['"]).*?(?<!\\)\2)""", templatize(path.read_text())
    ):
        yield ast.literal_eval(marked[1])


def test_the_catalogue_contains_every_text_of_the_project() -> None:
    known = {entry["msgid"] for entry in entries()}
    sources = [
        *settings.BASE_DIR.glob("recognizer/**/*.py"),
        settings.BASE_DIR / "mnistsite/settings.py",
    ]
    wanted = {text for path in sources for text in in_python(path)}
    wanted |= {
        text
        for path in settings.BASE_DIR.glob("templates/**/*.html")
        for text in in_template(path)
    }
    assert "Send" in wanted
    assert wanted - known == set(), "translate them: make messages"
    assert known - wanted == set(), "not used any more: make messages"


def test_everything_is_translated_and_checked() -> None:
    assert [
        e["msgid"] for e in entries() if not (e.get("msgstr") or e.get("msgstr[0]"))
    ] == []
    assert "fuzzy" not in CATALOGUE.read_text()


def test_a_translation_has_the_same_placeholders() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)\w|%\w", text))

    for entry in entries():
        assert names(entry.get("msgstr") or entry["msgstr[0]"]) == names(
            entry["msgid"]
        ), entry["msgid"]


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with COMPILED.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries():
        if "msgid_plural" in entry:
            assert (
                compiled.ngettext(entry["msgid"], entry["msgid_plural"], 2)
                == entry["msgstr[0]"]
            )
        else:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"]


def latin(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{2,}", text))


def left_in_english(page: str) -> set[str]:
    """Return Latin words that Japanese texts do not use, except the language link."""
    japanese = " ".join(
        entry.get("msgstr") or entry["msgstr[0]"] for entry in entries()
    )
    return words(page) - latin(japanese) - {SWITCH}


def words(page: str) -> set[str]:
    """The Latin words that a visitor sees or hears, or a link to the page shows."""
    page = re.sub(
        r"""<(\w+)[^>]*translate="no".*?</\1>|<(script|style).*?</\2>""",
        "",
        page,
        flags=re.DOTALL,
    )
    spoken = re.findall(
        r"""\b(?:alt|aria-label|data-label|data-sending|data-failed)="([^"]*)""", page
    )
    unfurled = re.findall(
        r"""(?:description|og:title|og:site_name)" content="([^"]*)""", page
    )
    seen = re.sub(r"<[^>]*>", " ", page)
    return latin(unescape(" ".join([seen, *spoken, *unfurled])))


@pytest.mark.django_db
@pytest.mark.usefixtures("model_file")
@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_on_a_japanese_page(client: Client, path: str) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    response = visit(client, path)
    assert 'lang="ja"' in response
    assert left_in_english(response) == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("model_file")
@pytest.mark.parametrize("verdict", ["digit", "unsure", "not_a_digit", "several"])
def test_every_verdict_is_translated(client: Client, verdict: str) -> None:
    submission = make_submission(answer={"verdict": verdict})
    page = client.get(
        submission.get_absolute_url(), headers={"accept-language": "ja"}
    ).content.decode()
    assert left_in_english(page) == set()


def visit(client: Client, path: str) -> str:
    if path == "refused":
        return client.post("/").content.decode()
    if path in ("result", "how"):
        path = client.post("/", {"image": data_uri()})["Location"] + (
            "how/?occlusion" if path == "how" else ""
        )
    return client.get(path).content.decode()

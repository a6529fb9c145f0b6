"""The About page: the figures of the active model, and credits with links."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from recognizer.figures import SET_TITLES
from recognizer.reading.constants import TEST_SETS
from recognizer.reading.model_files import read_model, write_model

pytestmark = pytest.mark.django_db
ROWS = [
    {
        "set": "mnist",
        "condition": "as published",
        "count": 10000,
        "accuracy": 0.9912,
        "refused": 0.021,
    },
    {
        "set": "writers",
        "condition": "4 px pen",
        "count": 100,
        "accuracy": 0.98,
        "refused": 0.01,
    },
    {
        "set": "writers",
        "condition": "26 px pen",
        "count": 300,
        "accuracy": 0.96,
        "refused": 0.03,
    },
    {"set": "doodles", "condition": "12 px pen", "count": 800, "refused": 0.874},
]


def test_it_shows_the_figures_of_the_model(client: Client, model_file: Path) -> None:
    model = read_model(model_file.read_bytes())
    write_model(model_file, model.parameters, model.metadata | {"figures": ROWS})
    page = client.get("/about/")
    for words in (
        "MNIST&#x27;s test digits",
        "99.12 %",
        "2.10 %",
        "96.50 %",
        "2.50 %",
        "doodles",
        "87.40 %",
    ):
        assertContains(page, words)


def test_it_shows_no_table_when_nothing_was_measured(
    client: Client, model_file: Path
) -> None:
    assertNotContains(client.get("/about/"), "<table")


def test_every_test_set_has_a_title() -> None:
    assert tuple(SET_TITLES) == TEST_SETS


def credits_of(client: Client) -> str:
    page = client.get("/about/").text
    return page[page.index('id="credits"') :]


@pytest.mark.usefixtures("model_file")
def test_every_credit_has_a_link(client: Client) -> None:
    items = re.findall(r"<li>(.*?)</li>", credits_of(client), flags=re.DOTALL)
    assert len(items) > 10
    assert [item for item in items if '<a href="https://' not in item] == []


@pytest.mark.usefixtures("model_file")
@pytest.mark.parametrize(
    "name",
    [
        "MNIST",
        "Pen-Based Recognition of Handwritten Digits",
        "Quick, Draw!",
        "Omniglot",
        "Chainer",
        "NumPy",
        "Pillow",
        "Django",
        "drawingboard.js",
        "jQuery",
    ],
)
def test_the_credits_link_to(client: Client, name: str) -> None:
    assert re.search(
        rf'<a href="https://[^>]*>{re.escape(name)}</a>', credits_of(client)
    )

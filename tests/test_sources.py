"""The list of the data that the shipped model was trained on."""

import json
from pathlib import Path

import pytest

from recognizer.learning.data.data_sets import DATA_SETS
from recognizer.learning.data.splits import LIKE_DIGITS, read_part
from tests.mnist import write_mnist

FOLDER = Path(__file__).resolve().parents[1] / "recognizer" / "learning" / "data"


def doodles() -> dict[str, int]:
    """The categories of doodles, each with the number of drawings."""
    numbers = {}
    for line in (FOLDER / "doodles.txt").read_text().splitlines():
        category, number = line.split("\t")
        numbers[category] = int(number)
    return numbers


def test_all_doodles_are_listed() -> None:
    assert len(doodles()) == 167
    assert sum(doodles().values()) == 4696


def test_the_doodles_that_resemble_digits_are_on_the_list() -> None:
    like_digits = {name for name in LIKE_DIGITS if "/" not in name}
    assert like_digits <= doodles().keys()


def test_every_data_set_is_described() -> None:
    text = (FOLDER / "sources.md").read_text()
    for name in DATA_SETS:
        assert f"`datasets/{name}/`" in text


@pytest.mark.parametrize(
    ("name", "count"), [("train", 123), ("choose", 13), ("final", 24)]
)
def test_the_categories_are_split_as_described(
    name: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "mnist", monkeypatch)
    rows = [{"label": category, "strokes": [[[0, 0]]]} for category in doodles()]
    (tmp_path / "doodles").mkdir()
    text = "\n".join(map(json.dumps, rows))
    (tmp_path / "doodles" / "some.jsonl").write_text(text)
    assert len(read_part(tmp_path, name).doodles) == count
    assert f" {count} are" in (FOLDER / "sources.md").read_text().replace("\n", " ")

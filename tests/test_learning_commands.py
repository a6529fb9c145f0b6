"""train, extract_model and evaluate as they are typed, on data in miniature."""

import json
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognizer.inference import Classifier
from recognizer.learning.data.splits import PARTS, read_part
from recognizer.learning.data.stroke_files import Drawing
from recognizer.learning.measuring.test_sets import SETS
from tests.mnist import write_mnist
from tests.models import cnn_file, demo_file
from tests.test_training import some_part


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all four data sets in it, very small."""
    write_mnist(tmp_path / "data" / "mnist", monkeypatch)
    part = some_part()
    writers = [
        Drawing(d.label, d.strokes, writer) for d in part.digits for writer in (1, 3, 4)
    ]
    write_drawings(tmp_path / "data" / "pendigits", writers)
    write_drawings(
        tmp_path / "data" / "doodles",
        [Drawing(c * n, d.strokes) for d in part.doodles for c, n in KINDS],
    )
    letters = [
        Drawing(f"{a}/{d.label}", d.strokes)
        for d in part.characters
        for a in ("Balinese", "Greek")
    ]
    write_drawings(tmp_path / "data" / "characters", letters)
    return tmp_path / "data"


KINDS = [("f", 1), ("g", 1), ("h", 1)]  # categories of every part


def write_drawings(folder: Path, drawings: list[Drawing]) -> None:
    folder.mkdir(parents=True)
    rows = [
        {
            "label": d.label,
            "writer": d.writer,
            "strokes": [s.tolist() for s in d.strokes],
        }
        for d in drawings
    ]
    (folder / "some.jsonl").write_text("\n".join(map(json.dumps, rows)))


def run(*words: object) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


def test_from_mnist_to_a_model_file(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "result"
    run(
        "train",
        "--arch",
        "mlp",
        "--epochs",
        2,
        "--batchsize",
        20,
        "--units",
        8,
        "--data",
        data,
        "--out",
        out,
    )
    assert {path.name for path in out.iterdir()} >= {
        "log",
        "plot.png",
        "snapshot_epoch_1",
        "snapshot_epoch_2",
    }
    more = (
        "--epochs",
        3,
        "--batchsize",
        20,
        "--units",
        8,
        "--resume",
        out / "snapshot_epoch_2",
    )
    run("train", "--arch", "mlp", *more, "--data", data, "--out", tmp_path / "more")
    assert " && " in json.loads((tmp_path / "more" / "run.json").read_text())["command"]
    said = run(
        "extract_model", out / "snapshot_epoch_2", "--out", tmp_path / "new.model"
    )
    classifier = Classifier.load(tmp_path / "new.model")
    assert classifier.sha256 in said
    assert classifier.metadata["seed"] == 0


def test_from_all_the_data_to_a_calibrated_model(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "recognizer.learning.measuring.calibration.FITTED_ON", ("mnist",)
    )
    monkeypatch.setattr("recognizer.learning.data.splits.MNIST_CHOOSE", 20)
    monkeypatch.setattr("recognizer.learning.measuring.test_sets.MADE", 3)
    run(
        "train",
        "--glyphs",
        400,
        "--batchsize",
        20,
        "--epochs",
        1,
        "--data",
        data,
        "--out",
        tmp_path / "result",
    )
    run(
        "extract_model",
        tmp_path / "result" / "snapshot_epoch_1",
        "--data",
        data,
        "--out",
        tmp_path / "new.model",
    )
    metadata = Classifier.load(tmp_path / "new.model").metadata
    assert metadata["temperature"] > 0
    assert metadata["thresholds"].keys() == {"digit", "sure"}
    assert {row["set"] for row in metadata["figures"]} == set(SETS)


def test_nobody_is_both_learnt_from_and_measured(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.learning.data.splits.MNIST_CHOOSE", 20)
    parts = [read_part(data, name) for name in PARTS]
    for one, other in combinations(parts, 2):
        assert {d.writer for d in one.digits}.isdisjoint(d.writer for d in other.digits)
        assert {d.label for d in one.doodles}.isdisjoint(d.label for d in other.doodles)
        assert {d.label for d in one.characters}.isdisjoint(
            d.label for d in other.characters
        )
        assert not set(range(5)[one.shapes]) & set(range(5)[other.shapes])
    assert all(part.digits and part.doodles and part.characters for part in parts)


def test_what_looks_like_a_digit_is_no_example_of_anything_else(data: Path) -> None:
    strokes = some_part().digits[0].strokes
    names = ["circle", "Early_Aramaic/character04"]
    write_drawings(data / "doodles" / "more", [Drawing(names[0], strokes)])
    write_drawings(data / "characters" / "more", [Drawing(names[1], strokes)])
    for part in (read_part(data, name) for name in PARTS):
        assert not {d.label for d in [*part.doodles, *part.characters]} & set(names)


def test_evaluate_prints_tables(data: Path, tmp_path: Path) -> None:
    text = run(
        "evaluate",
        "--model",
        cnn_file(tmp_path),
        "--folder",
        data,
        "--data",
        "mnist",
        "doodles",
    )
    assert "as published" in text
    assert "of categories not learnt" in text


def test_evaluate_prints_json_and_draws(data: Path, tmp_path: Path) -> None:
    models = [cnn_file(tmp_path), demo_file(tmp_path)]
    options = (
        "--folder",
        data,
        "--data",
        "mnist",
        "--json",
        "--plot",
        tmp_path / "plots",
    )
    rows = [
        json.loads(line)
        for line in run("evaluate", "--model", *models, *options).splitlines()
    ]
    assert [row.get("model") or row["models"] for row in rows] == [
        "small",
        "demo",
        ["small", "demo"],
    ]
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {
        "small-mnist.png",
        "demo-mnist.png",
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train", "--arch", "mlp", "--data", "absent"), "is missing"),
        (("train", "--arch", "mlp", "--epochs", "0"), "not a positive integer"),
        (("train", "--seed", "x"), "non-negative integer"),
        (("train", "--glyphs", "200"), "two batches"),
        (("evaluate", "--seed", "x"), "non-negative integer"),
        (
            ("extract_model", "absent", "--out", "new.model"),
            "cannot be read as a snapshot",
        ),
        (("evaluate", "--model", "absent.model"), "cannot be read"),
        (("evaluate", "--model", "a", "b", "c"), "At most two"),
        (("evaluate", "--data", "nonsense"), "invalid choice"),
    ],
)
def test_bad_input_is_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*words)


def test_missing_data_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is missing"):
        run("evaluate", "--model", cnn_file(tmp_path), "--folder", tmp_path)
    with pytest.raises(CommandError, match="is missing"):
        run("train", "--data", tmp_path)

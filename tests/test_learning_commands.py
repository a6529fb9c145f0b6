"""train, extract_model and evaluate as they are typed, on tiny data."""

import json
from collections.abc import Sequence
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.splits import PARTS, read_part
from recognizer.learning.data.stroke_files import StrokeDrawing
from recognizer.reading.constants import TEST_SETS
from tests.mnist import write_mnist
from tests.models import SMALL, cnn_file, demo_file
from tests.test_training import some_part

CATEGORIES = [("f", 1), ("g", 1), ("h", 1)]  # one of each part


@pytest.fixture
def mnist_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a very small MNIST and nothing else."""
    monkeypatch.setattr("recognizer.learning.data.splits.MNIST_CHOOSE", 20)
    write_mnist(tmp_path / "data" / "mnist", monkeypatch)
    return tmp_path / "data"


@pytest.fixture
def data(mnist_only: Path) -> Path:
    """A folder with all four data sets in it, very small."""
    part = some_part()
    writers = [
        StrokeDrawing(drawing.label, drawing.strokes, writer)
        for drawing in part.digits
        for writer in (1, 3, 4)
    ]
    write_drawings(mnist_only / "pendigits", writers)
    doodles = [
        StrokeDrawing(category * number, drawing.strokes)
        for drawing in part.doodles
        for category, number in CATEGORIES
    ]
    write_drawings(mnist_only / "doodles", doodles)
    characters = [
        StrokeDrawing(f"{alphabet}/{drawing.label}", drawing.strokes)
        for drawing in part.characters
        for alphabet in ("Balinese", "Greek")
    ]
    write_drawings(mnist_only / "characters", characters)
    return mnist_only


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small CNN, few glyphs to evaluate on and few pictures to measure with."""
    monkeypatch.setattr(recipe, "CNN_WIDTHS", SMALL)
    monkeypatch.setattr(recipe, "HELD_OUT_GLYPHS", 100)
    monkeypatch.setattr("recognizer.learning.measuring.test_sets.MADE", 3)


def write_drawings(folder: Path, drawings: list[StrokeDrawing]) -> None:
    folder.mkdir(parents=True)
    lines = []
    for drawing in drawings:
        strokes = [stroke.tolist() for stroke in drawing.strokes]
        row = {"label": drawing.label, "writer": drawing.writer, "strokes": strokes}
        lines.append(json.dumps(row))
    (folder / "some.jsonl").write_text("\n".join(lines))


def run(*words: object) -> str:
    return run_with_errors(*words)[0]


def run_with_errors(*words: object) -> tuple[str, str]:
    """What the command wrote to standard output and to standard error."""
    out, err = StringIO(), StringIO()
    call_command(*map(str, words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def train_mlp(data: Path, out: Path, epochs: int, *more: object) -> None:
    size = ("--epochs", epochs, "--batchsize", 20, "--units", 8)
    run("train", "--arch", "mlp", *size, "--data", data, "--out", out, *more)


def train_cnn(data: Path, out: Path) -> str:
    """What training the CNN wrote to standard error."""
    size = ("--glyphs", 200, "--batchsize", 20, "--epochs", 1)
    return run_with_errors("train", *size, "--data", data, "--out", out)[1]


def test_training_writes_snapshots_a_log_and_a_plot(data: Path, tmp_path: Path) -> None:
    train_mlp(data, tmp_path / "result", epochs=2)
    assert {path.name for path in (tmp_path / "result").iterdir()} >= {
        "log",
        "plot.png",
        "snapshot_epoch_1",
        "snapshot_epoch_2",
    }


def test_a_resumed_run_notes_both_commands(data: Path, tmp_path: Path) -> None:
    train_mlp(data, tmp_path / "one", epochs=1)
    snapshot = tmp_path / "one" / "snapshot_epoch_1"
    train_mlp(data, tmp_path / "two", 2, "--resume", snapshot)
    assert " && " in json.loads((tmp_path / "two" / "run.json").read_text())["command"]


def test_a_snapshot_becomes_a_model_file(data: Path, tmp_path: Path) -> None:
    train_mlp(data, tmp_path / "result", epochs=1)
    snapshot, model = tmp_path / "result" / "snapshot_epoch_1", tmp_path / "new.model"
    said = run("extract_model", snapshot, "--out", model)
    classifier = Classifier.load(model)
    assert classifier.sha256 in said
    assert classifier.metadata["seed"] == 0


@pytest.mark.usefixtures("quick")
def test_from_all_the_data_to_a_calibrated_model(data: Path, tmp_path: Path) -> None:
    assert train_cnn(data, tmp_path / "result") == ""
    snapshot, model = tmp_path / "result" / "snapshot_epoch_1", tmp_path / "new.model"
    words = ("extract_model", snapshot, "--data", data, "--out", model)
    assert run_with_errors(*words)[1] == ""
    metadata = Classifier.load(model).metadata
    assert metadata["temperature"] > 0
    assert metadata["thresholds"].keys() == {"digit", "sure"}
    assert {row["set"] for row in metadata["figures"]} == set(TEST_SETS)
    assert len(metadata["credits"]) == 4


@pytest.mark.usefixtures("quick")
def test_training_without_options_learns_from_mnist_and_says_what_is_missing(
    mnist_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = tmp_path / "caches"
    caches.mkdir()
    mnist_only.rename(caches / "draw-a-digit")  # as if it had been downloaded
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    monkeypatch.setattr(recipe, "GLYPHS", 300)
    monkeypatch.setattr(recipe, "EPOCHS", {"cnn": 1})
    monkeypatch.chdir(tmp_path)
    said, missing = run_with_errors("train")
    assert "Snapshots, log and plot are in result." in said
    assert missing.splitlines() == [
        "pendigits/ is missing: digits drawn on a screen will be read less well.",
        "doodles/ is missing: more doodles will be taken for digits.",
        "characters/ is missing: "
        "more letters and foreign characters will be taken for digits.",
    ]
    assert (tmp_path / "result" / "snapshot_epoch_1").exists()


@pytest.mark.usefixtures("quick")
def test_a_model_trained_on_mnist_alone_is_calibrated_and_measured_on_what_is_there(
    mnist_only: Path, tmp_path: Path
) -> None:
    train_cnn(mnist_only, tmp_path / "result")
    snapshot, model = tmp_path / "result" / "snapshot_epoch_1", tmp_path / "new.model"
    words = ("extract_model", snapshot, "--data", mnist_only, "--out", model)
    left_out = run_with_errors(*words)[1]
    assert left_out.splitlines() == [
        "No data to calibrate on writers, photographs.",
        "No data to measure writers, photographs, doodles, characters, several.",
    ]
    metadata = Classifier.load(model).metadata
    assert metadata["temperature"] > 0
    sets = {row["set"] for row in metadata["figures"]}
    assert sets == {"mnist", "styles", "letters"}
    assert [credit[:5] for credit in metadata["credits"]] == ["MNIST"]


@pytest.mark.usefixtures("quick")
def test_runs_of_different_length_are_evaluated_on_the_same_glyphs(
    mnist_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "PEAK_RATE", 0)  # the networks are the same, then
    losses = set()
    for epochs in (1, 2):
        out = tmp_path / str(epochs)
        size = ("--glyphs", 200, "--batchsize", 20, "--epochs", epochs)
        run("train", *size, "--data", mnist_only, "--out", out)
        first_epoch = json.loads((out / "log").read_text())[0]
        losses.add(first_epoch["validation/main/loss"])
    assert len(losses) == 1


def test_damaged_notes_of_a_run_are_a_clear_error(data: Path, tmp_path: Path) -> None:
    train_mlp(data, tmp_path / "result", epochs=1)
    (tmp_path / "result" / "run.json").write_text("{half")
    snapshot = tmp_path / "result" / "snapshot_epoch_1"
    with pytest.raises(CommandError, match=r"run\.json is damaged"):
        train_mlp(data, tmp_path / "more", 2, "--resume", snapshot)
    with pytest.raises(CommandError, match=r"run\.json is damaged"):
        run("extract_model", snapshot, "--out", tmp_path / "new.model")
    assert not (tmp_path / "new.model").exists()


def labels_of(drawings: Sequence[StrokeDrawing]) -> set[str]:
    return {drawing.label for drawing in drawings}


def test_the_parts_share_no_writer_category_character_or_shape(
    data: Path,
) -> None:
    parts = [read_part(data, name) for name in PARTS]
    for one, other in combinations(parts, 2):
        assert {d.writer for d in one.digits}.isdisjoint(d.writer for d in other.digits)
        assert labels_of(one.doodles).isdisjoint(labels_of(other.doodles))
        assert labels_of(one.characters).isdisjoint(labels_of(other.characters))
        assert not set(range(5)[one.shapes]) & set(range(5)[other.shapes])
    assert all(part.digits and part.doodles and part.characters for part in parts)


def test_drawings_that_resemble_digits_are_in_no_part(data: Path) -> None:
    strokes = some_part().digits[0].strokes
    names = ["circle", "Early_Aramaic/character04"]
    write_drawings(data / "doodles" / "more", [StrokeDrawing(names[0], strokes)])
    write_drawings(data / "characters" / "more", [StrokeDrawing(names[1], strokes)])
    for name in PARTS:
        part = read_part(data, name)
        assert labels_of([*part.doodles, *part.characters]).isdisjoint(names)


def test_evaluate_leaves_out_sets_without_data_and_says_so(
    mnist_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.learning.measuring.test_sets.MADE", 3)
    text, left_out = run_with_errors(
        "evaluate", "--model", cnn_file(tmp_path), "--folder", mnist_only
    )
    assert "as published" in text
    assert "7 crossed" in text
    assert left_out.startswith("No data to measure writers, photographs, doodles")


def test_evaluate_without_any_data_for_the_named_sets_is_an_error(
    mnist_only: Path, tmp_path: Path
) -> None:
    words = ("--model", cnn_file(tmp_path), "--folder", mnist_only, "--data", "doodles")
    with pytest.raises(CommandError, match="no data to measure doodles"):
        run("evaluate", *words)


def test_evaluate_prints_tables(data: Path, tmp_path: Path) -> None:
    words = ("--folder", data, "--data", "mnist", "doodles")
    text = run("evaluate", "--model", cnn_file(tmp_path), *words)
    assert "as published" in text
    assert "of categories not learnt" in text


def test_evaluate_prints_json_and_plots_confusion(data: Path, tmp_path: Path) -> None:
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
        (("train", "--seed", "x"), "not a non-negative integer"),
        (("train", "--glyphs", "200"), "at least two batches"),
        (("evaluate", "--seed", "x"), "not a non-negative integer"),
        (
            ("extract_model", "absent", "--out", "new.model"),
            "cannot be read as a snapshot",
        ),
        (("evaluate", "--model", "absent.model"), "cannot be read"),
        (("evaluate", "--model", "a", "b", "c"), "At most two"),
        (("evaluate", "--data", "nonsense"), "invalid choice"),
    ],
)
def test_bad_input_is_a_clear_error(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*words)


def test_a_folder_without_mnist_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is missing"):
        run("evaluate", "--model", cnn_file(tmp_path), "--folder", tmp_path)
    with pytest.raises(CommandError, match="is missing"):
        run("train", "--data", tmp_path)

"""Training on tiny data: it learns, it is repeatable, it resumes from a snapshot."""

import json
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import chainer
import numpy as np
import pytest

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import StrokeDrawing
from recognizer.learning.drawing.epochs import percentages, render_epoch
from recognizer.learning.drawing.examples import EXAMPLES
from recognizer.learning.drawing.letters import LETTERS
from recognizer.learning.drawing.shapes import plain_digits, strokes_of
from recognizer.learning.measuring.calibration import fit_temperature
from recognizer.learning.measuring.plots import plot_log
from recognizer.learning.training.epochs import AHEAD, FreshEpochs
from recognizer.learning.training.export import write_from_parameters
from recognizer.learning.training.run_notes import RunNotes, read_notes
from recognizer.learning.training.snapshots import predictor_parameters, resume
from recognizer.learning.training.trainers import (
    Settings,
    cnn_trainer,
    mlp_trainer,
    render_held_out,
)
from recognizer.reading.constants import CLASSES, DIGITS, NOT_A_DIGIT, SEVERAL
from recognizer.reading.model_files import ModelError
from tests.drawings import board, glyph_of
from tests.models import SMALL


def some_digits() -> Labelled:
    glyphs, labels = [], []
    for digit in range(DIGITS):
        for pen in (8, 12, 16, 20):
            glyphs.append(glyph_of(board(str(digit), pen)))
            labels.append(digit)
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


def some_part(name: str = "train") -> Part:
    letters = [
        StrokeDrawing(letter, strokes_of(shape)) for letter, shape in LETTERS.items()
    ]
    return Part(name, some_digits(), plain_digits(), letters, letters)


def mnist_alone(name: str = "train") -> Part:
    return Part(name, some_digits(), [], [], [])


def settings(out: Path, epochs: int = 3, seed: int = 0) -> Settings:
    return Settings(epochs, 10, seed, out)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CNN that learns in a moment."""
    monkeypatch.setattr(recipe, "CNN_WIDTHS", SMALL)


def train_mlp(
    out: Path, epochs: int = 3, seed: int = 0, snapshot: Path | None = None
) -> dict[str, Any]:
    trainer = mlp_trainer(some_digits(), some_digits(), 20, settings(out, epochs, seed))
    if snapshot:
        resume(trainer, snapshot)
    trainer.run(show_loop_exception_msg=False)
    return predictor_parameters(out / f"snapshot_epoch_{epochs}")


def log_of(out: Path) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads((out / "log").read_text())
    return rows


def test_the_mlp_learns(tmp_path: Path) -> None:
    train_mlp(tmp_path, epochs=25)
    log = log_of(tmp_path)
    assert log[-1]["main/loss"] < log[0]["main/loss"] / 2
    assert log[-1]["validation/main/accuracy"] > 0.8


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    first, again = (train_mlp(tmp_path / name, seed=5) for name in "ab")
    other = train_mlp(tmp_path / "c", seed=6)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["l1/W"] != other["l1/W"]).any()


def test_it_resumes_from_a_snapshot(tmp_path: Path) -> None:
    train_mlp(tmp_path / "a", epochs=2)
    train_mlp(tmp_path / "b", epochs=4, snapshot=tmp_path / "a" / "snapshot_epoch_2")
    assert [row["epoch"] for row in log_of(tmp_path / "b")] == [1, 2, 3, 4]


def test_a_file_that_is_not_a_snapshot_is_named(tmp_path: Path) -> None:
    (tmp_path / "wrong").write_bytes(b"no snapshot")
    np.savez(tmp_path / "bare.npz", a=np.zeros(3))
    for name in ("wrong", "bare.npz", "absent"):
        with pytest.raises(ModelError, match=name):
            predictor_parameters(tmp_path / name)
        with pytest.raises(ModelError, match=name):
            resume(
                mlp_trainer(some_digits(), some_digits(), 20, settings(tmp_path)),
                tmp_path / name,
            )


def test_loss_and_accuracy_are_plotted(tmp_path: Path) -> None:
    train_mlp(tmp_path, epochs=2)
    plot_log(tmp_path / "log", tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("small")
def test_the_learning_rate_grows_and_shrinks_again(tmp_path: Path) -> None:
    trainer = cnn_trainer(some_part(), some_digits(), 150, settings(tmp_path, epochs=2))
    steps: list[float] = []
    optimizer = trainer.updater.get_optimizer("main")
    optimizer.add_hook(
        lambda optimizer: steps.append(optimizer.eta), name="watch", timing="pre"
    )
    trainer.run(show_loop_exception_msg=False)
    highest = steps.index(max(steps))
    assert steps[0] < 0.1 < steps[-1] + 0.1 < max(steps) <= 1
    assert steps == sorted(steps[:highest]) + sorted(steps[highest:], reverse=True)


@pytest.mark.usefixtures("small")
def test_the_cnn_trains_on_fresh_epochs_and_becomes_a_model(tmp_path: Path) -> None:
    trainer = cnn_trainer(some_part(), some_digits(), 150, settings(tmp_path, epochs=2))
    trainer.run(show_loop_exception_msg=False)
    parameters = predictor_parameters(tmp_path / "snapshot_epoch_2")
    trained = trainer.updater.get_optimizer("main").target.predictor
    notes = RunNotes("manage.py train", 3, ["mnist", "characters"])
    classifier = write_from_parameters(parameters, notes, None, tmp_path / "new.model")
    glyphs = some_digits().images
    with chainer.using_config("train", False):
        expected = trained(glyphs.astype(np.float32) / np.float32(255)).array
    np.testing.assert_allclose(
        classifier.scores(glyphs), expected, rtol=1e-3, atol=1e-4
    )
    assert (classifier.architecture, classifier.metadata["seed"]) == ("cnn", 3)
    mnist, omniglot = classifier.metadata["credits"]  # of what it was trained on
    assert mnist.startswith("MNIST")
    assert omniglot.startswith("Omniglot")


def test_the_mlps_model_file_reads_what_the_network_reads(tmp_path: Path) -> None:
    parameters = train_mlp(tmp_path, epochs=25)
    write_from_parameters(parameters, None, None, tmp_path / "new.model")
    predictions = Classifier.load(tmp_path / "new.model").read(
        list(some_digits().images)
    )
    right = [
        p.digit == label
        for p, label in zip(predictions, some_digits().labels, strict=True)
    ]
    assert np.mean(right) > 0.8


def test_an_epoch_has_every_kind_in_its_share() -> None:
    epoch = render_epoch(some_part(), 400, (0, 0))
    counts = np.bincount(epoch.labels, minlength=CLASSES)
    assert len(epoch.labels) == pytest.approx(400, abs=4)
    assert counts[SEVERAL] == 4 * recipe.KINDS["several"]
    assert counts[NOT_A_DIGIT] == pytest.approx(114, abs=4)
    assert (counts[:DIGITS] > 0).all()


def test_the_same_seed_renders_the_same_epoch_and_another_does_not() -> None:
    first, again, other = (
        render_epoch(some_part(), 100, seed) for seed in ((1, 0), (1, 0), (1, 1))
    )
    assert (first.images == again.images).all()
    assert not np.array_equal(first.images, other.images)


def test_the_recipe_names_every_kind_and_its_percentages_sum_to_100() -> None:
    assert list(recipe.KINDS) == list(EXAMPLES)
    assert sum(recipe.KINDS.values()) == 100


def test_kinds_without_data_leave_their_share_to_the_others() -> None:
    shares = percentages(mnist_alone())
    assert sum(shares.values()) == pytest.approx(100)
    assert not shares.keys() & {"digit", "doodle", "character"}
    ratio = recipe.KINDS["mnist"] / recipe.KINDS["sign"]
    assert shares["mnist"] / shares["sign"] == pytest.approx(ratio)


def test_an_epoch_can_be_rendered_from_mnist_alone() -> None:
    epoch = render_epoch(mnist_alone(), 400, (0, 0))
    assert len(epoch.labels) == pytest.approx(400, abs=8)
    assert set(epoch.labels) == set(range(CLASSES))


def test_an_epoch_keeps_no_pictures_in_memory() -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        render_epoch(mnist_alone(), size, (0, 0))
        _current, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    # Pictures have up to 160 x 160 px. Making a glyph takes as much memory as some.
    few, many = peak(20), peak(300)
    assert many - few < 280 * 80 * 80


def test_the_held_out_glyphs_depend_on_the_seed_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recipe, "HELD_OUT_GLYPHS", 40)
    first, again = (render_held_out(some_part("choose"), 1) for _ in range(2))
    other = render_held_out(some_part("choose"), 2)
    assert (first.images == again.images).all()
    assert not np.array_equal(first.images, other.images)


@pytest.mark.parametrize(
    "text",
    [
        "{half",
        "[]",
        "7",
        "{}",
        '{"command": 1, "seed": 0, "data_sets": []}',
        '{"command": "x", "seed": 0, "data_sets": [1]}',
    ],
)
def test_damaged_notes_of_a_run_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ModelError, match=r"run\.json is damaged"):
        read_notes(tmp_path)


def test_a_resumed_run_notes_all_commands_and_data() -> None:
    first = RunNotes("train one", 1, ["mnist", "pendigits"])
    second = RunNotes("train two", 2, ["mnist", "doodles"])
    assert second.after(first) == RunNotes(
        "train one && train two", 2, ["doodles", "mnist", "pendigits"]
    )


def test_a_run_needs_no_notes(tmp_path: Path) -> None:
    assert read_notes(tmp_path) is None


def numbered(seed: Sequence[int]) -> Labelled:
    """An epoch whose labels are the epoch's number."""
    return Labelled(np.zeros((7, 28, 28), np.uint8), np.full(7, seed[1], np.int32))


class CountsPickling:
    """An epoch whose labels count how often this was sent to a worker."""

    sent = 0

    def __call__(self, _seed: Sequence[int]) -> Labelled:
        return Labelled(
            np.zeros((4, 28, 28), np.uint8), np.full(4, self.sent, np.int32)
        )

    def __getstate__(self) -> dict[str, int]:
        self.sent += 1
        return {"sent": self.sent}


def test_the_data_is_not_sent_to_the_workers_again_with_each_epoch() -> None:
    iterator = FreshEpochs(CountsPickling(), 4, 0)
    labels = {int(label) for _ in range(6) for label in next(iterator)[1]}
    iterator.finalize()
    assert max(labels) <= AHEAD  # once for each worker at most


@pytest.fixture
def epochs() -> Iterator[FreshEpochs]:
    iterator = FreshEpochs(numbered, 3, 0)
    yield iterator
    iterator.finalize()


def test_every_epoch_is_rendered_anew(epochs: FreshEpochs) -> None:
    batches = [next(epochs) for _ in range(5)]
    assert [labels.tolist() for _, labels in batches] == [[0] * 3] * 2 + [
        [1] * 3
    ] * 2 + [[2] * 3]


def test_epochs_are_counted(epochs: FreshEpochs) -> None:
    seen = [
        (next(epochs), epochs.epoch, epochs.epoch_detail, epochs.is_new_epoch)[1:]
        for _ in range(4)
    ]
    assert seen == [(0, 0.5, False), (1, 1.0, True), (1, 1.5, False), (2, 2.0, True)]


def test_a_resumed_run_continues_with_the_next_epoch(
    epochs: FreshEpochs,
) -> None:
    epochs.serialize(lambda _name, _value: 4)
    assert next(epochs)[1].tolist() == [4, 4, 4]


def test_the_fitted_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, (4000, DIGITS))
    odds = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(DIGITS, p=row) for row in odds])
    assert fit_temperature(scores, labels) == pytest.approx(1, rel=0.1)
    assert fit_temperature(2.5 * scores, labels) == pytest.approx(2.5, rel=0.1)

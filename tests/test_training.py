"""Training on tiny data: it learns, it repeats itself, it goes on from a snapshot."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import chainer
import numpy as np
import pytest

from recognizer.inference import Classifier
from recognizer.learning.data.mnist import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import Drawing
from recognizer.learning.drawing import examples
from recognizer.learning.drawing.examples import RECIPE, render_epoch
from recognizer.learning.drawing.shapes import LETTERS, PLAIN, strokes_of
from recognizer.learning.measuring.calibration import fit_temperature
from recognizer.learning.measuring.plots import plot_log
from recognizer.learning.training.epochs import FreshEpochs
from recognizer.learning.training.export import write_from_parameters
from recognizer.learning.training.trainers import (
    Settings,
    cnn_trainer,
    mlp_trainer,
    predictor_parameters,
    resume,
)
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from recognizer.reading.model_files import ModelError
from recognizer.reading.networks import CNN
from tests.drawings import board, glyph_of


def some_digits() -> Labelled:
    pairs = [
        (glyph_of(board(str(digit), pen)), digit)
        for digit in range(10)
        for pen in (8, 12, 16, 20)
    ]
    glyphs, labels = zip(*pairs, strict=True)
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


def some_part(name: str = "train") -> Part:
    digits = [
        Drawing(digit, strokes_of(shape))
        for digit, shapes in PLAIN.items()
        for shape in shapes
    ]
    letters = [Drawing(letter, strokes_of(shape)) for letter, shape in LETTERS.items()]
    return Part(name, some_digits(), digits, letters, letters)


def settings(out: Path, epochs: int = 3, seed: int = 0) -> Settings:
    return Settings(epochs, 10, seed, out)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CNN that learns in a moment."""
    monkeypatch.setattr(
        "recognizer.learning.training.trainers.CNN", lambda: CNN((3, 4, 4, 5, 5, 6))
    )


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


def test_it_goes_on_from_a_snapshot(tmp_path: Path) -> None:
    train_mlp(tmp_path / "a", epochs=2)
    train_mlp(tmp_path / "b", epochs=4, snapshot=tmp_path / "a" / "snapshot_epoch_2")
    assert [row["epoch"] for row in log_of(tmp_path / "b")] == [1, 2, 3, 4]


def test_other_files_are_no_snapshots(tmp_path: Path) -> None:
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
def test_the_steps_grow_and_shrink_again(tmp_path: Path) -> None:
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
    classifier = write_from_parameters(
        parameters, {"seed": 0}, None, tmp_path / "new.model"
    )
    glyphs = some_digits().images
    with chainer.using_config("train", False):
        expected = trained(glyphs.astype(np.float32) / np.float32(255)).array
    np.testing.assert_allclose(
        classifier.scores(glyphs), expected, rtol=1e-3, atol=1e-4
    )
    assert (classifier.architecture, classifier.metadata["seed"]) == ("cnn", 0)
    assert "Omniglot" in str(classifier.metadata["credits"])


def test_the_mlps_model_file_reads_what_the_network_reads(tmp_path: Path) -> None:
    parameters = train_mlp(tmp_path, epochs=25)
    write_from_parameters(parameters, {}, None, tmp_path / "new.model")
    predictions = Classifier.load(tmp_path / "new.model").read(
        list(some_digits().images)
    )
    right = [
        p.digit == label
        for p, label in zip(predictions, some_digits().labels, strict=True)
    ]
    assert np.mean(right) > 0.8


def test_an_epoch_holds_every_kind_in_its_share() -> None:
    epoch = render_epoch(some_part(), 400, (0, 0))
    counts = np.bincount(epoch.labels, minlength=12)
    assert len(epoch.labels) == pytest.approx(400, abs=4)
    assert counts[SEVERAL] == 4 * RECIPE[examples._several]
    assert counts[NOT_A_DIGIT] == pytest.approx(114, abs=4)
    assert (counts[:10] > 0).all()


def test_an_epoch_repeats_itself_and_the_next_is_another() -> None:
    first, again, other = (
        render_epoch(some_part(), 100, seed) for seed in ((1, 0), (1, 0), (1, 1))
    )
    assert (first.images == again.images).all()
    assert not np.array_equal(first.images, other.images)


def numbered(seed: Sequence[int]) -> Labelled:
    """An epoch whose labels tell the epoch's number."""
    return Labelled(np.zeros((7, 28, 28), np.uint8), np.full(7, seed[1], np.int32))


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


def test_a_resumed_run_sees_the_epochs_that_it_has_not_seen(
    epochs: FreshEpochs,
) -> None:
    epochs.serialize(lambda _name, _value: 4)
    assert next(epochs)[1].tolist() == [4, 4, 4]


def test_the_fitted_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, (4000, 10))
    odds = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(10, p=row) for row in odds])
    assert fit_temperature(scores, labels) == pytest.approx(1, rel=0.1)
    assert fit_temperature(2.5 * scores, labels) == pytest.approx(2.5, rel=0.1)

"""A round of improvement: what is learnt, what is kept, and what stops it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django import Settings

from recognizer.inference import Classifier
from recognizer.learning import recipe
from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring import test_sets
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.training.fine_tuning import (
    average,
    fine_tune,
    make_lessons,
    one_hot,
)
from recognizer.management.commands import improve as command
from recognizer.management.improvement import Drawings, count_new, stored_drawings
from recognizer.models import Prediction, Promotion, Submission, TrainedModel
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT
from recognizer.reading.glyphs import PREPROCESSING_VERSION, Glyph
from recognizer.reading.model_files import pack_model, read_model
from recognizer.reviewing.labelling import Wanted, set_labels
from recognizer.rollout import promotion
from recognizer.rollout.active_model import active_classifier, get_row
from tests.drawings import board, glyph_of
from tests.exports import make_drawing
from tests.factories import make_user
from tests.models import cnn_file

CNN = {"architecture": "cnn"}
MLP = Path(django_settings.BASE_DIR, "data/mnist.model")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of a few seconds: few glyphs to rehearse, to calibrate and to measure."""
    monkeypatch.setattr(recipe, "REHEARSED_GLYPHS", 30)
    monkeypatch.setattr(recipe, "LEAST_NEW_LABELS", 3)
    monkeypatch.setattr(test_sets, "MADE", 2)


def label_some(count: int = 4, **kwargs: Any) -> list[Submission]:
    """Store labelled drawings, digits of different pens, in the order of time."""
    now = timezone.now()
    drawings = []
    for i in range(count):
        values = {
            "label": i % 10,
            "labelled_at": now,
            "created": now + timedelta(seconds=i),
        }
        drawing = make_drawing(str(i % 10), pen=10 + i // 10, **(values | kwargs))
        drawings.append(drawing)
    return drawings


def improve(data: Path, **options: Any) -> None:
    call_command("improve", data=data, epochs=1, **options)


def candidate() -> TrainedModel:
    return TrainedModel.objects.get(manifest__has_key="parent")


def has_candidate() -> bool:
    return TrainedModel.objects.filter(manifest__has_key="parent").exists()


def forget_candidates() -> None:
    candidates = TrainedModel.objects.filter(manifest__has_key="parent")
    Prediction.objects.filter(model__in=candidates).delete()
    candidates.delete()


def some_digits(pens: tuple[int, ...] = (10, 16)) -> Labelled:
    pairs = [(glyph_of(board(str(i), pen)), i) for i in range(10) for pen in pens]
    glyphs, labels = zip(*pairs, strict=True)
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


# --- What is learnt ---


@pytest.mark.django_db
def test_a_label_reaches_the_training_arrays_and_nothing_else_does() -> None:
    learnt = make_drawing("3", label=3)
    other = make_drawing("4", label=NOT_A_DIGIT)
    make_drawing("5", label=5, kept_aside=True)
    make_drawing("6", label=CANNOT_TELL)
    make_drawing("7")  # nobody has labelled it
    make_drawing("8", claim=8)  # the visitor's word is no label
    make_drawing("9", label=9).delete()
    drawings = stored_drawings()
    assert drawings.labels.tolist() == [3, NOT_A_DIGIT]
    stored = [bytes(each.answer.glyph) for each in (learnt, other)]
    assert [glyph.tobytes() for glyph in drawings.glyphs] == stored
    labelled = Labelled(drawings.glyphs, drawings.labels)
    rehearsed = some_digits((12,))
    lessons = make_lessons(active_classifier(), labelled, rehearsed)
    assert lessons.glyphs.tobytes() == b"".join(stored) + rehearsed.images.tobytes()
    assert (lessons.targets[:2] == one_hot(drawings.labels)).all()


@pytest.mark.django_db
def test_a_glyph_of_another_preprocessing_is_made_anew() -> None:
    old = {"preprocessing": PREPROCESSING_VERSION - 1, "glyph": bytes(784)}
    make_drawing("3", label=3, answer=old)
    (glyph,) = stored_drawings().glyphs
    assert (glyph == glyph_of(board("3", 12))).all()


@pytest.mark.django_db
def test_a_picture_without_ink_or_damaged_is_left_out() -> None:
    old = {"preprocessing": PREPROCESSING_VERSION - 1}
    make_drawing("3", label=3, answer=old)
    Submission.objects.update(picture=b"no picture")
    assert not len(stored_drawings().labels)


def test_rehearsed_glyphs_have_their_label_and_the_old_models_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Classifier.load(cnn_file(tmp_path))
    drawings, rehearsed = some_digits((10,)), some_digits((16,))
    targets = {}
    for share in (0.0, 0.25, 1.0):
        monkeypatch.setattr(recipe, "OLD_MODELS_SHARE", share)
        lessons = make_lessons(old, drawings, rehearsed)
        assert (lessons.targets[:10] == one_hot(drawings.labels)).all()
        targets[share] = lessons.targets[10:]
    scores = np.exp(old.scores(rehearsed.images))
    said = scores / scores.sum(axis=1, keepdims=True)
    assert (targets[0.0] == one_hot(rehearsed.labels)).all()
    np.testing.assert_allclose(targets[1.0], said, rtol=1e-5)
    np.testing.assert_allclose(
        targets[0.25], 0.25 * said + 0.75 * targets[0.0], rtol=1e-5
    )


def test_fine_tuning_learns_the_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "IMPROVING_RATE", 1e-2)
    old = Classifier.load(cnn_file(tmp_path))
    digits = some_digits()
    monkeypatch.setattr(recipe, "OLD_MODELS_SHARE", 0)
    lessons = make_lessons(old, digits, digits)
    parameters = fine_tune(old, lessons, epochs=60, seed=0)
    new = Classifier.from_bytes(pack_model(parameters, CNN), "new")
    read = new.scores(digits.images).argmax(axis=1)
    assert (read == digits.labels).mean() > 0.9
    assert (old.scores(digits.images).argmax(axis=1) == digits.labels).mean() < 0.5


def test_the_result_lies_between_the_old_and_the_tuned_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "TUNED_SHARE", 0.25)
    old = Classifier.load(cnn_file(tmp_path))
    parameters = read_model(old.data).parameters
    tuned = {name: array + 4 for name, array in parameters.items()}
    between = average(old, tuned)
    assert between.keys() == parameters.keys()
    for name, array in parameters.items():
        np.testing.assert_allclose(between[name], array + 1, rtol=1e-5)
        assert between[name].dtype == np.float32


def test_fine_tuning_shows_every_batch(tmp_path: Path) -> None:
    old = Classifier.load(cnn_file(tmp_path))
    lessons = make_lessons(old, some_digits(), some_digits())
    shown: list[int] = []

    def show(batches: Any) -> Any:
        for batch in batches:
            shown.append(len(batch))
            yield batch

    fine_tune(old, lessons, epochs=3, seed=0, show=show)
    assert shown == [40, 40, 40]


def test_a_better_model_refuses_no_more_digits_than_the_old_one(
    quick: None, tmp_path: Path
) -> None:
    digits = some_digits((8, 10, 12, 14, 16, 18, 20))
    part = Part("choose", digits, [], [], [])
    (test,) = test_sets.make_sets(part, ["mnist"])
    old = half_refused(Classifier.load(cnn_file(tmp_path)), test.glyphs)
    new = Classifier.load(cnn_file(tmp_path))
    parameters = read_model(new.data).parameters
    metadata = CNN | calibrate(new, part, like=old)
    calibrated = Classifier.from_bytes(pack_model(parameters, metadata), "new")
    before, after = verdicts(old, test.glyphs), verdicts(calibrated, test.glyphs)
    assert 0 < after["refused"] <= before["refused"] < len(digits.labels)
    assert after["unsure"] <= before["unsure"]


def half_refused(model: Classifier, glyphs: Sequence[Glyph | None]) -> Classifier:
    """Return a model with a threshold at which it refuses half of the glyphs."""
    _digits, kinds = model.probabilities(np.array(glyphs))
    thresholds = {"digit": float(np.median(kinds[:, 0])), "sure": 0.1}
    parameters = read_model(model.data).parameters
    metadata = CNN | {"thresholds": thresholds}
    return Classifier.from_bytes(pack_model(parameters, metadata), "old")


def verdicts(classifier: Classifier, glyphs: Sequence[Glyph | None]) -> Counter[str]:
    """Count the verdicts; those that are neither 'digit' nor 'unsure' are 'refused'."""
    found: Counter[str] = Counter()
    for reading in classifier.read(glyphs):
        is_digit = reading.verdict in ("digit", "unsure")
        found[reading.verdict if is_digit else "refused"] += 1
    return found


# --- The command ---


@pytest.mark.django_db
def test_the_result_is_a_candidate_with_a_manifest(
    quick: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawings = label_some(4)
    parent = get_row(active_classifier())
    improve(tmp_path, seed=3, out=tmp_path / "better.model")
    model = candidate()
    manifest = model.manifest
    assert model.name == "digits 2"
    assert manifest["parent"] == parent.sha256
    assert manifest["drawings"]["count"] == 4
    assert manifest["drawings"]["by_label"]["3"] == 1
    assert manifest["drawings"]["by_label"]["not_a_digit"] == 0
    assert manifest["drawings"]["sha256"] == stored_drawings().sha256
    until = drawings[0].labelled_at
    assert until is not None
    assert manifest["labelled_until"] == until.isoformat()
    assert (manifest["seed"], manifest["epochs"]) == (3, 1)
    assert manifest["rehearsed"]["data_sets"] == []
    assert 20 < manifest["rehearsed"]["count"] <= 33
    assert manifest["figures"] == model.figures
    assert {row["set"] for row in model.figures} == {"styles", "letters"}
    assert set(manifest["versions"]) >= {"python", "numpy", "chainer"}
    assert (tmp_path / "better.model").read_bytes() == bytes(model.parameters)
    metadata = read_model(bytes(model.parameters)).metadata
    assert metadata["parent"] == parent.sha256
    assert metadata["command"].endswith("manage.py improve --epochs 1 --seed 3")
    output = capsys.readouterr()
    assert "learns 4 drawings" in output.out
    assert f"{model} is stored as a candidate." in output.out
    assert "The round goes on without MNIST." in output.err
    assert "Learning" in output.err
    assert not Promotion.objects.exists()
    assert active_classifier().sha256 == parent.sha256


@pytest.mark.django_db
def test_the_same_drawings_and_seed_give_the_same_file_from_an_export_too(
    quick: None, tmp_path: Path
) -> None:
    label_some(5)
    make_drawing("8", label=8, kept_aside=True)
    make_drawing("9", label=CANNOT_TELL)
    export = tmp_path / "drawings.zip"
    call_command("export_drawings", "--out", str(export))
    runs: dict[str, dict[str, Any]] = {
        "database": {},
        "again": {},
        "export": {"drawings": export},
        "other seed": {"seed": 1},
    }
    files = {}
    for name, options in runs.items():
        forget_candidates()
        improve(tmp_path, out=tmp_path / "better.model", **options)
        files[name] = (tmp_path / "better.model").read_bytes()
    assert files["database"] == files["again"] == files["export"]
    assert files["database"] != files["other seed"]


@pytest.mark.django_db
def test_fewer_than_a_hundred_new_labels_do_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label_some(recipe.LEAST_NEW_LABELS - 1)
    make_drawing("8", label=8, kept_aside=True)
    make_drawing("9", label=CANNOT_TELL)
    improve(tmp_path, out=tmp_path / "better.model")
    assert "Nothing to do: there are 99 new labels" in capsys.readouterr().out
    assert not has_candidate()
    assert not (tmp_path / "better.model").exists()


@pytest.mark.django_db
def test_labels_are_new_until_a_model_or_its_child_has_learnt_them() -> None:
    parent = get_row(active_classifier())
    drawings = label_some(3)
    learnt = stored_drawings()
    assert count_new(learnt, parent) == 3
    until = learnt.labelled_until
    assert until is not None
    manifest = {
        "parent": parent.sha256,
        "labelled_until": until.isoformat(),
        "drawings": {"sha256": "of these"},
    }
    child = TrainedModel.objects.create(name="child", sha256="c", manifest=manifest)
    assert count_new(learnt, parent) == 0
    assert count_new(learnt, child) == 0
    wanted = [Wanted(drawings[0].pk, shown=0, label=6)]
    set_labels(wanted, by=make_user())
    assert count_new(stored_drawings(), parent) == 1
    assert count_new(stored_drawings(), child) == 1


@pytest.mark.django_db
def test_an_export_that_has_been_learnt_has_no_new_labels() -> None:
    parent = get_row(active_classifier())
    digits = some_digits()
    export = Drawings(digits.images, digits.labels)
    assert count_new(export, parent) == 20
    parent.manifest = {
        "labelled_until": None,
        "drawings": {"sha256": export.sha256},
    }
    parent.save()
    assert count_new(export, parent) == 0
    assert count_new(Drawings(digits.images[1:], digits.labels[1:]), parent) == 19


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["Drawing", "Learning"])
def test_a_run_that_is_killed_leaves_nothing(
    quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    label_some(4)

    def show(items: Any, *, desc: str) -> Any:
        for item in items:
            yield item
            if desc == step:
                raise KeyboardInterrupt

    monkeypatch.setattr(command, "_show", show)
    with pytest.raises(KeyboardInterrupt):
        improve(tmp_path, out=tmp_path / "better.model")
    assert not has_candidate()
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_a_result_that_misreads_the_golden_glyphs_is_not_stored(
    quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "IMPROVING_RATE", 3)  # it destroys the network
    label_some(4)
    with pytest.raises(CommandError, match="golden glyphs"):
        improve(tmp_path, out=tmp_path / "better.model")
    assert not has_candidate()
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_a_refused_promotion_leaves_the_candidate(quick: None, tmp_path: Path) -> None:
    label_some(4)
    with pytest.raises(CommandError, match=r"not promoted.*Only 0 of the drawings"):
        improve(tmp_path, promote=True)
    assert has_candidate()
    assert not Promotion.objects.exists()


@pytest.mark.django_db
def test_promote_makes_the_result_the_active_model(
    quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "FEWEST_LABELS", 1)
    label_some(4)
    make_drawing("8", label=8, kept_aside=True)
    user = make_user("ada")
    improve(tmp_path, promote=True, by="ada")
    assert Promotion.objects.get().by == user
    assert active_classifier().sha256 == candidate().sha256


# --- What stops it ---


@pytest.mark.django_db
def test_wrong_options_are_answered_with_a_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for options, words in (
        ({"data": missing}, "There is no folder"),
        ({"out": missing / "better.model"}, "cannot be written"),
        ({"out": tmp_path}, "cannot be written"),
        ({"by": "ada"}, "It needs --promote"),
        ({"by": "ada", "promote": True}, "There is no user 'ada'"),
        ({"drawings": missing}, "cannot be read"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("improve", **options)


@pytest.mark.django_db
@pytest.mark.parametrize("options", [["--epochs", "0"], ["--seed", "-1"]])
def test_numbers_that_make_no_sense_are_refused(options: list[str]) -> None:
    with pytest.raises(CommandError, match="is not a"):
        call_command("improve", *options)


@pytest.mark.django_db
def test_an_mlp_cannot_be_improved(
    quick: None, tmp_path: Path, settings: Settings
) -> None:
    settings.MODEL_FILE = MLP
    label_some(4)
    with pytest.raises(CommandError, match="Only a CNN can be improved"):
        improve(tmp_path)


@pytest.mark.django_db
def test_damaged_data_stops_it_before_it_learns(quick: None, tmp_path: Path) -> None:
    label_some(4)
    (tmp_path / "pendigits").mkdir()
    (tmp_path / "pendigits/train.jsonl").write_text("{")
    with pytest.raises(CommandError, match=r"train\.jsonl"):
        improve(tmp_path)
    assert not has_candidate()

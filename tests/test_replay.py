"""A candidate against the active model, and stored drawings read again."""

import gzip
import hashlib
import struct
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recognizer.inference import Classifier
from recognizer.learning.data import mnist
from recognizer.models import Prediction, Promotion, Submission, TrainedModel
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import active_classifier
from recognizer.rollout.promotion import serving_model
from recognizer.rollout.replay import SHOWN, compare, replay
from recognizer.rollout.rereading import read_again, store_predictions
from tests import candidates
from tests.candidates import MNIST, send, twin
from tests.factories import blank_png, make_model, make_prediction, make_submission

pytestmark = pytest.mark.django_db


def replay_all(model: TrainedModel) -> int:
    classifier = Classifier.from_bytes(bytes(model.parameters), model.name)
    return sum(replay(classifier, model))


def shown(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_only_labelled_drawings_that_are_kept_aside_are_read() -> None:
    measured = [send(3), send(10, seed=1)]
    send(None)
    send(12)
    send(4, kept_aside=False)
    model = candidates.store(twin())
    assert replay_all(model) == 2
    read = Prediction.objects.filter(model=model)
    assert {prediction.submission for prediction in read} == set(measured)


def test_a_replay_changes_no_answer_and_reads_nothing_twice() -> None:
    submission = send(3)
    model = candidates.store(MNIST.read_bytes())
    assert replay_all(model) == 1
    assert replay_all(model) == 0
    kept = Submission.objects.get()
    assert kept.answer == submission.answer
    assert kept.answer.model != model
    added = kept.predictions.get(model=model)
    assert bytes(added.glyph) == bytes(kept.answer.glyph)
    assert added.preprocessing == PREPROCESSING_VERSION


def test_what_another_model_reads_differently_becomes_doubtful() -> None:
    same, different = send(3), send(10, seed=1)
    replay_all(candidates.store(MNIST.read_bytes()))
    for submission in (same, different):
        submission.refresh_from_db()
    assert same.doubt < 1
    assert different.doubt >= 1


def test_a_comparison_counts_what_is_mended_and_broken_by_label() -> None:
    before, after = make_model(3), make_model(4)
    for label, first, second in [
        (7, 7, 7),
        (7, 7, 1),
        (7, 1, 7),
        (1, 7, 1),
        (10, 7, 7),
    ]:
        submission = make_submission(
            kept_aside=True, label=label, answer={"model": before, "digit": first}
        )
        make_prediction(submission, model=after, digit=second)
    comparison = compare(before, after)
    counts = comparison.all
    assert (counts.total, counts.right_before, counts.right_after) == (5, 2, 3)
    assert (counts.mended, counts.broken) == (2, 1)
    sevens = comparison.by_label[7]
    assert (sevens.total, sevens.mended, sevens.broken) == (3, 1, 1)
    assert comparison.by_label[10].right_after == 0
    (broken,) = comparison.broken
    assert (broken.before_name, broken.after_name) == ("7", "1")


def test_what_one_of_them_has_not_read_is_missing() -> None:
    before, after = make_model(3), make_model(4)
    make_submission(kept_aside=True, label=7, answer={"model": before})
    older = make_submission(kept_aside=True, label=7, answer={"model": before})
    make_prediction(older, model=after, preprocessing=PREPROCESSING_VERSION - 1)
    comparison = compare(before, after)
    assert (comparison.missing, comparison.all.total) == (2, 0)


def test_a_comparison_is_one_query_and_keeps_a_page_of_changes(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    before, after = make_model(3), make_model(4)
    for _ in range(SHOWN + 5):
        submission = make_submission(kept_aside=True, label=7, answer={"model": before})
        make_prediction(submission, model=after, digit=1)
    with django_assert_num_queries(1):
        comparison = compare(before, after)
    assert comparison.all.broken == SHOWN + 5
    assert len(comparison.broken) == SHOWN


def test_a_drawing_that_is_deleted_while_it_is_read_is_left_out() -> None:
    send(3), send(4, seed=1)
    model = candidates.store(twin())
    classifier = Classifier.from_bytes(twin(), "twin")
    (batch,) = read_again(classifier, Submission.objects.all())
    deleted, kept = (each.submission.pk for each in batch)
    Submission.objects.filter(pk=deleted).delete()
    assert store_predictions(model, batch) == 1
    assert Prediction.objects.get(model=model).submission_id == kept


def test_a_model_that_is_deleted_while_it_reads_is_named_as_such() -> None:
    send(3)
    model = candidates.store(twin())
    classifier = Classifier.from_bytes(twin(), "twin")
    (batch,) = read_again(classifier, Submission.objects.all())
    TrainedModel.objects.filter(pk=model.pk).delete()
    with pytest.raises(ModelError, match="was deleted"):
        store_predictions(model, batch)


def test_numbers_that_overflow_on_a_drawing_are_named_as_such() -> None:
    send(3)
    classifier = Classifier.from_bytes(candidates.scaled(1e30), "huge")
    with pytest.raises(ModelError, match="overflow"):
        list(read_again(classifier, Submission.objects.all()))


def test_a_drawing_without_ink_or_a_damaged_one_is_read_as_no_digit() -> None:
    make_submission(picture=blank_png())
    make_submission(picture=b"no picture")
    model = serving_model()
    for batch in read_again(active_classifier(), Submission.objects.all()):
        store_predictions(model, batch)
    verdicts = Prediction.objects.filter(model=model).values_list("verdict", flat=True)
    assert list(verdicts) == ["not_a_digit", "not_a_digit"]


# The command


def test_the_command_shows_what_the_demos_network_breaks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for seed in range(3):
        send(10, seed=seed)
        send(7, seed=seed)
    call_command("replay", str(MNIST))
    lines = shown(capsys)
    assert ["7", "3", "100.00", "%", "100.00", "%", "0", "0"] in lines
    assert ["not", "a", "digit", "3", "100.00", "%", "0.00", "%", "0", "3"] in lines
    assert ["all", "6", "100.00", "%", "50.00", "%", "0", "3"] in lines
    assert [
        "MNIST",
        "was",
        "not",
        "found.",
        "Name",
        "its",
        "folder",
        "with",
        "--data.",
    ] in lines
    assert any("mnist" in line and "--force" in line for line in lines)
    assert not Promotion.objects.exists()


def test_it_reads_mnist_where_it_is_there_and_keeps_the_figures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = list(mnist.FILES)
    sevens = np.array(
        [np.frombuffer(send(7, seed=s).answer.glyph, np.uint8) for s in (1, 2)]
    )
    images = struct.pack(">4B3I", 0, 0, 8, 3, 2, 28, 28) + sevens.tobytes()
    labels = struct.pack(">4BI", 0, 0, 8, 1, 2) + bytes([7, 7])
    for name in names:
        content = images if "images" in name else labels
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        monkeypatch.setitem(mnist.FILES, name, md5(content))
    model = candidates.store(twin())
    call_command("replay", "better", data=tmp_path)
    assert ["all", "2", "100.00", "%", "100.00", "%", "0", "0"] in shown(capsys)
    model.refresh_from_db()
    kept = model.manifest["mnist"]
    assert (kept["total"], kept["right_after"]) == (2, 2)
    assert kept["against"] == active_classifier().sha256


def test_a_folder_without_mnist_is_named(tmp_path: Path) -> None:
    candidates.store(twin())
    with pytest.raises(CommandError, match="MNIST's four files are expected"):
        call_command("replay", "better", data=tmp_path)


def test_the_active_model_is_not_replayed_against_itself() -> None:
    with pytest.raises(CommandError, match="answers now"):
        call_command("replay", "digits")


# Reprocessing


def test_reprocessing_lists_what_would_change_and_changes_no_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    letter, seven = send(10, seed=1), send(7, kept_aside=False)
    model = candidates.store(MNIST.read_bytes(), "mnist")
    Promotion.objects.create(model=model, why="a trial")
    call_command("reprocess")
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{letter.pk}  not a digit -> ")
    assert line.endswith("(labelled not a digit)")
    assert summary.startswith(f"{model} read 2 of 2 drawings again")
    assert "1 would be answered differently. No answer was changed." in summary
    for submission in (letter, seven):
        kept = Submission.objects.get(pk=submission.pk)
        assert kept.answer == submission.answer
        assert kept.read_as == submission.read_as
        assert kept.predictions.count() == 2


def test_a_second_time_it_reads_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    send(7)
    call_command("reprocess")
    assert "read 0 of 1 drawings again" in capsys.readouterr().out


def test_a_dry_run_stores_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    letter = send(10, seed=1)
    model = candidates.store(MNIST.read_bytes(), "mnist")
    Promotion.objects.create(model=model, why="a trial")
    call_command("reprocess", dry_run=True)
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith(str(letter.pk))
    assert summary.endswith("Nothing was stored.")
    assert not Prediction.objects.filter(model=model).exists()


def test_it_begins_with_the_day_that_it_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = make_submission(created=timezone.now() - timedelta(days=9))
    new = make_submission()
    since = timezone.now() - timedelta(days=2)
    call_command("reprocess", f"--since={since:%Y-%m-%d}")
    assert new.predictions.count() == 2
    assert old.predictions.count() == 1
    assert "read 1 of 1 drawings again" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is not a date"):
        call_command("reprocess", "--since=yesterday")


def test_it_goes_on_where_it_was_stopped_and_reads_in_batches(
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("recognizer.rollout.rereading.BATCH", 4)
    submissions = [make_submission() for _ in range(10)]
    model, classifier = serving_model(), active_classifier()
    first = next(read_again(classifier, Submission.objects.all()))
    assert len(first) == 4
    store_predictions(model, first)
    with django_assert_max_num_queries(60) as queries:
        call_command("reprocess")
    assert Prediction.objects.filter(model=model).count() == len(submissions)
    assert sum("INSERT" in query["sql"] for query in queries.captured_queries) == 2


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()

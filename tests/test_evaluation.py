"""Figures of a model: each measured against a case that can be counted by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from recognizer.inference import Classifier, Reading
from recognizer.learning.measuring import report
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.measuring.evaluation import (
    Result,
    calibration_error,
    evaluate,
    mcnemar,
    table,
)
from recognizer.learning.measuring.test_sets import CONDITIONS, SETS, TestSet, make_sets
from recognizer.reading.model_files import read_model, write_model
from tests.drawings import board, glyph_of
from tests.models import cnn_file, fixed_file
from tests.test_training import some_part


def prediction(
    digit: int | None, verdict: str = "digit", sure: float = 0.91, likely: int = 0
) -> Reading:
    likely = likely if digit is None else digit
    others = (1 - sure) / 9
    probabilities = tuple(sure if d == likely else others for d in range(10))
    return Reading(digit, verdict, sure, probabilities, None)


BLANK = Reading(None, "blank", 0.0, None, None)


def result(
    labels: list[int | None], predictions: list[Reading], name: str = "made up"
) -> Result:
    return Result(TestSet(name, "by hand", [None] * len(labels), labels), predictions)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures enough to see that they are made."""
    monkeypatch.setattr("recognizer.learning.measuring.test_sets.MADE", 8)


@pytest.fixture
def digits() -> Result:
    predictions = [
        prediction(3),
        prediction(5),
        prediction(3, "unsure"),
        prediction(None, "several", likely=3),
        BLANK,
    ]
    return result([3, 3, 3, 3, 5], predictions)


def test_accuracy_is_of_the_most_probable_digit_whatever_the_verdict(
    digits: Result,
) -> None:
    assert digits.accuracy == pytest.approx(3 / 5)
    assert digits.accuracy_by_digit == {3: 0.75, 5: 0.0}


def test_refused_is_every_verdict_but_digit(digits: Result) -> None:
    assert digits.refused == pytest.approx(3 / 5)
    assert digits.verdicts == {"digit": 2, "unsure": 1, "several": 1, "blank": 1}


def test_the_confusion_counts_what_was_read(digits: Result) -> None:
    counts = digits.confusion
    assert counts.sum() == 5
    assert (counts[3, 3], counts[3, 5], counts[3, 11], counts[5, 12]) == (2, 1, 1, 1)


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    confidences, right = (
        np.array([0.9] * 10 + [0.6] * 10),
        np.array([True] * 9 + [False] + [True] * 4 + [False] * 6),
    )
    assert calibration_error(confidences, right) == pytest.approx(0.5 * 0.0 + 0.5 * 0.2)


def test_a_certain_and_right_model_is_calibrated() -> None:
    assert calibration_error(np.ones(5), np.ones(5, bool)) == 0


def test_mcnemar_counts_what_only_one_reads() -> None:
    first = np.array([True] * 8 + [False, True])
    second = np.array([False] * 8 + [True, True])
    *counts, p = mcnemar(first, second)
    assert counts == [8, 1]
    assert p == pytest.approx(2 * (1 + 9) / 2**9)


def test_equal_models_do_not_differ() -> None:
    assert mcnemar(np.ones(4, bool), np.ones(4, bool)) == (0, 0, 1.0)


def test_a_table_stands_in_columns() -> None:
    assert table([["a", "b", "c"], ["long", "", "1"]]) == "a     b  c\nlong     1"


@pytest.mark.parametrize("name", list(SETS))
def test_every_set_is_made_and_made_again(name: str) -> None:
    first, again = (next(make_sets(some_part("final"), [name])) for _ in range(2))
    assert first.name == name
    assert len(first.glyphs) == len(first.labels) > 5
    assert all(
        (a == b).all()
        for a, b in zip(first.glyphs, again.glyphs, strict=True)
        if a is not None
    )
    assert {None, *range(10)} >= set(first.labels)
    assert any(glyph is not None for glyph in first.glyphs)


def test_writers_are_measured_in_every_condition() -> None:
    assert [
        test.condition for test in make_sets(some_part("final"), ["writers"])
    ] == list(CONDITIONS)


def test_a_model_is_read_against_a_set(tmp_path: Path) -> None:
    classifier = Classifier.load(fixed_file(tmp_path, [0.0, 0.0, 9.0] + [0.0] * 9))
    labels: list[int | None] = [2] * 301
    test = TestSet("mnist", "all 2", [*[glyph_of(board("2"))] * 300, None], labels)
    measured = evaluate(classifier, test)
    assert measured.accuracy == pytest.approx(300 / 301)
    assert measured.verdicts == {"digit": 300, "blank": 1}


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_calibration_lets_as_many_digits_go_as_it_may(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "recognizer.learning.measuring.calibration.FITTED_ON", ("mnist", "photographs")
    )
    monkeypatch.setattr("recognizer.learning.measuring.calibration.NOT_DIGITS", share)
    monkeypatch.setattr("recognizer.learning.measuring.calibration.UNSURE", 0.0)
    part = some_part("choose")
    path = cnn_file(tmp_path)
    model = read_model(path.read_bytes())
    calibration = calibrate(Classifier.load(path), part)
    write_model(path, model.parameters, model.metadata | calibration)
    predictions = Classifier.load(path).read(list(part.mnist.images))
    assert np.mean([p.verdict != "digit" for p in predictions]) == pytest.approx(
        share, abs=0.06
    )


def test_json_holds_every_figure(digits: Result) -> None:
    others = result(
        [None, None], [prediction(None, "not_a_digit"), prediction(1)], "doodles"
    )
    first, second = map(
        json.loads, report.as_json(["m"], [[digits], [others]]).splitlines()
    )
    *_, compared = map(
        json.loads, report.as_json(["m", "n"], [[digits, digits]]).splitlines()
    )
    assert (compared["models"], compared["mcnemar_p"]) == (["m", "n"], 1.0)
    assert (first["model"], first["accuracy"], first["refused"]) == ("m", 0.6, 0.6)
    assert np.sum(first["confusion"]) == 5
    assert (second["set"], second["refused"], "accuracy" in second) == (
        "doodles",
        0.5,
        False,
    )


def test_text_compares_two_models(digits: Result) -> None:
    better = result([3, 3, 3, 3, 5], [prediction(3)] * 4 + [prediction(5)])
    text = report.as_text(["old", "new"], [[digits, better]])
    assert "60.00 %" in text
    assert "100.00 %" in text
    assert text.splitlines()[-1].split() == [
        "made",
        "up",
        "by",
        "hand",
        "0",
        "2",
        "0.5",
    ]


def test_confusion_is_drawn(digits: Result, tmp_path: Path) -> None:
    report.plot(["m"], [[digits]], tmp_path)
    assert (tmp_path / "m-made up.png").read_bytes().startswith(b"\x89PNG")

"""A model's figures, each compared with a case that can be counted by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from recognizer.inference import Classifier, Reading
from recognizer.learning import recipe
from recognizer.learning.data.splits import Part
from recognizer.learning.measuring import report
from recognizer.learning.measuring.calibration import calibrate
from recognizer.learning.measuring.conditions import CONDITIONS
from recognizer.learning.measuring.evaluation import COLUMNS, Result, evaluate
from recognizer.learning.measuring.statistics import calibration_error, mcnemar
from recognizer.learning.measuring.tables import table
from recognizer.learning.measuring.test_sets import (
    SETS,
    TestSet,
    available_sets,
    make_sets,
)
from recognizer.reading.constants import DIGITS, NOT_A_DIGIT, SEVERAL, TEST_SETS
from recognizer.reading.model_files import read_model, write_model
from tests.drawings import board, glyph_of
from tests.models import cnn_file, fixed_file
from tests.test_training import some_digits, some_part


def reading(
    digit: int | None, verdict: str = "digit", sure: float = 0.91, likely: int = 0
) -> Reading:
    likely = likely if digit is None else digit
    probabilities = [(1 - sure) / (DIGITS - 1)] * DIGITS
    probabilities[likely] = sure
    return Reading(digit, verdict, sure, tuple(probabilities), None)


BLANK = Reading(None, "blank", 0.0, None, None)


def result(labels: list[int], readings: list[Reading], name: str = "made up") -> Result:
    return Result(TestSet(name, "by hand", [None] * len(labels), labels), readings)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few pictures for each condition."""
    monkeypatch.setattr("recognizer.learning.measuring.test_sets.MADE", 8)


@pytest.fixture
def digits() -> Result:
    readings = [
        reading(3),
        reading(5),
        reading(3, "unsure"),
        reading(None, "several", likely=3),
        BLANK,
    ]
    return result([3, 3, 3, 3, 5], readings)


def test_accuracy_counts_the_likeliest_digit_regardless_of_the_verdict(
    digits: Result,
) -> None:
    assert digits.accuracy == pytest.approx(3 / 5)
    assert digits.accuracy_by_digit == {3: 0.75, 5: 0.0}


def test_every_verdict_other_than_digit_is_a_refusal(digits: Result) -> None:
    assert digits.refused == pytest.approx(3 / 5)
    assert digits.verdicts == {"digit": 2, "unsure": 1, "several": 1, "blank": 1}


def test_the_confusion_counts_what_was_read(digits: Result) -> None:
    counts = digits.confusion
    assert counts.sum() == 5
    several, blank = COLUMNS.index("several"), COLUMNS.index("blank")
    assert (counts[3, 3], counts[3, 5]) == (2, 1)
    assert (counts[3, several], counts[5, blank]) == (1, 1)


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    confidences, right = (
        np.array([0.9] * 10 + [0.6] * 10),
        np.array([True] * 9 + [False] + [True] * 4 + [False] * 6),
    )
    assert calibration_error(confidences, right) == pytest.approx(0.5 * 0.0 + 0.5 * 0.2)


def test_a_certain_and_right_model_is_calibrated() -> None:
    assert calibration_error(np.ones(5), np.ones(5, bool)) == 0


def test_mcnemar_counts_what_only_one_model_reads_correctly() -> None:
    first = np.array([True] * 8 + [False, True])
    second = np.array([False] * 8 + [True, True])
    *counts, p = mcnemar(first, second)
    assert counts == [8, 1]
    assert p == pytest.approx(2 * (1 + 9) / 2**9)


def test_identical_models_have_a_p_value_of_one() -> None:
    assert mcnemar(np.ones(4, bool), np.ones(4, bool)) == (0, 0, 1.0)


def test_a_table_is_aligned_in_columns() -> None:
    assert table([["a", "b", "c"], ["long", "", "1"]]) == "a     b  c\nlong     1"


CLASSES_OF = {
    "doodles": {NOT_A_DIGIT},
    "characters": {NOT_A_DIGIT},
    "letters": {NOT_A_DIGIT},
    "several": {SEVERAL},
}


def test_the_sets_are_those_that_the_project_names() -> None:
    assert tuple(SETS) == TEST_SETS


def test_only_sets_whose_data_is_there_are_available() -> None:
    part = Part("final", some_digits(), [], [], [])
    assert available_sets(part, TEST_SETS) == ["mnist", "styles", "letters"]


@pytest.mark.parametrize("name", TEST_SETS)
def test_the_same_seed_makes_the_same_set(name: str) -> None:
    first, again = (next(make_sets(some_part("final"), [name])) for _ in range(2))
    assert first.name == name
    assert len(first.glyphs) == len(first.labels) > 5
    assert all(
        (a == b).all()
        for a, b in zip(first.glyphs, again.glyphs, strict=True)
        if a is not None
    )
    assert set(first.labels) <= CLASSES_OF.get(name, set(range(DIGITS)))
    assert any(glyph is not None for glyph in first.glyphs)


def test_writers_are_measured_in_every_condition() -> None:
    assert [
        test.condition for test in make_sets(some_part("final"), ["writers"])
    ] == list(CONDITIONS)


def test_a_test_set_is_read_and_measured(tmp_path: Path) -> None:
    classifier = Classifier.load(fixed_file(tmp_path, [0.0, 0.0, 9.0] + [0.0] * 9))
    glyphs = [*[glyph_of(board("2"))] * 300, None]
    test = TestSet("mnist", "all 2", glyphs, [2] * 301)
    measured = evaluate(classifier, test)
    assert measured.accuracy == pytest.approx(300 / 301)
    assert measured.verdicts == {"digit": 300, "blank": 1}


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_calibration_refuses_the_share_of_digits_that_it_may(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "FITTED_ON", ("mnist", "photographs"))
    monkeypatch.setattr(recipe, "NOT_A_DIGIT_SHARE", share)
    monkeypatch.setattr(recipe, "UNSURE_SHARE", 0.0)
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
        [NOT_A_DIGIT, NOT_A_DIGIT],
        [reading(None, "not_a_digit"), reading(1)],
        "doodles",
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
    better = result([3, 3, 3, 3, 5], [reading(3)] * 4 + [reading(5)])
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

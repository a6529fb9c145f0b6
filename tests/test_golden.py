"""Golden glyphs: what every model must read before it serves."""

from pathlib import Path

import numpy as np
import pytest

from recognizer.inference import Classifier
from recognizer.learning.drawing.golden import golden_glyphs
from recognizer.reading.constants import CLASSES, DIGITS
from recognizer.reading.model_files import ModelError
from recognizer.rollout.golden import check_golden, read_golden
from tests.candidates import MNIST, SHIPPED, scaled
from tests.models import fixed_file


def test_the_file_has_what_the_project_draws_with_this_preprocessing() -> None:
    stored, drawn = read_golden(), golden_glyphs()
    assert np.array_equal(stored.glyphs, drawn.glyphs)
    assert np.array_equal(stored.labels, drawn.labels)


def test_every_digit_is_there_in_several_ways_and_non_digits_too() -> None:
    counts = np.bincount(read_golden().labels, minlength=CLASSES)
    assert min(counts[:DIGITS]) >= 6
    assert min(counts[DIGITS:]) >= 3


@pytest.mark.parametrize("path", [SHIPPED, MNIST])
def test_the_shipped_models_read_them(path: Path) -> None:
    check_golden(Classifier.load(path))


def test_a_model_that_always_says_seven_is_refused(tmp_path: Path) -> None:
    seven = Classifier.load(fixed_file(tmp_path, [0.0] * 7 + [9.0] + [0.0] * 4))
    with pytest.raises(ModelError, match=r"misreads 73 of 79 golden glyphs: .* as 7"):
        check_golden(seven)


def test_a_model_that_refuses_everything_is_refused(tmp_path: Path) -> None:
    none = Classifier.load(fixed_file(tmp_path, [0.0] * 10 + [9.0, 0.0]))
    with pytest.raises(ModelError, match="misreads 66 of 79"):
        check_golden(none)


def test_a_model_that_can_refuse_must_refuse_non_digits(tmp_path: Path) -> None:
    trusting = Classifier.load(SHIPPED)
    trusting._least_digit = 0.0
    with pytest.raises(ModelError, match=r"misreads 8 of 79.*not_a_digit as"):
        check_golden(trusting)


@pytest.mark.parametrize("factor", [1e10, 1e30])
def test_finite_parameters_whose_sums_overflow_are_refused_in_a_sentence(
    factor: float,
) -> None:
    with pytest.raises(ModelError, match="overflow"):
        check_golden(Classifier.from_bytes(scaled(factor), "huge"))

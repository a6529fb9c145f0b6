"""Loading model files and reading glyphs: verdicts, threads, damaged files."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from recognizer import inference
from recognizer.inference import Classifier, check_model_file, get_classifier
from recognizer.reading.constants import DIGITS, VERDICTS
from recognizer.reading.glyphs import PREPROCESSING_VERSION, Glyph
from recognizer.reading.model_files import ModelError, read_model, write_model
from tests.drawings import board, glyph_of
from tests.models import cnn_file, demo_file, fixed_file

LOW = 0.0


@pytest.fixture
def glyph() -> Glyph:
    return glyph_of(board("4"))


def scores(**likely: float) -> list[float]:
    """Return twelve scores: low, except for the named ones (d0 to d9, other, several)."""
    names = [f"d{digit}" for digit in range(DIGITS)] + ["other", "several"]
    return [likely.get(name, LOW) for name in names]


@pytest.mark.parametrize(
    ("likely", "verdict", "digit"),
    [
        ({"d4": 9}, "digit", 4),
        ({"d4": 9, "d9": 8.9}, "unsure", 4),
        ({"other": 9}, "not_a_digit", None),
        ({"several": 9}, "several", None),
    ],
)
def test_scores_become_a_verdict(
    likely: dict[str, float],
    verdict: str,
    digit: int | None,
    glyph: Glyph,
    tmp_path: Path,
) -> None:
    path = fixed_file(
        tmp_path, scores(**likely), thresholds={"digit": 0.5, "sure": 0.6}
    )
    (reading,) = Classifier.load(path).read([glyph])
    assert (reading.verdict, reading.digit) == (verdict, digit)
    assert reading.verdict in VERDICTS


def test_the_runner_up_is_the_second_likeliest(glyph: Glyph, tmp_path: Path) -> None:
    (reading,) = Classifier.load(fixed_file(tmp_path, scores(d4=5, d9=4, d1=3))).read(
        [glyph]
    )
    assert reading.runner_up == 9


def test_confidence_includes_the_probability_of_being_a_digit(
    glyph: Glyph, tmp_path: Path
) -> None:
    (reading,) = Classifier.load(fixed_file(tmp_path, scores(d4=50, other=50))).read(
        [glyph]
    )
    assert reading.probabilities is not None
    assert max(reading.probabilities) == pytest.approx(1)
    assert reading.confidence == pytest.approx(0.5)


def test_the_temperature_softens_the_ten_probabilities(
    glyph: Glyph, tmp_path: Path
) -> None:
    path = fixed_file(tmp_path, scores(d4=2), temperature=2.0)
    (reading,) = Classifier.load(path).read([glyph])
    assert reading.probabilities is not None
    assert reading.probabilities[4] == pytest.approx(np.e / (np.e + 9), rel=1e-5)


def test_ten_probabilities_sum_to_one(glyph: Glyph, tmp_path: Path) -> None:
    for path in (cnn_file(tmp_path), demo_file(tmp_path)):
        (reading,) = Classifier.load(path).read([glyph])
        assert reading.probabilities is not None
        assert len(reading.probabilities) == DIGITS
        assert sum(reading.probabilities) == pytest.approx(1)


def test_a_blank_picture_keeps_its_place_in_the_batch(
    glyph: Glyph, tmp_path: Path
) -> None:
    first, second, third = Classifier.load(cnn_file(tmp_path)).read([None, glyph, None])
    assert (first.verdict, first.digit, first.probabilities) == ("blank", None, None)
    assert second.verdict != "blank"
    assert third == first


def test_a_batch_gives_the_same_readings_as_single_glyphs(tmp_path: Path) -> None:
    classifier = Classifier.load(cnn_file(tmp_path))
    glyphs = [glyph_of(board(str(digit))) for digit in range(DIGITS)]
    together = [p.probabilities for p in classifier.read(glyphs)]
    alone = [classifier.read([g])[0].probabilities for g in glyphs]
    np.testing.assert_allclose(np.array(together), np.array(alone), rtol=1e-4)


def test_a_file_of_bare_mlp_parameters_can_be_loaded(
    glyph: Glyph, tmp_path: Path
) -> None:
    classifier = Classifier.load(demo_file(tmp_path))
    (reading,) = classifier.read([glyph])
    assert (classifier.architecture, classifier.name) == ("mlp", "demo")
    assert reading.verdict in ("digit", "unsure")
    assert reading.confidence == pytest.approx(
        max(reading.probabilities or ()), rel=1e-5
    )


def test_readings_are_never_made_in_training_mode(glyph: Glyph, tmp_path: Path) -> None:
    """With the CNN's dropout in training mode, no two readings would be equal.

    Chainer's mode is per thread.
    """
    classifier = Classifier.load(cnn_file(tmp_path))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: classifier.read([glyph])[0], range(40)))
    assert len(set(answers)) == 1


def test_several_threads_load_a_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, start = cnn_file(tmp_path), Barrier(8)
    loads: list[Path] = []
    load = Classifier.load

    def counted(path: Path) -> Classifier:
        loads.append(path)
        return load(path)

    monkeypatch.setattr(inference.Classifier, "load", counted)

    def ask(_: int) -> Classifier:
        start.wait()
        return get_classifier(path)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert len(loads) == 1
    assert len({id(answer) for answer in answers}) == 1


def test_a_changed_file_is_loaded_again(tmp_path: Path) -> None:
    before = get_classifier(demo_file(tmp_path))
    after = get_classifier(demo_file(tmp_path, units=13))
    assert after.sha256 != before.sha256


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"not a model", b"\x93NUMPY", b"\x80\x04K\x01."]
)
def test_other_files_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "wrong.model"
    path.write_bytes(data)
    for use in (Classifier.load, check_model_file, get_classifier):
        with pytest.raises(
            ModelError, match=r"wrong\.model: The file is not a model file"
        ):
            use(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_truncated_model_is_refused(share: float, tmp_path: Path) -> None:
    data = cnn_file(tmp_path).read_bytes()
    with pytest.raises(ModelError):
        Classifier.from_bytes(data[: int(len(data) * share)], "half")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for use in (Classifier.load, check_model_file, get_classifier):
        with pytest.raises(ModelError, match=r"absent\.model cannot be read"):
            use(tmp_path / "absent.model")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"out/b": np.zeros(10)}, "shapes"),
        ({"more": np.zeros(3)}, "shapes"),
        ({"out/b": np.full(12, np.nan)}, "non-finite"),
    ],
)
def test_wrong_parameters_are_refused(
    change: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    model = read_model(cnn_file(tmp_path).read_bytes())
    write_model(tmp_path / "odd.model", model.parameters | change, model.metadata)
    for use in (Classifier.load, check_model_file):
        with pytest.raises(ModelError, match=sentence):
            use(tmp_path / "odd.model")


def test_missing_parameters_are_refused(tmp_path: Path) -> None:
    model = read_model(cnn_file(tmp_path).read_bytes())
    del model.parameters["blocks/3/b"]
    write_model(tmp_path / "odd.model", model.parameters, model.metadata)
    with pytest.raises(ModelError, match="lacks parameters"):
        Classifier.load(tmp_path / "odd.model")


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'transformer' is not known"):
        Classifier.load(cnn_file(tmp_path, architecture="transformer"))


@pytest.mark.parametrize(
    "metadata",
    [
        {"thresholds": "x"},
        {"thresholds": {"digit": None}},
        {"temperature": "hot"},
        {"temperature": 0},
        {"temperature": -1},
        {"temperature": float("nan")},
        {"architecture": ["cnn"]},
    ],
)
def test_malformed_metadata_is_refused(
    metadata: dict[str, Any], tmp_path: Path
) -> None:
    for use in (Classifier.load, check_model_file):
        with pytest.raises(ModelError, match=r"metadata|calibration"):
            use(cnn_file(tmp_path, **metadata))


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, np.array([print], object))
    with pytest.raises(ModelError):
        Classifier.from_bytes(buffer.getvalue(), "pickled")


def test_metadata_is_loaded(tmp_path: Path) -> None:
    classifier = Classifier.load(cnn_file(tmp_path, command="manage.py train"))
    assert classifier.metadata["command"] == "manage.py train"


def test_a_model_with_another_preprocessing_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="another preprocessing version"):
        Classifier.load(
            cnn_file(tmp_path, preprocessing_version=PREPROCESSING_VERSION + 1)
        )


def test_a_failed_write_leaves_the_old_model_in_place(tmp_path: Path) -> None:
    before = cnn_file(tmp_path).read_bytes()
    with pytest.raises(TypeError):
        write_model(tmp_path / "small.model", {}, {"not": object()})
    assert (tmp_path / "small.model").read_bytes() == before


def test_importing_the_service_does_not_load_chainer() -> None:
    code = "import sys, recognizer.inference; sys.exit('chainer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_first_layer_responds_to_a_glyph(glyph: Glyph, tmp_path: Path) -> None:
    responses = Classifier.load(cnn_file(tmp_path)).first_layer(glyph)
    assert responses.shape == (3, 28, 28)
    assert responses.max() > 0


def test_covering_ink_changes_the_reading_and_covering_paper_does_not(
    glyph: Glyph, tmp_path: Path
) -> None:
    drop = Classifier.load(demo_file(tmp_path)).occlusion(glyph)
    assert drop.shape == (28, 28)
    assert drop[:2].tolist() == np.zeros((2, 28)).tolist()
    assert np.abs(drop).max() > 0

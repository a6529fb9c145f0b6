"""Model files become candidates: checked, stored once, under names of their own."""

import io
import pickle
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from recognizer.inference import Classifier
from recognizer.models import TrainedModel
from recognizer.reading.model_files import ModelError, pack_model
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.rollout.candidates import MODEL_MAX_BYTES, find_model, register
from recognizer.rollout.stored_models import free_name, store_model
from tests import candidates
from tests.candidates import MNIST, SHIPPED
from tests.factories import make_model, model_bytes

pytestmark = pytest.mark.django_db


class Explosive:
    """Unpickled, it would leave a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def file(folder: Path, data: bytes, name: str = "better.model") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as failure:
        call_command("register_model", path)
    assert not TrainedModel.objects.exists()
    return str(failure.value)


def test_a_file_becomes_a_candidate_with_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("register_model", file(tmp_path, candidates.twin()))
    model = TrainedModel.objects.get()
    assert model.name == "better"
    assert model.figures == candidates.shipped().metadata["figures"]
    assert bytes(model.parameters) == candidates.twin()
    assert capsys.readouterr().out == f"{model} is stored as a candidate.\n"
    assert active_classifier().sha256 != model.sha256


def test_the_demos_network_can_be_a_candidate() -> None:
    call_command("register_model", MNIST, name="the demo's network")
    assert TrainedModel.objects.get().name == "the demo's network"


def test_a_second_model_of_one_name_gets_a_number() -> None:
    for note in "abc":
        register(candidates.twin(note), "digits")
    names = TrainedModel.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["digits", "digits 2", "digits 3"]


def test_the_longest_name_gets_a_number_too() -> None:
    make_model(name="n" * 100)
    assert free_name("n" * 200) == "n" * 98 + " 2"


def test_the_same_file_again_is_named_as_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, candidates.twin())
    call_command("register_model", path)
    call_command("register_model", path, name="another name")
    model = TrainedModel.objects.get()
    assert f"This file is stored already, as {model}." in capsys.readouterr().out


def test_a_newly_shipped_file_of_an_old_name_gets_a_number(
    model_file: Path, settings: Settings
) -> None:
    get_row(active_classifier())
    settings.MODEL_FILE = model_file.with_name("new") / model_file.name
    settings.MODEL_FILE.parent.mkdir()
    settings.MODEL_FILE.write_bytes(model_bytes(likely=5))
    assert get_row(active_classifier()).name == "tiny 2"


@pytest.mark.django_db(transaction=True)
def test_two_models_of_one_name_at_the_same_moment_both_get_one() -> None:
    start = threading.Barrier(4)

    def store(likely: int) -> str:
        try:
            classifier = Classifier.from_bytes(model_bytes(likely), "tiny")
            start.wait()
            return store_model(classifier)[0].name
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        names = set(threads.map(store, range(4)))
    assert names == {"tiny", "tiny 2", "tiny 3", "tiny 4"}


def test_no_file_no_model_file_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    assert "missing.model cannot be read" in refusal(tmp_path / "missing.model")
    assert "cannot be read" in refusal(tmp_path)
    assert "not a model file" in refusal(SHIPPED.parent / "three.png")
    half = candidates.twin()[:400_000]
    assert "not a model file, or it is damaged" in refusal(file(tmp_path, half))


def test_an_unknown_architecture_and_wrong_shapes_are_refused(tmp_path: Path) -> None:
    unknown = candidates.changed(architecture="transformer")
    assert "'transformer' is not known" in refusal(file(tmp_path, unknown))
    shapes = candidates.shipped().parameters | {"out/W": np.zeros((9, 9))}
    wrong = pack_model(shapes, candidates.shipped().metadata)
    assert "do not have the shapes" in refusal(file(tmp_path, wrong))


def test_a_calibration_out_of_range_is_refused(tmp_path: Path) -> None:
    hot = candidates.changed(temperature=1000.0)
    assert "calibration is out of range" in refusal(file(tmp_path, hot))


def test_another_preprocessing_version_is_refused(tmp_path: Path) -> None:
    older = candidates.changed(preprocessing_version=0)
    assert "another preprocessing version" in refusal(file(tmp_path, older))


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_parameters_that_are_no_numbers_are_refused(
    tmp_path: Path, factor: float
) -> None:
    assert "non-finite" in refusal(file(tmp_path, candidates.scaled(factor)))


def test_numbers_that_overflow_are_refused_in_a_sentence(tmp_path: Path) -> None:
    assert "overflow" in refusal(file(tmp_path, candidates.scaled(1e30)))


def test_a_model_that_reads_the_same_in_everything_is_refused(tmp_path: Path) -> None:
    assert "golden glyphs" in refusal(file(tmp_path, model_bytes()))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.model"
    with path.open("wb") as sparse:
        sparse.truncate(MODEL_MAX_BYTES + 1)
    assert "at most 20 MB" in refusal(path)


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("out/W.npy", bytes(90_000_000))
    assert "90 MB unpacked" in refusal(file(tmp_path, bomb.getvalue()))


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trap = np.array([Explosive(tmp_path / "unpickled")], dtype=object)
    inside = io.BytesIO()
    np.savez(inside, allow_pickle=True, **{"out/W": trap})
    assert "not a model file" in refusal(file(tmp_path, inside.getvalue()))
    bare = pickle.dumps(Explosive(tmp_path / "unpickled"))
    assert "not a model file" in refusal(file(tmp_path, bare))
    assert not (tmp_path / "unpickled").exists()


def test_a_model_is_found_by_name_by_sha256_and_by_file(tmp_path: Path) -> None:
    model, _is_new = register(candidates.twin(), "better")
    assert find_model("better") == model
    assert find_model(model.sha256[:8].upper()) == model
    assert find_model(str(file(tmp_path, candidates.twin()))) == model
    assert find_model("digits").sha256 == active_classifier().sha256


def test_a_file_that_is_named_is_registered(tmp_path: Path) -> None:
    path = file(tmp_path, candidates.twin())
    assert find_model(str(path)) == TrainedModel.objects.get(name="better")


def test_a_model_that_is_not_there_or_not_the_only_one_is_named_as_such() -> None:
    with pytest.raises(ModelError, match="There is no model 'best'"):
        find_model("best")
    for digit in "12":
        make_model(sha256="abcdef" + digit * 58)
    with pytest.raises(ModelError, match="More than one model"):
        find_model("abcdef")

"""A promoted model that cannot be used never takes the site down."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from recognizer.models import Promotion, Submission, TrainedModel
from recognizer.reading import model_files
from recognizer.reading.model_files import ModelError
from recognizer.rollout import active_model
from recognizer.rollout.active_model import active_classifier, find_serving
from tests import candidates
from tests.factories import (
    data_uri,
    make_model,
    make_operator,
    model_bytes,
    picture_bytes,
    upload,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def promote(*models: TrainedModel) -> None:
    for model in models:
        Promotion.objects.create(model=model, why="")


def damage(model: TrainedModel) -> None:
    TrainedModel.objects.filter(pk=model.pk).update(parameters=b"PK damaged")
    candidates.forget()


def served() -> int:
    """The digit that the model which answers reads in everything."""
    seven = picture_bytes()
    submission = Client().post("/send", {"image": upload(seven)}).json()
    return int(submission["digit"])


def test_the_model_promoted_before_a_damaged_one_answers() -> None:
    third, fourth, fifth = (make_model(likely=digit) for digit in (3, 4, 5))
    promote(third, fourth, fifth)
    assert served() == 5
    damage(fifth)
    assert served() == 4
    damage(fourth)
    assert served() == 3
    damage(third)
    assert served() == 7


def test_a_file_that_is_not_the_one_that_was_registered_does_not_answer() -> None:
    model = make_model(likely=3)
    promote(model)
    TrainedModel.objects.update(parameters=model_bytes(likely=4))
    assert served() == 7
    assert "its file is damaged" in find_serving().problem


def test_a_model_of_another_preprocessing_version_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, model_file: Path
) -> None:
    metadata = {"architecture": "cnn", "preprocessing_version": 1}
    arrays = model_files.read_model(model_bytes(likely=3)).parameters
    promote(candidates.store(model_files.pack_model(arrays, metadata)))
    assert served() == 3
    # A deployment that brings another preprocessing
    monkeypatch.setattr(model_files, "PREPROCESSING_VERSION", 2)
    candidates.forget()
    assert served() == 7
    assert "another preprocessing version" in find_serving().problem


def test_after_promotion_and_model_are_deleted_the_one_before_answers() -> None:
    third, fourth = make_model(likely=3), make_model(likely=4)
    promote(third, fourth)
    Promotion.objects.filter(model=fourth).delete()
    fourth.delete()
    assert served() == 3


def test_the_answer_is_stored_with_the_model_that_gave_it() -> None:
    third, fourth = make_model(likely=3), make_model(likely=4)
    promote(third, fourth)
    damage(fourth)
    served()
    assert Submission.objects.get().answer.model == third


def test_it_is_logged_once_and_not_for_each_request(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(likely=3)
    promote(model)
    damage(model)
    monkeypatch.setattr(active_model, "RETRY", 0)
    for _request in range(3):
        assert served() == 7
    said = [r for r in caplog.records if "cannot be used" in r.getMessage()]
    assert len(said) == 1
    assert said[0].levelname == "ERROR"
    assert model.sha256[:8] in said[0].getMessage()


def test_a_file_that_cannot_be_used_is_fetched_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    model = make_model(likely=3)
    promote(model)
    damage(model)
    active_classifier()
    with django_assert_num_queries(2) as queries:
        active_classifier()
    assert not any("parameters" in query["sql"] for query in queries.captured_queries)


def test_a_model_that_was_repaired_answers_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = make_model(likely=3)
    promote(model)
    damage(model)
    assert served() == 7
    TrainedModel.objects.update(parameters=model_bytes(likely=3))
    monkeypatch.setattr(active_model, "RETRY", 0)
    assert served() == 3
    assert find_serving().problem == ""


def test_healthz_is_well_and_says_so(client: Client) -> None:
    model = make_model(likely=3, name="better")
    promote(model)
    assert client.get("/healthz").content == b"ok\n"
    damage(model)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    first, second = answer.content.decode().splitlines()
    assert first == "ok"
    assert second.startswith(f"better ({model.sha256[:8]}) cannot be used: ")
    assert second.endswith("answers instead.")
    assert "tiny (" in second


def test_without_any_usable_model_it_is_not_well(
    client: Client, model_file: Path
) -> None:
    model = make_model(likely=3)
    promote(model)
    damage(model)
    model_file.unlink()
    assert client.get("/healthz").status_code == 503
    with pytest.raises(ModelError):
        active_classifier()


def test_every_page_of_the_admin_says_so_in_large_letters(client: Client) -> None:
    client.force_login(make_operator())
    model = make_model(likely=3, name="better")
    promote(model)
    places = ["/admin/", "/admin/recognizer/submission/"]
    for place in places:
        assert "model-problem" not in client.get(place).content.decode()
    damage(model)
    for place in places:
        page = client.get(place).content.decode()
        assert '<div class="model-problem" role="alert">' in page
        assert f"better ({model.sha256[:8]}) cannot be used" in page


def test_the_admin_works_without_any_usable_model(
    client: Client, model_file: Path
) -> None:
    client.force_login(make_operator())
    model = make_model(likely=3)
    promote(model)
    damage(model)
    model_file.unlink()
    for place in [
        "",
        "submission/",
        "trainedmodel/",
        f"trainedmodel/{model.pk}/change/",
    ]:
        page = client.get(f"/admin/recognizer/{place}")
        assert page.status_code == 200
        assert "No model can be used" in page.content.decode()


def test_who_is_not_logged_in_is_told_nothing(client: Client) -> None:
    model = make_model(likely=3)
    promote(model)
    damage(model)
    assert "model-problem" not in client.get("/admin/login/").content.decode()


def test_an_older_result_goes_on_showing_what_its_own_model_said(
    client: Client,
) -> None:
    client.post("/", {"image": data_uri()})
    submission = Submission.objects.get()
    third = make_model(likely=3)
    promote(third)
    assert "7, quite sure" in client.get(f"/s/{submission.pk}/").content.decode()
    damage(third)
    assert "7, quite sure" in client.get(f"/s/{submission.pk}/").content.decode()

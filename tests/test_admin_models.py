"""Models and promotions in the admin: what operators see and superusers do."""

from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from recognizer.models import Prediction, Promotion, TrainedModel
from recognizer.rollout import candidates as checked
from recognizer.rollout.promotion import PromotionRefused, promote, serving_model
from tests import candidates
from tests.candidates import MNIST, send, twin
from tests.factories import (
    make_model,
    make_prediction,
    make_submission,
    make_user,
    model_bytes,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db

MODELS = "/admin/recognizer/trainedmodel/"
PROMOTIONS = "/admin/recognizer/promotion/"


def page(response: "Response") -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def detail(model: TrainedModel) -> str:
    return f"{MODELS}{model.pk}/change/"


def upload(admin: Client, data: bytes, name: str = "") -> str:
    file = SimpleUploadedFile("better.model", data)
    form = {"file": file, "new_name": name}
    return page(admin.post(f"{MODELS}add/", form, follow=True))


def promote_by_form(admin: Client, model: TrainedModel, **data: str) -> str:
    form = {"model": str(model.pk), "why": "It is better."} | data
    return page(admin.post(f"{PROMOTIONS}add/", form, follow=True))


def compare_on(count: int, model: TrainedModel, digit: int = 7) -> None:
    """Kept-aside drawings of a 7 that the active model reads right."""
    for _ in range(count):
        answer = {"model": serving_model()}
        submission = make_submission(kept_aside=True, label=7, answer=answer)
        make_prediction(submission, model=model, digit=digit)


# Uploading


def test_a_model_file_is_uploaded_as_a_candidate(admin: Client) -> None:
    words = upload(admin, twin(), "by hand")
    model = TrainedModel.objects.get(name="by hand")
    assert f"“{model}” was added" in words
    assert bytes(model.parameters) == twin()


def test_an_uploaded_file_is_named_after_itself_with_a_number(admin: Client) -> None:
    upload(admin, twin("one"))
    upload(admin, twin("two"))
    assert TrainedModel.objects.filter(name__in=["better", "better 2"]).count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no model", "not a model file, or it is damaged"),
        (model_bytes(), "misreads"),
        (candidates.scaled(1e30), "overflow"),
        (candidates.changed(preprocessing_version=0), "another preprocessing version"),
    ],
    ids=["no model", "misreads", "overflow", "preprocessing"],
)
def test_a_file_that_cannot_serve_is_refused_beside_its_field(
    admin: Client, data: bytes, words: str
) -> None:
    assert words in upload(admin, data)
    assert not TrainedModel.objects.filter(name__startswith="better").exists()


def test_a_file_that_is_too_large_is_refused(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "MODEL_MAX_BYTES", 1_000)
    assert "A model file may have at most" in upload(admin, twin())


def test_a_file_that_is_stored_already_is_named(admin: Client) -> None:
    model = candidates.store(twin())
    assert f"stored already, as {model}" in upload(admin, twin())


# The list


def test_the_list_says_which_model_is_active_shipped_or_a_candidate(
    operator: Client,
) -> None:
    candidates.store(MNIST.read_bytes(), "mnist")
    first, second = candidates.store(twin("a")), candidates.store(twin("b"))
    assert page(operator.get(MODELS)).count(">candidate<") == 3
    promote(first, "better", force=True)
    promote(second, "better", force=True)
    words = page(operator.get(MODELS))
    for state in ("candidate", "was active", "active"):
        assert words.count(f">{state}<") == 1
    assert words.count(">shipped with this version, not active<") == 1


def test_a_newly_shipped_file_is_offered_as_a_candidate(
    operator: Client, settings: Settings, model_file: object
) -> None:
    Promotion.objects.create(model=make_model(likely=3, name="promoted"), why="")
    words = page(operator.get(MODELS))
    shipped = TrainedModel.objects.get(name="tiny")
    assert "shipped with this version, not active" in words
    assert "Reasons not to promote" in page(operator.get(detail(shipped)))
    assert serving_model().name == "promoted"


def test_the_list_shows_what_answers_when_the_active_model_cannot(
    operator: Client,
) -> None:
    model = candidates.store(twin())
    promote(model, "better", force=True)
    TrainedModel.objects.filter(pk=model.pk).update(parameters=b"PK damaged")
    candidates.forget()
    words = page(operator.get(MODELS))
    assert "active, but cannot be used" in words
    assert "in use, because the active model cannot be used" in words


def test_the_list_makes_as_many_queries_for_many_models(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for digit in range(8):
        make_model(likely=digit)
    page(operator.get(MODELS))
    with django_assert_max_num_queries(20) as queries:
        page(operator.get(MODELS))
    assert not any('"parameters"' in query["sql"] for query in queries.captured_queries)


# A candidate's page


def test_a_candidates_page_shows_what_is_mended_and_broken(operator: Client) -> None:
    model = candidates.store(twin())
    compare_on(3, model)
    compare_on(2, model, digit=1)
    words = page(operator.get(detail(model)))
    assert "Mended: 0" in words
    assert "Broken: 2" in words
    assert words.count("7 → 1") == 2
    assert words.count("/picture.png") == 2
    assert "p-value of McNemar's exact test: 0.5" in words
    assert "Only 5 of the drawings" in words


def test_the_page_of_the_active_model_compares_nothing(operator: Client) -> None:
    words = page(operator.get(detail(serving_model())))
    assert "This model is in use." in words
    assert "McNemar" not in words


def test_the_page_of_a_damaged_model_says_so(operator: Client) -> None:
    model = candidates.store_damaged(twin())
    words = page(operator.get(detail(model)))
    assert "cannot be used" in words
    assert "Promote this model" not in words


def test_a_superuser_replays_a_candidate_from_its_page(admin: Client) -> None:
    send(7)
    model = candidates.store(twin())
    assert "1 drawing still has to be read by at least one" in page(
        admin.get(detail(model))
    )
    words = page(admin.post(f"{MODELS}{model.pk}/replay/", follow=True))
    assert "Both models have read every drawing." in words
    assert Prediction.objects.filter(model=model).count() == 1


def test_a_long_replay_says_how_much_is_left(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.admin.models.REPLAY_SECONDS", 0)
    monkeypatch.setattr("recognizer.rollout.rereading.BATCH", 1)
    for digit in (7, 8):
        send(digit)
    model = candidates.store(twin())
    words = page(admin.post(f"{MODELS}{model.pk}/replay/", follow=True))
    assert "1 reading is left" in words


def test_a_damaged_model_is_not_replayed(admin: Client) -> None:
    send(7)
    model = candidates.store_damaged(twin())
    words = page(admin.post(f"{MODELS}{model.pk}/replay/", follow=True))
    assert "cannot be used" in words
    assert not Prediction.objects.filter(model=model).exists()


# Promoting


def test_a_model_is_promoted_with_a_reason(admin: Client) -> None:
    model = candidates.store(twin())
    compare_on(30, model)
    assert "Promote this model" in page(admin.get(detail(model)))
    promote_by_form(admin, model)
    promotion = Promotion.objects.get()
    assert promotion.by is not None
    assert (promotion.model, promotion.by.username) == (model, "admin")
    assert (promotion.why, promotion.forced) == ("It is better.", False)
    assert serving_model() == model


def test_the_form_does_not_promote_a_model_that_breaks_drawings(admin: Client) -> None:
    model = candidates.store(twin())
    compare_on(30, model, digit=1)
    for forced in ({}, {"forced": "on"}):
        assert "30 against 0" in promote_by_form(admin, model, **forced)
    assert "Promote this model" not in page(admin.get(detail(model)))
    assert not Promotion.objects.exists()


def test_the_form_does_not_promote_a_broken_file(admin: Client) -> None:
    model = candidates.store_damaged(twin())
    compare_on(30, model)
    assert "cannot be used" in promote_by_form(admin, model, forced="on")
    assert not Promotion.objects.exists()


def test_too_few_labels_are_overridden_by_a_tick_which_is_recorded(
    admin: Client,
) -> None:
    model = candidates.store(twin())
    assert "Only 0 of the drawings" in promote_by_form(admin, model)
    assert not Promotion.objects.exists()
    promote_by_form(admin, model, forced="on")
    assert Promotion.objects.get().forced


def test_a_promotion_needs_a_reason(admin: Client) -> None:
    model = candidates.store(twin())
    promote_by_form(admin, model, forced="on", why=" ")
    assert not Promotion.objects.exists()


def test_what_another_superuser_promoted_in_between_is_said(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.admin.models.check_promotion", lambda model: [])
    words = promote_by_form(admin, candidates.store(twin()))
    assert "Only 0 of the drawings" in words
    assert not Promotion.objects.exists()


# Rolling back


def test_rolling_back_is_one_click(admin: Client) -> None:
    old, new = candidates.store(twin("old"), "old"), candidates.store(twin("new"))
    promote(old, "better", force=True)
    promote(new, "better", force=True)
    assert f"Roll back to {old}" in page(admin.get(MODELS))
    words = page(admin.post(f"{MODELS}roll-back/", follow=True))
    assert f"The active model is now {old}." in words
    assert serving_model() == old


def test_without_a_promotion_no_way_back_is_offered(admin: Client) -> None:
    assert "Roll back" not in page(admin.get(MODELS))
    words = page(admin.post(f"{MODELS}roll-back/", follow=True))
    assert "There is no model to roll back to." in words


# Rights


def test_operators_look_and_do_nothing(operator: Client) -> None:
    old, new = candidates.store(twin("old")), candidates.store(twin("new"))
    promote(old, "better", force=True)
    listed = page(operator.get(MODELS))
    shown = page(operator.get(detail(new)))
    assert "Add model" not in listed
    assert "Roll back" not in listed
    assert "Promote this model" not in shown
    file = SimpleUploadedFile("better.model", twin("third"))
    forms = {
        f"{MODELS}add/": {"file": file},
        f"{MODELS}roll-back/": {},
        f"{MODELS}{new.pk}/replay/": {},
        f"{PROMOTIONS}add/": {"model": new.pk, "why": "better", "forced": "on"},
    }
    for place, form in forms.items():
        assert operator.post(place, form).status_code == 403
    assert TrainedModel.objects.count() == 3  # the shipped one too
    assert Promotion.objects.get().model == old


def test_staff_with_every_right_but_no_superuser_promotes_nothing(
    client: Client,
) -> None:
    from django.contrib.auth.models import Permission

    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.all())
    client.force_login(clerk)
    model = candidates.store(twin())
    form = {"model": model.pk, "why": "better", "forced": "on"}
    assert client.post(f"{PROMOTIONS}add/", form).status_code == 403
    assert client.get(f"{MODELS}add/").status_code == 403


def test_a_click_from_elsewhere_does_nothing(admin: Client) -> None:
    candidates.store(twin())
    assert admin.get(f"{MODELS}roll-back/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user("other", is_staff=True, is_superuser=True))
    assert strict.post(f"{MODELS}roll-back/").status_code == 403


def test_visitors_see_nothing_of_it(client: Client) -> None:
    model = make_model()
    for place in (f"{MODELS}roll-back/", f"{MODELS}{model.pk}/replay/"):
        assert client.post(place).status_code == 302
    with pytest.raises(PromotionRefused):
        promote(model, "better")

"""Reviewing in the admin: what operators see, and what they may change."""

import re
from collections.abc import Collection
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recognizer.models import Prediction, Promotion, Source, Submission
from recognizer.reviewing.labelling import Wanted, set_labels
from tests import candidates
from tests.factories import (
    data_uri,
    make_model,
    make_operator,
    make_prediction,
    make_submission,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db

LIST = "/admin/recognizer/submission/"
READ_ONLY = ["prediction", "trainedmodel", "promotion"]
PROMOTE = "/admin/recognizer/promotion/add/"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    return client


def detail(submission: Submission) -> str:
    return f"{LIST}{submission.pk}/change/"


def page(response: "Response") -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def found(client: Client, **query: Any) -> list[str]:
    """Return the submissions in the list, labelled or not, in its order."""
    query = {"label": "all"} | query
    return re.findall(
        r'name="_selected_action" value="([^"]+)"', page(client.get(LIST, query))
    )


def ids(submissions: Collection[Submission]) -> list[str]:
    return [str(submission.pk) for submission in submissions]


def save_list(
    client: Client, *labels: tuple[Submission, str], follow: bool = False
) -> "Response":
    """Choose labels in the list, which shows the current ones, and press 'Save'."""
    data: dict[str, Any] = {
        "_save": "Save",
        "form-TOTAL_FORMS": len(labels),
        "form-INITIAL_FORMS": len(labels),
    }
    for number, (submission, label) in enumerate(labels):
        data |= {f"form-{number}-uuid": submission.pk, f"form-{number}-label": label}
        data[f"initial-form-{number}-label"] = shown_label(submission)
    return client.post(LIST, data, follow=follow)


def act(
    client: Client, action: str, submissions: Collection[Submission], **data: str
) -> "Response":
    chosen = {"action": action, "_selected_action": ids(submissions), "index": "0"}
    return client.post(LIST, chosen | data, follow=True)


def save_detail(client: Client, submission: Submission, **data: Any) -> "Response":
    inline = {}
    for prefix in ("label_changes", "predictions"):
        for name in ("TOTAL", "INITIAL"):
            inline[f"{prefix}-{name}_FORMS"] = "0"
    return client.post(
        detail(submission), inline | {"initial-label": shown_label(submission)} | data
    )


def shown_label(submission: Submission) -> str:
    return "" if submission.label is None else str(submission.label)


def test_the_newest_submission_comes_first(operator: Client) -> None:
    old, new = (
        make_submission(created=timezone.now() - timedelta(days=days))
        for days in (2, 1)
    )
    assert found(operator) == ids([new, old])


def test_the_list_shows_picture_verdict_claim_and_label(
    operator: Client,
) -> None:
    submission = make_submission(claim=1, label=4, source=Source.UPLOAD)
    listed = page(operator.get(LIST, {"label": "all"}))
    assert f"{LIST}{submission.pk}/picture.png" in listed
    for column, value in {
        "digit": "7",
        "verdict": "a digit",
        "claim": "1",
        "source": "uploaded",
    }.items():
        assert re.search(rf'class="field-{column}[^>]*>{value}<', listed)
    assert '<option value="4" selected>' in listed
    assert "91.0 %" in listed


@pytest.mark.parametrize(
    ("query", "matching", "other"),
    [
        ({"claim_differs": "yes"}, {"claim": 1}, {"claim": 7}),
        ({"claim_differs": "no"}, {"claim": 7}, {"claim": None}),
        ({"claim": 1}, {"claim": 1}, {"claim": 7}),
        ({"claim__isnull": "True"}, {}, {"claim": 7}),
        ({"label": "1"}, {"label": 1}, {"label": 7}),
        ({"label": "12"}, {"label": 12}, {}),
        ({"label": "labelled"}, {"label": 1}, {}),
        ({"kept_aside__exact": "1"}, {"kept_aside": True}, {}),
        ({"source__exact": "api"}, {"source": "api"}, {}),
        ({"answer__verdict__exact": "unsure"}, {"answer": {"verdict": "unsure"}}, {}),
        ({"answer__digit": 3}, {"answer": {"digit": 3}}, {}),
        (
            {"confidence": "low"},
            {"answer": {"confidence": 0.49}},
            {"answer": {"confidence": 0.5}},
        ),
        (
            {"confidence": "middle"},
            {"answer": {"confidence": 0.5}},
            {"answer": {"confidence": 0.8}},
        ),
        (
            {"confidence": "high"},
            {"answer": {"confidence": 0.8}},
            {"answer": {"confidence": 0.95}},
        ),
        (
            {"confidence": "top"},
            {"answer": {"confidence": 1.0}},
            {"answer": {"confidence": 0.94}},
        ),
    ],
)
def test_each_filter_finds_what_it_names(
    operator: Client,
    query: dict[str, Any],
    matching: dict[str, Any],
    other: dict[str, Any],
) -> None:
    wanted, _unwanted = make_submission(**matching), make_submission(**other)
    assert found(operator, **query) == ids([wanted])


def test_it_filters_by_model_and_by_date(operator: Client) -> None:
    old = make_submission(created=timezone.now() - timedelta(days=400))
    new = make_submission(answer={"model": make_model(likely=3)})
    assert found(operator, answer__model__id__exact=new.answer.model.pk) == ids([new])
    assert found(operator, created__year=old.created.year) == ids([old])
    assert found(operator, created__gte=timezone.now() - timedelta(days=7)) == ids(
        [new]
    )


def test_every_filter_is_offered(operator: Client) -> None:
    make_submission()
    make_submission(answer={"model": make_model(likely=3)})
    offered = re.findall(
        r'<details data-filter-title="([^"]+)"', page(operator.get(LIST))
    )
    names = [
        "label",
        "claim differs",
        "verdict",
        "confidence",
        "digit",
        "claim",
        "source",
        "kept aside",
        "model",
        "created",
    ]
    assert offered == names


def test_a_submission_is_found_by_its_code_or_a_part_of_it(operator: Client) -> None:
    submission, _other = make_submission(), make_submission()
    for words in (str(submission.pk), str(submission.pk)[:8], str(submission.pk)[-12:]):
        assert found(operator, q=words) == ids([submission])


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"q": "'"},
        {"claim": "x"},
        {"created__year": "x"},
        {"confidence": "x"},
        {"p": "x"},
    ],
)
def test_invalid_parameters_of_the_list_cause_no_error(
    operator: Client, query: dict[str, str]
) -> None:
    assert operator.get(LIST, query).status_code in (200, 302)


def test_the_detail_page_shows_picture_glyph_bars_and_every_prediction(
    operator: Client,
) -> None:
    submission = make_submission()
    probabilities = [0, 0, 0, 0.6, 0, 0.4, 0, 0, 0, 0]
    make_prediction(
        submission,
        model=make_model(likely=3),
        verdict="unsure",
        digit=3,
        probabilities=probabilities,
    )
    shown = page(operator.get(detail(submission)))
    assert f'src="{LIST}{submission.pk}/picture.png" width="280"' in shown
    assert 'class="glyph" src="data:image/png;base64,' in shown
    assert shown.count("<meter") == 10
    assert "7, quite sure" in shown
    assert "3, perhaps 5" in shown


def test_the_picture_is_the_stored_one(operator: Client) -> None:
    submission = make_submission()
    response = operator.get(f"{LIST}{submission.pk}/picture.png")
    assert (response["Content-Type"], response.content) == (
        "image/png",
        bytes(submission.picture),
    )


def test_only_reviewers_have_access_to_the_picture(client: Client) -> None:
    address = f"{LIST}{make_submission().pk}/picture.png"
    assert client.get(address).status_code == 302
    client.force_login(make_user())
    assert client.get(address).status_code == 302
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(address).status_code == 403


def test_the_pages_take_a_fixed_number_of_queries(
    operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        submission = make_submission(
            claim=1, answer={"model": make_model(score=9.0 + number)}
        )
        make_prediction(submission, model=make_model(score=90.0 + number))
    operator.get(detail(submission))  # content types are asked for once in a process
    with django_assert_num_queries(12):
        assert len(found(operator)) == 30
    with django_assert_num_queries(9):
        operator.get(detail(submission))


@pytest.mark.parametrize(
    "place", [LIST, *(f"/admin/recognizer/{name}/" for name in READ_ONLY), PROMOTE]
)
def test_no_page_fetches_the_parameters_of_models(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries, place: str
) -> None:
    for likely in (3, 4):
        Promotion.objects.create(
            model=make_submission(answer={"model": make_model(likely)}).answer.model
        )
    admin.get(place)  # this process loads the active model, once
    with django_assert_max_num_queries(20) as queries:
        admin.get(place)
    assert not any('"parameters"' in query["sql"] for query in queries.captured_queries)


def test_a_label_is_set_from_the_detail_page_with_who_and_when(
    operator: Client,
) -> None:
    submission = make_submission()
    assert save_detail(operator, submission, label="4").status_code == 302
    assert_labelled(submission, 4)


def test_labels_are_set_from_the_list(operator: Client) -> None:
    one, two = make_submission(), make_submission()
    assert save_list(operator, (one, "10"), (two, "")).status_code == 302
    assert_labelled(one, 10)
    assert_unlabelled(two)


def test_the_list_shows_unlabelled_submissions_by_default(operator: Client) -> None:
    unlabelled, _labelled = make_submission(), make_submission(label=3)
    listed = page(operator.get(LIST))
    shown = re.findall(r'name="_selected_action" value="([^"]+)"', listed)
    assert shown == ids([unlabelled])
    assert 'aria-label="Label of ' in listed


def test_the_history_of_a_label_is_shown_with_the_submission(operator: Client) -> None:
    submission = make_submission()
    set_labels([Wanted(submission.pk, None, 3)], make_user("first"))
    save_detail(operator, Submission.objects.get(), label="12")
    shown = page(operator.get(detail(submission)))
    assert re.search(r"first.*3.*operator.*3.*cannot tell", shown, re.DOTALL)


def test_a_label_for_a_deleted_submission_is_reported(operator: Client) -> None:
    submission = make_submission()
    kept = make_submission()
    Submission.objects.filter(pk=submission.pk).only("pk").delete()
    said = page(save_list(operator, (submission, "4"), (kept, "5"), follow=True))
    assert "1 label was not saved: the submission has been deleted." in said
    assert_labelled(kept, 5)


def test_a_label_is_set_on_many_at_once(operator: Client) -> None:
    chosen, other = [make_submission(), make_submission()], make_submission()
    assert "2 submissions were labelled." in page(
        act(operator, "set_label", chosen, new_label="0")
    )
    for submission in chosen:
        assert_labelled(submission, 0)
    assert_unlabelled(other)


def test_a_label_can_be_removed(operator: Client) -> None:
    submission = make_submission(
        label=3, labelled_by=make_user(), labelled_at=timezone.now()
    )
    save_detail(operator, submission, label="")
    assert_unlabelled(submission)


def test_saving_without_a_change_leaves_who_and_when(operator: Client) -> None:
    reviewer, then = make_user(), timezone.now() - timedelta(days=9)
    submission = make_submission(label=3, labelled_by=reviewer, labelled_at=then)
    save_detail(operator, submission, label="3")
    save_list(operator, (submission, "3"))
    submission.refresh_from_db()
    assert (submission.labelled_by, submission.labelled_at) == (reviewer, then)


def test_a_page_opened_earlier_does_not_overwrite_a_newer_label(
    operator: Client,
) -> None:
    one, two = make_submission(), make_submission()
    assert {"initial-form-0-label", "initial-form-1-label"} <= set(
        re.findall(r'name="([^"]+)"', page(operator.get(LIST)))
    )
    other = make_user("other")
    set_labels([Wanted(two.pk, None, 3)], other)
    said = page(save_list(operator, (one, "5"), (two, "4"), follow=True))
    assert "labelled '3' by other. Your label was not saved." in said
    save_detail(operator, two, label="")
    assert_labelled(one, 5)
    two.refresh_from_db()
    assert (two.label, two.labelled_by) == (3, other)


def test_the_key_of_a_session_is_not_stored() -> None:
    visitor = Client()
    visitor.post("/", {"image": data_uri()})
    (submission,) = Submission.objects.all()
    key = visitor.session.session_key
    assert key
    assert submission.session
    assert key not in str(vars(submission))


@pytest.mark.parametrize("label", ["13", "-1", "seven", "7\0"])
def test_an_invalid_label_changes_nothing(operator: Client, label: str) -> None:
    submission = make_submission()
    assert save_detail(operator, submission, label=label).status_code == 200
    assert save_list(operator, (submission, label)).status_code == 200
    act(operator, "set_label", [submission], new_label=label)
    assert_unlabelled(submission)


def test_the_action_without_a_label_changes_nothing(operator: Client) -> None:
    submission = make_submission(label=3)
    assert "Choose the label beside the action." in page(
        act(operator, "set_label", [submission], new_label="")
    )
    submission.refresh_from_db()
    assert submission.label == 3


def test_only_the_label_can_be_changed(operator: Client) -> None:
    submission = make_submission(claim=1)
    before: dict[str, Any] = dict(Submission.objects.values().get())
    other = {
        "claim": "2",
        "source": "api",
        "verdict": "unsure",
        "digit": "3",
        "labelled_by": "1",
        "uuid": "x",
    }
    save_detail(operator, submission, label="4", **other)
    after = Submission.objects.values().get()
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"label", "labelled_by_id", "labelled_at"}


def test_adding_is_not_possible_even_for_administrators(admin: Client) -> None:
    make_submission()
    for model in ("submission", "prediction"):
        assert admin.get(f"/admin/recognizer/{model}/add/").status_code == 403
        assert admin.post(f"/admin/recognizer/{model}/add/", {}).status_code == 403


def test_an_operator_can_delete_one_or_many(operator: Client) -> None:
    one, two, three = make_submission(), make_submission(), make_submission()
    make_prediction(one, model=make_model(likely=3))
    assert operator.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 302
    act(operator, "delete_selected", [two], post="yes")
    assert list(Submission.objects.all()) == [three]
    assert list(Prediction.objects.all()) == [three.answer]


def test_an_operator_can_view_predictions_models_and_promotions_only(
    operator: Client,
) -> None:
    submission = make_submission()
    model = submission.answer.model
    promotion = Promotion.objects.create(model=model, why="It is better.")
    for name, key in zip(
        READ_ONLY, (submission.answer.pk, model.pk, promotion.pk), strict=True
    ):
        place = f"/admin/recognizer/{name}/"
        assert operator.get(place).status_code == 200
        assert 'name="_save"' not in page(operator.get(f"{place}{key}/change/"))
        assert operator.post(f"{place}{key}/change/", {}).status_code == 403
        assert (
            operator.post(f"{place}{key}/delete/", {"post": "yes"}).status_code == 403
        )
        assert operator.get(f"{place}add/").status_code == 403


def test_an_operator_has_no_access_to_users(operator: Client) -> None:
    assert operator.get("/admin/auth/user/").status_code == 403
    assert "/admin/auth/" not in page(operator.get("/admin/"))


def test_the_operators_have_these_rights_and_no_more() -> None:
    rights = Group.objects.get(name="Operators").permissions.values_list(
        "codename", flat=True
    )
    assert sorted(rights) == [
        "change_submission",
        "delete_submission",
        "view_labelchange",
        "view_prediction",
        "view_promotion",
        "view_submission",
        "view_trainedmodel",
    ]


def test_an_account_that_may_only_view_changes_nothing(client: Client) -> None:
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_submission"))
    client.force_login(clerk)
    submission = make_submission()
    assert client.get(detail(submission)).status_code == 200
    assert save_detail(client, submission, label="4").status_code == 403
    assert save_list(client, (submission, "4")).status_code == 403
    act(client, "set_label", [submission], new_label="4")
    act(client, "delete_selected", [submission], post="yes")
    assert_unlabelled(submission)


@pytest.mark.parametrize(
    "address", [LIST, *(f"/admin/recognizer/{name}/" for name in READ_ONLY)]
)
def test_visitors_have_no_access_to_the_admin(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(make_user())
    assert client.get(address).status_code == 302


def test_a_promotion_is_added_with_who_and_when_and_never_changed(
    admin: Client,
) -> None:
    model = candidates.store(candidates.twin())
    before = timezone.now()
    form = {"model": model.pk, "why": "It is better.", "by": "99", "forced": "on"}
    admin.post(PROMOTE, form)
    promotion = Promotion.objects.get()
    assert promotion.by is not None
    assert (promotion.model, promotion.by.username) == (model, "admin")
    assert promotion.at >= before
    place = f"/admin/recognizer/promotion/{promotion.pk}"
    assert admin.post(f"{place}/change/", {"why": "Another reason."}).status_code == 403
    assert admin.post(f"{place}/delete/", {"post": "yes"}).status_code == 403


def assert_labelled(submission: Submission, label: int) -> None:
    submission.refresh_from_db()
    assert submission.label == label
    assert submission.labelled_by is not None
    assert submission.labelled_by.username == "operator"
    assert submission.labelled_at is not None
    assert timezone.now() - submission.labelled_at < timedelta(minutes=1)


def assert_unlabelled(submission: Submission) -> None:
    submission.refresh_from_db()
    assert (submission.label, submission.labelled_by, submission.labelled_at) == (
        None,
        None,
        None,
    )

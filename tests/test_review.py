"""The review page: who may use it, what it hands out, and what becomes of the labels sent."""

import io
import json
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from recognizer.admin.thumbnails import thumbnail
from recognizer.models import LabelChange, Reservation, Submission
from recognizer.reviewing.labelling import Wanted, set_labels
from recognizer.reviewing.queues import QUEUES, RESERVED_FOR, count_left, hand_out
from tests.factories import (
    draw,
    make_operator,
    make_submission,
    make_user,
    picture_bytes,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/recognizer/submission/review/"
LABELS = PAGE + "labels/"
LIST = "/admin/recognizer/submission/"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


def send(client: Client, **data: Any) -> Any:
    """Send what the page's script sends, and return the response."""
    body = json.dumps({"queue": "all"} | data, default=str)
    return client.post(LABELS, body, content_type="application/json")


def label(submission: Submission, value: int | None, shown: int | None = None) -> Any:
    return {"id": submission.pk, "shown": shown, "label": value}


def offered(client: Client, queue: str = "all", **data: Any) -> list[str]:
    drawings = send(client, queue=queue, more=True, **data).json()["drawings"]
    return [drawing["id"] for drawing in drawings]


def ids(submissions: Collection[Submission]) -> list[str]:
    return [str(submission.pk) for submission in submissions]


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


# Rights


def test_a_visitor_is_sent_to_the_login(client: Client) -> None:
    submission = make_submission()
    assert client.get(PAGE).status_code == 302
    response = send(client, labels=[label(submission, 3)])
    assert (response.status_code, "/login/" in response["Location"]) == (302, True)
    assert not LabelChange.objects.exists()


@pytest.mark.parametrize("rights", [[], ["view_submission"]])
def test_staff_who_may_not_label_are_refused(client: Client, rights: list[str]) -> None:
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(clerk)
    submission = make_submission()
    assert client.get(PAGE).status_code == 403
    response = send(client, labels=[label(submission, 3)], more=True)
    assert response.status_code == 403
    assert response.json() == {"error": "Your account may not label drawings."}
    assert not LabelChange.objects.exists()
    assert not Reservation.objects.exists()


def test_home_and_list_link_to_the_page_for_those_who_may_label(
    client: Client,
) -> None:
    client.force_login(make_operator())
    for place in ("/admin/", LIST):
        assert f'href="{PAGE}"' in client.get(place).content.decode()
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_submission"))
    client.force_login(clerk)
    for place in ("/admin/", LIST):
        assert PAGE not in client.get(place).content.decode()


def test_the_page_is_only_read_and_labels_are_only_posted(operator: Client) -> None:
    make_submission()
    assert operator.post(PAGE).status_code == 405
    assert operator.get(LABELS).status_code == 405
    assert operator.get(PAGE).status_code == 200
    assert not Reservation.objects.exists()


def test_labels_need_the_token_of_the_page() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_operator())
    submission = make_submission()
    assert send(client, labels=[label(submission, 3)]).status_code == 403
    assert not LabelChange.objects.exists()


# Queues


def test_the_kept_aside_sample_is_offered_in_random_order(operator: Client) -> None:
    make_submission()
    kept = [make_submission(kept_aside=True) for _ in range(5)]
    by_id = sorted(kept, key=lambda submission: submission.pk)
    assert offered(operator, "sample", mode="single") == ids(by_id)


def test_the_most_doubtful_are_offered_first(operator: Client) -> None:
    sure, doubtful, between = (make_submission(doubt=d) for d in (0.1, 1.9, 0.5))
    assert offered(operator, "doubtful") == ids([doubtful, between, sure])


def test_the_disputed_are_those_whose_visitor_says_otherwise(operator: Client) -> None:
    old = make_submission(claim=1, created=days_ago(2))
    new = make_submission(claim=10, created=days_ago(1))
    make_submission(claim=7)
    make_submission()
    assert offered(operator, "disputed") == ids([new, old])


def test_a_reading_has_a_queue_of_its_own(operator: Client) -> None:
    seven = make_submission()
    several = make_submission(answer={"digit": None, "verdict": "several"})
    other = make_submission(answer={"digit": None, "verdict": "not_a_digit"})
    assert offered(operator, "read-as-7") == ids([seven])
    assert offered(operator, "read-as-11") == ids([several])
    assert offered(operator, "read-as-10") == ids([other])
    assert offered(operator, "read-as-0") == []


def test_all_are_offered_newest_first_without_the_labelled(operator: Client) -> None:
    old, new = make_submission(created=days_ago(2)), make_submission()
    make_submission(label=3)
    assert offered(operator) == ids([new, old])


def test_a_page_has_sixty_drawings(operator: Client) -> None:
    for _ in range(61):
        make_submission()
    assert len(offered(operator)) == 60


def test_what_the_page_has_already_is_not_offered_again(operator: Client) -> None:
    one, two = make_submission(), make_submission()
    assert offered(operator, skip=ids([two])) == ids([one])


def test_each_queue_says_how_many_are_left(operator: Client) -> None:
    make_submission(kept_aside=True, claim=1)
    make_submission(label=7)
    left = send(operator).json()["left"]
    expected = dict.fromkeys(QUEUES, "0")
    for name in ("sample", "doubtful", "disputed", "all", "read-as-7"):
        expected[name] = "1"
    assert left == expected
    page = operator.get(PAGE).content.decode()
    assert '<span class="left" data-queue="disputed">1</span>' in page


def test_counting_stops_at_a_limit(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.reviewing.queues.MOST_COUNTED", 2)
    monkeypatch.setattr("recognizer.admin.review.MOST_COUNTED", 2)
    for expected in ("1", "2", "2+", "2+"):
        make_submission()
        assert send(operator).json()["left"]["all"] == expected


# Blind mode


def test_blind_mode_tells_neither_the_reading_nor_the_claim(operator: Client) -> None:
    make_submission(claim=1)
    (drawing,) = send(operator, mode="single", blind=True, more=True).json()["drawings"]
    assert set(drawing) == {"id", "thumbnail", "picture", "glyph"}
    page = operator.get(PAGE, {"blind": "1"}).content.decode()
    assert "read-as-" not in page


def test_a_queue_of_one_reading_is_not_offered_blind(operator: Client) -> None:
    response = operator.get(PAGE, {"queue": "read-as-7", "blind": "1"})
    assert response.status_code == 302
    assert response["Location"] == "?queue=sample&blind=1"


# Reservations


def test_two_reviewers_are_not_offered_the_same_drawings(operator: Client) -> None:
    for _ in range(3):
        make_submission()
    other = Client()
    other.force_login(make_operator("other"))
    assert len(offered(operator)) == 3
    assert offered(other) == []
    assert len(offered(operator)) == 3
    assert send(other).json()["left"]["all"] == "3"


def test_a_reservation_expires(operator: Client) -> None:
    submission = make_submission()
    other = Client()
    other.force_login(make_operator("other"))
    offered(operator)
    Reservation.objects.update(until=timezone.now())
    assert offered(other) == ids([submission])
    reservation = Reservation.objects.get()
    assert reservation.by.username == "other"
    assert reservation.until <= timezone.now() + RESERVED_FOR


def test_expired_reservations_are_deleted(operator: Client) -> None:
    Reservation.objects.create(
        submission=make_submission(label=3),
        by=make_user("gone"),
        until=timezone.now() - timedelta(seconds=1),
    )
    offered(operator)
    assert not Reservation.objects.exists()


def test_a_label_for_a_reserved_drawing_is_taken(operator: Client) -> None:
    submission = make_submission()
    hand_out(QUEUES["all"], make_user("other"), 1)
    sent = send(operator, labels=[label(submission, 3)]).json()
    assert sent["saved"] == ids([submission])


# Labels


def test_labels_are_saved_and_the_next_drawings_come_in_one_request(
    operator: Client,
) -> None:
    one, two, three = (make_submission(created=days_ago(day)) for day in range(3))
    answer = send(operator, labels=[label(one, 7), label(two, 12)], more=True).json()
    assert answer["saved"] == ids([one, two])
    assert [drawing["id"] for drawing in answer["drawings"]] == ids([three])
    assert answer["left"]["all"] == "1"
    labels = Submission.objects.order_by("-created").values_list("label", flat=True)
    assert list(labels) == [7, 12, None]


def test_nothing_is_handed_out_that_was_not_asked_for(operator: Client) -> None:
    make_submission()
    assert send(operator).json()["drawings"] == []
    assert not Reservation.objects.exists()


def test_the_same_labels_sent_twice_are_saved_once(operator: Client) -> None:
    submission = make_submission()
    for _ in range(2):
        answer = send(operator, labels=[label(submission, 7)]).json()
        assert answer["saved"] == ids([submission])
    assert LabelChange.objects.count() == 1


def test_a_label_is_taken_back_and_stays_in_the_history(operator: Client) -> None:
    submission = make_submission()
    send(operator, labels=[label(submission, 4)])
    answer = send(operator, labels=[label(submission, None, shown=4)]).json()
    assert answer["saved"] == ids([submission])
    changes = LabelChange.objects.values_list("old", "new")
    assert list(changes) == [(None, 4), (4, None)]
    assert offered(operator) == ids([submission])


def test_a_conflict_says_who_labelled_it_as_what(operator: Client) -> None:
    submission = make_submission()
    set_labels([Wanted(submission.pk, None, 12)], make_user("anna"))
    answer = send(operator, labels=[label(submission, 7)]).json()
    words = f"{ids([submission])[0][:8]}: labelled 'cannot tell' by anna."
    assert answer["saved"] == []
    assert answer["conflicts"] == [
        {
            "id": str(submission.pk),
            "label": 12,
            "words": f"{words} Your label was not saved.",
        }
    ]
    submission.refresh_from_db()
    assert submission.label == 12


def test_a_deleted_drawing_is_reported(operator: Client) -> None:
    kept, missing = make_submission(), str(uuid.uuid4())
    labels = [label(kept, 7), {"id": missing, "shown": None, "label": 7}]
    answer = send(operator, labels=labels).json()
    assert (answer["saved"], answer["missing"]) == (ids([kept]), [missing])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "The request is not a JSON object."),
        ("[]", "The request is not a JSON object."),
        ("{", "The request is not a JSON object."),
        ('{"queue": "none"}', "There is no such queue."),
        ('{"queue": ["all"]}', "There is no such queue."),
        ('{"queue": "all", "labels": 1}', "'labels' must be a list of at most 200."),
        ('{"queue": "all", "skip": {}}', "'skip' must be a list of at most 2000."),
        ('{"queue": "all", "skip": [1]}', "An id is not that of a drawing."),
        ('{"queue": "all", "labels": [7]}', "A label must be an object."),
        (
            '{"queue": "all", "labels": [{"id": "x"}]}',
            "An id is not that of a drawing.",
        ),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    operator: Client, body: str, words: str
) -> None:
    response = operator.post(LABELS, body, content_type="application/json")
    assert response.status_code == 400
    assert response.json() == {"error": words}


@pytest.mark.parametrize("value", [13, -1, "7", True, 7.0, [], "missing"])
@pytest.mark.parametrize("name", ["shown", "label"])
def test_an_unknown_label_changes_nothing(
    operator: Client, name: str, value: object
) -> None:
    good, bad = make_submission(), make_submission()
    sent = label(bad, 3) | {name: value}
    if value == "missing":
        del sent[name]
    response = send(operator, labels=[label(good, 3), sent])
    assert response.status_code == 400
    assert response.json() == {"error": "There is no such label."}
    assert not LabelChange.objects.exists()


def test_too_many_labels_are_refused(operator: Client) -> None:
    submission = make_submission()
    response = send(operator, labels=[label(submission, 3)] * 201)
    assert response.status_code == 400
    assert not LabelChange.objects.exists()


def test_a_request_that_is_not_text_is_refused(operator: Client) -> None:
    response = operator.post(LABELS, b"\xff\xfe\0", content_type="application/json")
    assert response.status_code == 400


# Cost


def test_a_request_takes_few_queries_however_many_drawings_it_has(
    operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna = make_user("anna")
    taken = [make_submission() for _ in range(5)]
    set_labels([Wanted(each.pk, None, 1) for each in taken], anna)
    submissions = [make_submission() for _ in range(30)]
    labels = [label(each, n % 2) for n, each in enumerate(submissions)]
    labels += [label(each, 3) for each in taken]
    for _ in range(70):
        make_submission()
    send(operator)  # the session and the account are the same queries each time
    with django_assert_num_queries(17):
        answer = send(operator, labels=labels, more=True).json()
    assert len(answer["saved"]) == 30
    assert len(answer["conflicts"]) == 5
    assert len(answer["drawings"]) == 60


def test_the_page_takes_few_queries(
    operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_submission()
    with django_assert_num_queries(6):
        operator.get(PAGE)


def test_all_counts_take_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    reviewer: User = make_user()
    make_submission()
    with django_assert_num_queries(1):
        assert count_left(reviewer)["all"] == 1


@pytest.mark.parametrize("size", [40, 280, 1000])
def test_a_thumbnail_is_small_and_keeps_its_shape(size: int) -> None:
    picture = draw(size=size, mode="L").crop((0, 0, size, size // 2))
    small = Image.open(io.BytesIO(thumbnail(picture_bytes(picture))))
    side = min(size, 96)
    assert (small.mode, small.size) == ("L", (side, side // 2))
    assert small.getextrema() != (255, 255)

"""Requests over a limit are refused, and nothing is lost or stored."""

import pytest
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.test import Client

from recognizer.models import Submission, TokenBucket
from tests.factories import blank_png, data_uri, make_submission, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def exhaust() -> None:
    TokenBucket.objects.update(tokens=-100)  # so few that a slow test refills none


def test_the_page_says_how_long_to_wait_and_keeps_the_drawing(client: Client) -> None:
    client.post("/", {"image": data_uri()})
    exhaust()
    response = client.post("/", {"image": data_uri()})
    assert response.status_code == 429
    assert "Please wait" in response.text
    assert data_uri() in response.text
    assert int(response["Retry-After"]) > 0
    assert Submission.objects.count() == 1


def test_a_drawing_over_the_limit_is_not_read(client: Client) -> None:
    client.post("/", {"image": data_uri()})
    exhaust()
    blank = client.post("/", {"image": data_uri(blank_png())})
    assert blank.status_code == 429
    assert "no ink" not in blank.text


def test_a_claim_over_the_limit_changes_nothing(client: Client) -> None:
    client.post("/", {"image": data_uri()})
    submission = Submission.objects.get()
    client.post(f"/s/{submission.pk}/claim", {"claim": "4"})
    exhaust()
    response = client.post(f"/s/{submission.pk}/claim", {"claim": "5"})
    submission.refresh_from_db()
    assert response.status_code == 429
    assert submission.claim == 4


def test_the_api_answers_429_in_json(client: Client) -> None:
    client.post("/send", {"image": upload()})
    exhaust()
    response = client.post("/send", {"image": upload()})
    assert response.status_code == 429
    assert "wait" in response.json()["error"]


def test_attempts_to_guess_a_receipt_code_are_limited(client: Client) -> None:
    submission = make_submission()
    client.post(f"/s/{submission.pk}/delete", {"code": "000000000000"})
    exhaust()
    assert (
        client.post(f"/s/{submission.pk}/delete", {"code": "000000000001"}).status_code
        == 429
    )


@pytest.mark.parametrize("path", ["/", "/guess"])
def test_a_refused_request_stores_no_session(client: Client, path: str) -> None:
    TokenBucket.objects.all().delete()
    assert client.post(path, {"image": data_uri()}).status_code < 400
    exhaust()
    Session.objects.all().delete()
    for _ in range(3):
        assert Client().post(path, {"image": data_uri()}).status_code == 429
    assert not Session.objects.exists()


def test_a_session_begins_with_the_first_submission(client: Client) -> None:
    client.post("/guess", {"image": data_uri()})
    client.post("/", {"image": data_uri(blank_png())})
    client.post(f"/s/{make_submission().pk}/claim", {"claim": "4"})
    client.post(f"/s/{make_submission().pk}/delete", {"code": "000000000000"})
    assert not Session.objects.exists()
    client.post("/", {"image": data_uri()})
    assert Session.objects.count() == 1


def test_a_browser_without_a_session_has_a_limit_of_its_own(client: Client) -> None:
    client.get("/")
    client.post("/guess", {"image": data_uri()})
    limit_per_browser().update(tokens=-100)
    assert client.post("/guess", {"image": data_uri()}).status_code == 429
    neighbour = Client()
    neighbour.get("/")
    assert neighbour.post("/guess", {"image": data_uri()}).status_code == 200


def limit_per_browser() -> "QuerySet[TokenBucket]":
    """Return the buckets of browsers: those of addresses have more tokens."""
    return TokenBucket.objects.filter(tokens__lt=200)

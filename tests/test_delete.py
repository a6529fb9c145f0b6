"""Senders can delete their drawings."""

import uuid

import pytest
from django.test import Client

from recognizer.models import Prediction, Submission
from recognizer.receipts import receipt_code
from tests.factories import data_uri, make_submission, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def send(client: Client) -> Submission:
    response = client.post("/", {"image": data_uri()})
    return Submission.objects.get(pk=response["Location"].split("/")[2])


def test_the_sender_can_delete_a_drawing_permanently(client: Client) -> None:
    submission = send(client)
    response = client.post(f"/s/{submission.pk}/delete", follow=True)
    assert "permanently deleted" in response.text
    assert not Submission.objects.exists()
    assert not Prediction.objects.exists()
    assert client.get(f"/s/{submission.pk}/").status_code == 404


def test_the_receipt_code_deletes_it_from_any_browser(client: Client) -> None:
    submission = send(client)
    code = client.get(f"/s/{submission.pk}/").context["receipt_code"]
    assert (
        Client()
        .post(f"/s/{submission.pk}/delete", {"code": f" {code.upper()} "})
        .status_code
        == 303
    )
    assert not Submission.objects.exists()


def test_nobody_else_can_delete_it(client: Client) -> None:
    submission = send(client)
    stranger = Client()
    send(stranger)
    code = receipt_code(Submission.objects.exclude(pk=submission.pk).get())
    for wrong in ("", code, "é"):
        assert (
            stranger.post(f"/s/{submission.pk}/delete", {"code": wrong}).status_code
            == 403
        )
    assert Submission.objects.filter(pk=submission.pk).exists()


def test_only_the_sender_sees_the_receipt_code(client: Client) -> None:
    submission = send(client)
    assert Client().get(f"/s/{submission.pk}/").context["receipt_code"] is None


def test_a_drawing_from_the_api_cannot_be_deleted_without_its_code(
    client: Client,
) -> None:
    submission = make_submission(source="api")
    assert client.post(f"/s/{submission.pk}/delete").status_code == 403


def test_a_deleted_drawing_cannot_be_deleted_again(client: Client) -> None:
    assert client.post(f"/s/{uuid.uuid4()}/delete").status_code == 404


def test_a_program_deletes_what_it_sent_without_a_cookie() -> None:
    program = Client(enforce_csrf_checks=True)
    sent = program.post("/send", {"image": upload()}).json()
    response = program.post(f"/s/{sent['id']}/delete", {"code": sent["receipt"]})
    assert response.status_code == 303
    assert not Submission.objects.exists()


def test_without_the_code_a_program_is_refused() -> None:
    program = Client(enforce_csrf_checks=True)
    sent = program.post("/send", {"image": upload()}).json()
    for data in ({}, {"code": ""}, {"code": "0" * 12}):
        response = program.post(f"/s/{sent['id']}/delete", data)
        assert response.status_code == 403
    assert Submission.objects.exists()


def test_another_site_cannot_delete_with_the_cookie_of_the_sender() -> None:
    visitor = Client(enforce_csrf_checks=True)
    visitor.get("/")
    token = visitor.cookies["csrftoken"].value
    data = {"image": data_uri(), "csrfmiddlewaretoken": token}
    page = visitor.post("/", data).headers["Location"]
    assert visitor.post(f"{page}delete").status_code == 403
    token = visitor.cookies["csrftoken"].value
    deleted = visitor.post(f"{page}delete", {"csrfmiddlewaretoken": token})
    assert deleted.status_code == 303

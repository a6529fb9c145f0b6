"""POST /send with an Idempotency-Key: a retry stores nothing twice."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from recognizer.models import Submission
from tests.factories import blank_png, draw, picture_bytes, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]

KEY = str(uuid.uuid4())


def send(client: Client, key: str = KEY, data: bytes | None = None) -> Any:
    headers = {"Idempotency-Key": key}
    return client.post("/send", {"image": upload(data)}, headers=headers)


def another() -> bytes:
    return picture_bytes(draw(line=20))


def test_a_retry_gets_the_same_answer_and_stores_nothing(client: Client) -> None:
    first, second = send(client), send(client)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert Submission.objects.count() == 1


def test_the_key_of_another_picture_is_refused_in_words(client: Client) -> None:
    send(client)
    response = send(client, data=another())
    assert response.status_code == 422
    assert "was used for another picture" in response.json()["error"]
    assert Submission.objects.count() == 1


def test_other_keys_and_no_key_store_a_picture_again(client: Client) -> None:
    for key in (KEY, str(uuid.uuid4()), "", ""):
        assert send(client, key).status_code == 200
    assert Submission.objects.count() == 4


@pytest.mark.parametrize(
    "key", ["short", "x" * 201, "ключ" * 8, "with spaces in the key", "x" * 20 + "\0"]
)
def test_a_key_that_others_could_choose_is_refused_in_words(
    client: Client, key: str
) -> None:
    response = send(client, key)
    assert response.status_code == 422
    assert "The Idempotency-Key must have" in response.json()["error"]
    assert not Submission.objects.exists()


def test_the_longest_key_is_accepted(client: Client) -> None:
    assert send(client, "~" * 200).status_code == 200


def test_a_key_is_kept_for_24_hours(client: Client) -> None:
    send(client)
    age(timedelta(hours=23))
    send(client)
    assert Submission.objects.count() == 1
    age(timedelta(hours=24))
    assert send(client, data=another()).status_code == 200
    assert Submission.objects.count() == 2


def age(by: timedelta) -> None:
    Submission.objects.update(created=timezone.now() - by)


def test_a_blank_picture_is_answered_again(client: Client) -> None:
    first, second = (send(client, data=blank_png()) for _ in range(2))
    assert first.json() == second.json()
    assert (first.json()["id"], first.json()["receipt"]) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_retries_store_once() -> None:
    start = threading.Barrier(4)
    ids: list[str] = []

    def retry() -> None:
        try:
            start.wait()
            ids.append(send(Client()).json()["id"])
        finally:
            connection.close()

    threads = [threading.Thread(target=retry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert ids == [str(Submission.objects.get().pk)] * 4

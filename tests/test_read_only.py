"""The database takes no writes: 503 in words, and nothing is acknowledged.

tests/production/test_outage.py has the same on a real server and in a browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from recognizer import health
from recognizer.models import HealthCheck, Submission
from tests.factories import data_uri, upload
from tests.statements import before

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]

SQLITE = ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
# Until the test's transaction is rolled back
POSTGRESQL = ("SET TRANSACTION READ ONLY", "")


@contextmanager
def read_only() -> Iterator[None]:
    on, off = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    # Not through Django, which refuses statements after an error
    connection.connection.execute(on)
    yield
    if off:
        connection.connection.execute(off)


@pytest.fixture
def client() -> Client:
    """A client that gets error pages, as a browser does."""
    return Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def always_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "INTERVAL", 0)


def test_a_drawing_is_answered_503_with_the_time_to_wait(client: Client) -> None:
    with read_only():
        response = client.post("/", {"image": data_uri()})
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "No stored drawing is lost." in response.text


def test_the_api_answers_503_in_json(client: Client) -> None:
    with read_only():
        response = client.post("/send", {"image": upload()})
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert list(response.json()) == ["error"]


def test_healthz_is_503(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    with read_only():
        assert client.get("/healthz").status_code == 503


def test_healthz_writes_one_row(client: Client) -> None:
    for _ in range(3):
        assert client.get("/healthz").status_code == 200
    first = HealthCheck.objects.get().at
    client.get("/healthz")
    assert HealthCheck.objects.get().at > first
    assert not Submission.objects.exists()


def test_healthz_writes_at_most_once_a_second(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "INTERVAL", 60)
    client.get("/healthz")
    with before("INSERT", lambda: pytest.fail("written again")):
        assert client.get("/healthz").status_code == 200

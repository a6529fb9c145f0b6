"""Errors of the site itself: what the visitor reads, and what the log says."""

import pytest
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from mnistsite import env
from recognizer.access.middleware import ExceptionPages

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A client that gets error pages, as a browser does."""
    return Client(raise_request_exception=False)


@pytest.fixture
def missing_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recognizer_promotion RENAME TO elsewhere")


def failed_connection() -> OperationalError:
    config = env.database("NOT_SET", "sqlite:////no/such/folder/db.sqlite3")
    with pytest.raises(OperationalError) as caught:
        ConnectionHandler({"default": config})["default"].ensure_connection()
    return caught.value


@pytest.mark.usefixtures("missing_table")
def test_a_missing_table_is_503_and_logged_with_a_traceback(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "Traceback" in caplog.text
    assert "recognizer_promotion" in caplog.text


@pytest.mark.usefixtures("missing_table")
def test_a_developer_sees_a_missing_table_on_the_debug_page(
    client: Client, settings: Settings
) -> None:
    settings.DEBUG = True
    response = client.get("/healthz")
    assert response.status_code == 500
    assert "recognizer_promotion" in response.text
    assert "Traceback" in response.text


@pytest.mark.parametrize("debug", [False, True])
def test_a_lost_database_is_503_in_words_and_a_traceback_in_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    settings.DEBUG = debug
    pages = ExceptionPages(lambda _: HttpResponse())
    request = RequestFactory().get("/about/")
    response = pages.process_exception(request, failed_connection())
    assert response is not None
    assert response.status_code == 503
    assert "No stored drawing is lost." in response.content.decode()
    assert "Traceback" in caplog.text

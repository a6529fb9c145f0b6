"""POST /send, the API: without cookies, and with JSON for every answer and error."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from recognizer.models import Source, Submission
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from tests.factories import (
    blank_png,
    draw,
    model_bytes,
    picture_bytes,
    upload,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


@pytest.fixture
def client() -> Client:
    """A client with CSRF checks, which Django's test client leaves out."""
    return Client(enforce_csrf_checks=True)


def send(
    client: Client, data: bytes | None = None, name: str = "seven.png"
) -> dict[str, Any]:
    response = client.post("/send", {"image": upload(data, name)})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


def predict(path: Path, model: Path) -> dict[str, Any]:
    output = StringIO()
    call_command("predict", path, "--json", "--model", model, stdout=output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_answers_a_picture_and_stores_it(client: Client, kind: str) -> None:
    answer = send(client, picture_bytes(draw(mode="RGB"), kind))
    submission = Submission.objects.get()
    assert answer["id"] == str(submission.pk)
    assert (answer["digit"], answer["verdict"]) == (7, "digit")
    assert (submission.source, submission.session) == (Source.API, "")
    assert client.get(f"/s/{submission.pk}/").status_code == 200


@pytest.mark.parametrize("data", [picture_bytes(), blank_png()], ids=["seven", "blank"])
def test_it_gives_the_answer_of_the_command_and_an_id(
    client: Client, data: bytes, tmp_path: Path, model_file: Path
) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(data)
    answer = send(client, data)
    stored = {"id": None, "receipt": None}
    assert answer | stored | {"path": str(path)} == stored | predict(path, model_file)


@pytest.mark.parametrize(
    ("likely", "score", "verdict"),
    [(7, 1.0, "unsure"), (NOT_A_DIGIT, 8.0, "not_a_digit"), (SEVERAL, 8.0, "several")],
)
def test_every_verdict_is_a_normal_answer(
    client: Client, model_file: Path, likely: int, score: float, verdict: str
) -> None:
    model_file.write_bytes(model_bytes(likely, score))
    answer = send(client)
    assert answer["verdict"] == verdict
    assert (answer["digit"] is None) == (verdict != "unsure")
    assert sum(answer["probabilities"]) == pytest.approx(1)


def test_a_blank_picture_is_answered_and_not_stored(client: Client) -> None:
    answer = send(client, blank_png())
    assert (answer["id"], answer["verdict"], answer["digit"]) == (None, "blank", None)
    assert (answer["confidence"], answer["probabilities"]) == (0, None)
    assert not Submission.objects.exists()


def test_it_sets_no_cookie(client: Client) -> None:
    response = client.post("/send", {"image": upload()})
    assert not response.cookies


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"GIF89a;", "neither a PNG nor a JPEG"),
        (picture_bytes()[:200], "damaged or incomplete"),
        (bytes(10_000_001), "larger than 10 MB"),
    ],
)
def test_an_invalid_file_is_an_error_in_words(
    client: Client, data: bytes, words: str
) -> None:
    response = client.post("/send", {"image": upload(data)})
    assert response.status_code == 422
    assert list(response.json()) == ["error"]
    assert words in response.json()["error"]
    assert not Submission.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"image": "text"}, {"picture": upload()}])
def test_it_names_the_field_that_the_picture_belongs_in(
    client: Client, fields: dict[str, Any]
) -> None:
    response = client.post("/send", fields)
    assert response.status_code == 422
    assert "image" in response.json()["error"]


def test_it_reads_the_last_of_several_pictures(client: Client) -> None:
    response = client.post(
        "/send", {"image": [upload(b"GIF89a;"), upload(name="last.png")]}
    )
    assert response.status_code == 200
    assert response.json()["path"] == "last.png"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("seven.png", "seven.png"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Documents\seven.png", "seven.png"),
        ("<script>.png", "<script>.png"),
        ("七.png", "七.png"),
    ],
)
def test_it_names_the_file_without_its_folders(
    client: Client, name: str, path: str
) -> None:
    boundary = "x"
    disposition = f'form-data; name="image"; filename="{name}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
    body = head.encode() + picture_bytes() + f"\r\n--{boundary}--\r\n".encode()
    response = client.generic(
        "POST", "/send", body, f"multipart/form-data; boundary={boundary}"
    )
    assert response.status_code == 200
    assert response.json()["path"] == path


@pytest.mark.parametrize("name", ["", ".", "..", "/", "\udc80", "x" * 1000, "\0.png"])
def test_an_unusual_file_name_causes_no_error(client: Client, name: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="%s"\r\n\r\n'
    body = (
        head % name.encode("utf-8", "surrogateescape")
        + picture_bytes()
        + b"\r\n--x--\r\n"
    )
    response = client.generic("POST", "/send", body, "multipart/form-data; boundary=x")
    assert response.status_code in (200, 400, 422)
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_a_wrong_method_is_405_with_the_right_one(client: Client, method: str) -> None:
    response = client.generic(method, "/send")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert list(response.json()) == ["error"]


def test_a_huge_request_is_refused_in_json(client: Client) -> None:
    response = client.generic("POST", "/send", b"", CONTENT_LENGTH="30000001")
    assert response.status_code == 413
    assert list(response.json()) == ["error"]


def test_a_chunked_request_is_refused_in_words(client: Client) -> None:
    response = client.generic(
        "POST", "/send", b"", headers={"Transfer-Encoding": "chunked"}
    )
    assert response.status_code == 411
    assert "Content-Length" in response.json()["error"]


def test_a_huge_text_field_is_refused_in_json(client: Client) -> None:
    response = client.post("/send", {"image": "A" * 2_000_000})
    assert response.status_code == 400
    assert list(response.json()) == ["error"]


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(body=st.binary(max_size=300), rest=st.binary(max_size=60), png=st.booleans())
def test_no_bytes_cause_a_server_error(
    client: Client, body: bytes, rest: bytes, png: bool
) -> None:
    head = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"%s\r\n\r\n'
        % rest
    )
    data = head + (picture_bytes() if png else b"") + body
    response = client.generic("POST", "/send", data, "multipart/form-data; boundary=x")
    assert response.status_code < 500
    assert isinstance(response.json(), dict)

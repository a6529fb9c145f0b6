"""The pages: their answers, who has access, and their errors."""

import re
import uuid
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from recognizer.access import visitors
from recognizer.models import Source, Submission
from tests.factories import (
    blank_png,
    data_uri,
    draw,
    make_submission,
    picture_bytes,
    upload,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]

PAGES = ["/", "/about/", "/deleted/"]
NOBODY = uuid.UUID(int=7)


def text(response: "Response") -> str:
    """Return the text of a page."""
    return re.sub(
        r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", response.content.decode()))
    )


def send_drawing(client: Client) -> Submission:
    response = client.post("/", {"image": data_uri()})
    return Submission.objects.get(pk=response["Location"].split("/")[2])


def claim(client: Client, submission: Submission, value: str) -> "Response":
    response = client.post(f"/s/{submission.pk}/claim", {"claim": value})
    submission.refresh_from_db()
    return response


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_headline_a_title_and_a_language(
    client: Client, path: str
) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert re.search(r"<title>\s*\S", page)
    assert '<html lang="en"' in page


def test_a_wrong_method_gets_a_page_that_says_so(client: Client) -> None:
    response = client.get(f"/s/{NOBODY}/claim")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Method not allowed" in text(response)
    assert "This address does not accept GET requests." in text(response)


@pytest.mark.parametrize(
    "path", ["/", "/about/", "/deleted/", "/healthz", "/robots.txt"]
)
def test_a_page_accepts_get_and_head_alone(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        assert client.generic(method, path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/send", "/guess", f"/s/{NOBODY}/claim", f"/s/{NOBODY}/delete"]
)
def test_changes_are_accepted_by_post_alone(client: Client, path: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert client.generic(method, path).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        f"/s/{NOBODY}/",
        f"/s/{NOBODY}/how/",
        "/s/7/",
        "/nothing",
        "/s/",
        "/s/%00/",
        "/%ff",
    ],
)
def test_a_missing_page_is_404_in_words(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "This page does not exist, or the drawing has been deleted." in text(
        response
    )


def test_a_drawing_leads_to_its_result(client: Client) -> None:
    response = client.post("/", {"image": data_uri()})
    submission = Submission.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/s/{submission.pk}/"
    assert submission.source == Source.CANVAS
    assert submission.session == visitors.pseudonym(str(client.session.session_key))


def test_a_file_leads_to_its_result(client: Client) -> None:
    response = client.post("/", {"image": "", "file": upload()})
    assert response.status_code == 303
    assert Submission.objects.get().source == Source.UPLOAD


def test_the_result_shows_the_digit_and_the_confidence(client: Client) -> None:
    answer = {"confidence": 0.91}
    page = text(client.get(f"/s/{make_submission(answer=answer).pk}/"))
    assert "7, quite sure" in page
    assert "91.0 %" in page


@pytest.mark.parametrize(
    ("verdict", "headline", "advice"),
    [
        ("unsure", "7, perhaps 2", "Both are likely."),
        ("not_a_digit", "This does not look like a digit", "Its strokes are unlike"),
        ("several", "This looks like more than one digit", "Send each one by itself."),
    ],
)
def test_the_result_gives_advice_when_the_digit_is_not_clear(
    client: Client, verdict: str, headline: str, advice: str
) -> None:
    probabilities = [0, 0, 0.4, 0, 0, 0, 0, 0.6, 0, 0]
    answer = {"verdict": verdict, "probabilities": probabilities}
    page = text(client.get(f"/s/{make_submission(answer=answer).pk}/"))
    assert headline in page
    assert advice in page


def test_the_result_takes_one_query_and_is_not_cached(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    submission = send_drawing(client)
    with django_assert_max_num_queries(1):
        response = client.get(f"/s/{submission.pk}/")
    assert "no-store" in response["Cache-Control"]


def test_anyone_with_the_address_sees_the_result_but_only_the_sender_can_claim(
    client: Client,
) -> None:
    submission = send_drawing(client)
    own, other = (
        browser.get(f"/s/{submission.pk}/").content.decode()
        for browser in (client, Client())
    )
    assert f"/s/{submission.pk}/claim" in own
    assert f"/s/{submission.pk}/claim" not in other


def test_the_steps_of_a_reading_are_shown(client: Client) -> None:
    submission = send_drawing(client)
    for address in (f"/s/{submission.pk}/how/", f"/s/{submission.pk}/how/?occlusion"):
        response = client.get(address)
        assert response.status_code == 200
        assert "Placed by its centre of mass" in text(response)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (
            data_uri(blank_png()),
            "The picture is blank: there is no ink to read. Draw a digit.",
        ),
        (data_uri(picture_bytes()[:300]), "The picture is damaged or incomplete."),
        ("data:,", "The drawing board was empty in the browser."),
        ("<script>alert(1)</script>", "The drawing did not arrive as a PNG data URI."),
    ],
)
def test_an_invalid_drawing_is_returned_with_the_reason(
    client: Client, image: str, sentence: str
) -> None:
    response = client.post("/", {"image": image})
    assert response.status_code == 422
    assert sentence in text(response)
    assert image in unescape(response.content.decode())
    assert "<script>alert" not in response.content.decode()
    assert not Submission.objects.exists()


def test_an_invalid_file_is_refused_with_the_reason(client: Client) -> None:
    response = client.post("/", {"file": upload(b"GIF89a;")})
    assert response.status_code == 422
    assert "The file is neither a PNG nor a JPEG picture." in text(response)


def test_the_drawing_stays_on_the_board_when_the_file_is_invalid(
    client: Client,
) -> None:
    response = client.post("/", {"image": data_uri(), "file": upload(b"GIF89a;")})
    assert data_uri() in unescape(response.content.decode())


def test_the_last_claim_wins(client: Client) -> None:
    submission = send_drawing(client)
    assert claim(client, submission, "1").status_code == 303
    assert claim(client, submission, "10")["Location"].startswith(
        f"/s/{submission.pk}/"
    )
    assert submission.claim == 10
    assert submission.label is None


def test_only_the_sender_can_claim(client: Client) -> None:
    submission = send_drawing(client)
    assert claim(Client(), submission, "1").status_code == 403
    assert submission.claim is None


def test_nobody_can_claim_a_drawing_from_the_api(client: Client) -> None:
    client.get("/")
    submission = make_submission(source=Source.API, session="")
    assert claim(client, submission, "1").status_code == 403


@pytest.mark.parametrize("nonsense", ["", "12", "-1", "seven", "7\0"])
def test_an_invalid_claim_changes_nothing(client: Client, nonsense: str) -> None:
    submission = send_drawing(client)
    claim(client, submission, "3")
    assert claim(client, submission, nonsense).status_code == 422
    assert submission.claim == 3


def test_a_claim_on_a_deleted_drawing_is_404(client: Client) -> None:
    submission = send_drawing(client)
    Submission.objects.all().delete()
    assert client.post(f"/s/{submission.pk}/claim", {"claim": "1"}).status_code == 404


@pytest.mark.parametrize("key", ["x" * 32, "x" * 300, r"\000" * 32, "", "'; --"])
def test_an_invented_session_gives_no_access_and_causes_no_error(
    client: Client, key: str
) -> None:
    submission = send_drawing(client)
    intruder = Client(headers={"cookie": f'sessionid="{key}"'})
    assert intruder.get("/").status_code == 200
    assert intruder.get("/admin/").status_code == 302
    assert claim(intruder, submission, "1").status_code == 403
    assert intruder.post("/", {"image": data_uri()}).status_code == 303


def test_a_form_without_its_csrf_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/", {"image": data_uri()})
    assert response.status_code == 403
    assert "Go back, reload the page and send again." in text(response)
    assert not Submission.objects.exists()


def test_a_huge_request_is_refused_before_it_is_read(client: Client) -> None:
    response = client.generic("POST", "/", b"", CONTENT_LENGTH="30000001")
    assert response.status_code == 413
    assert "Send a smaller picture." in text(response)


@pytest.mark.parametrize("length", ["", "-1", "many", "1e3", "9" * 5000])
def test_an_invalid_content_length_causes_no_error(client: Client, length: str) -> None:
    response = client.generic("POST", "/", b"", "text/plain", CONTENT_LENGTH=length)
    assert response.status_code in (413, 422)


def test_a_drawing_of_megabytes_is_refused(client: Client) -> None:
    response = client.post("/", {"image": "A" * 2_000_000})
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=\N{SNOWMAN}",
        "application/x-www-form-urlencoded; charset=nonsense",
        "application/x-www-form-urlencoded; charset=utf-16",
    ],
)
@pytest.mark.parametrize("path", ["/", "/send", "/guess"])
def test_a_wrong_content_type_is_a_client_error(
    client: Client, path: str, content_type: str
) -> None:
    for body in (b"", b"image=1", b"--x\r\n", b"\xff" * 50):
        assert 400 <= client.generic("POST", path, body, content_type).status_code < 500


def test_more_than_a_thousand_fields_are_refused(client: Client) -> None:
    assert (
        client.post("/", {f"field{number}": "" for number in range(1100)}).status_code
        == 400
    )


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    image=st.text(), file=st.none() | st.binary(max_size=200), name=st.text(min_size=1)
)
def test_no_input_to_the_board_causes_a_server_error(
    client: Client, settings: Settings, image: str, file: bytes | None, name: str
) -> None:
    fields = {"image": image.encode("utf-8", "surrogatepass")}
    files = (
        {}
        if file is None
        else {"file": upload(file, re.sub(r"[/\\.]", "", name) or "x")}
    )
    assert client.post("/", fields | files).status_code in (400, 422, 429)


def test_healthz_is_200_while_database_and_model_work(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "damage", ["missing", "truncated", "empty", "another file", "a folder"]
)
def test_a_broken_model_is_503_in_words_and_keeps_what_is_stored(
    client: Client, model_file: Path, damage: str
) -> None:
    submission = send_drawing(client)
    break_file(model_file, damage)
    assert client.get("/healthz").status_code == 503
    response = client.post("/", {"image": data_uri(picture_bytes(draw(line=20)))})
    assert response.status_code == 503
    assert "The recogniser is not available at the moment." in text(response)
    api = client.post("/send", {"image": upload()})
    assert (api.status_code, list(api.json())) == (503, ["error"])
    assert client.get(f"/s/{submission.pk}/").status_code == 200
    assert Submission.objects.count() == 1


def break_file(path: Path, damage: str) -> None:
    whole = path.read_bytes()
    path.unlink()
    match damage:
        case "truncated":
            path.write_bytes(whole[: len(whole) // 2])
        case "empty":
            path.touch()
        case "another file":
            path.write_bytes(picture_bytes())
        case "a folder":
            path.mkdir()


def test_a_digit_with_little_confidence_is_not_called_sure(client: Client) -> None:
    submission = make_submission(answer={"confidence": 0.4})
    assert "7, if it is a digit" in client.get(submission.get_absolute_url()).text

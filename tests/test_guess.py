"""POST /guess: readings while the visitor is drawing."""

import pytest
from django.test import Client

from recognizer.models import Submission, TokenBucket
from tests.factories import blank_png, data_uri

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def test_it_answers_and_stores_nothing(client: Client) -> None:
    response = client.post("/guess", {"image": data_uri()})
    said = response.json()
    assert (said["digit"], said["verdict"], said["headline"]) == (
        7,
        "digit",
        "7, quite sure",
    )
    assert sum(said["probabilities"]) == pytest.approx(1)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("image", ["", "data:,", "nonsense", data_uri(blank_png())])
def test_a_drawing_that_cannot_be_read_gets_a_sentence(
    client: Client, image: str
) -> None:
    response = client.post("/guess", {"image": image})
    assert response.status_code == 422
    assert response.json()["error"].endswith(".")


def test_too_many_guesses_are_refused_and_sending_still_works(
    client: Client,
) -> None:
    client.post("/guess", {"image": data_uri()})
    TokenBucket.objects.update(tokens=-100)  # so few that a slow test refills none
    response = client.post("/guess", {"image": data_uri()})
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert "wait" in response.json()["error"]
    assert client.post("/", {"image": data_uri()}).status_code == 303


def test_it_needs_a_csrf_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/guess", {"image": data_uri()})
    assert response.status_code == 403
    assert "error" in response.json()

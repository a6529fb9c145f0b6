"""How a drawing was read: each step, with the numbers of the model that answered."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings

from recognizer import submissions
from recognizer.explanation import explain
from recognizer.inference import get_classifier
from recognizer.models import Promotion, Source, Submission, TokenBucket
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.pictures import read_picture
from recognizer.templatetags.drawings import percent
from recognizer.uploads import read_drawing
from tests.factories import blank_png, make_model, make_user, picture_bytes

pytestmark = pytest.mark.usefixtures("model_file")

TITLES = 6  # as sent, ink, margin, fitted, placed, first layer


@pytest.fixture
def model_file(settings: Settings) -> None:
    """A trained network, whose numbers differ from picture to picture."""
    settings.MODEL_FILE = settings.BASE_DIR / "data/mnist.model"


def submit() -> Submission:
    return submissions.submit(read_drawing(picture_bytes()), Source.CANVAS)


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.django_db
def test_the_page_shows_each_step_and_the_numbers_of_the_model(client: Client) -> None:
    submission = submit()
    page = client.get(f"/s/{submission.pk}/how/")
    assert len(page.context["explanation"].steps) == TITLES
    for probability in submission.answer.probabilities:
        assert percent(probability) in page.text
    assert page.context["explanation"].reading.probabilities == pytest.approx(
        submission.answer.probabilities
    )


def test_the_last_step_before_the_network_is_the_glyph_that_it_reads(
    settings: Settings,
) -> None:
    picture = read_picture(picture_bytes())
    steps = explain(picture, get_classifier(settings.MODEL_FILE), occlusion=False).steps
    glyph = make_glyph(picture)
    assert glyph is not None
    assert any(np.array_equal(pixels(step.png), glyph) for step in steps)


@pytest.mark.django_db
def test_the_occlusion_map_is_computed_on_request(client: Client) -> None:
    submission = submit()
    page = client.get(f"/s/{submission.pk}/how/?occlusion")
    steps = page.context["explanation"].steps
    assert len(steps) == TITLES + 1
    red, _green, blue = np.moveaxis(pixels(steps[-1].png).astype(int), 2, 0)
    assert (red > blue + 20).any()


@pytest.mark.django_db
def test_occlusion_maps_are_limited(client: Client) -> None:
    submission = submit()
    client.get(f"/s/{submission.pk}/how/?occlusion")
    TokenBucket.objects.update(tokens=-100)
    assert client.get(f"/s/{submission.pk}/how/?occlusion").status_code == 429
    assert client.get(f"/s/{submission.pk}/how/").status_code == 200


@pytest.mark.django_db
def test_it_explains_the_stored_answer_after_another_model_was_promoted(
    client: Client,
) -> None:
    submission = submit()
    Promotion.objects.create(model=make_model(likely=1), by=make_user(), why="a trial")
    page = client.get(f"/s/{submission.pk}/how/")
    assert page.context["explanation"].reading.digit == submission.answer.digit


def test_predict_explains_in_one_self_contained_file(
    tmp_path: Path, settings: Settings
) -> None:
    picture, page = tmp_path / "seven.png", tmp_path / "seven.html"
    picture.write_bytes(picture_bytes())
    call_command("predict", picture, model=settings.MODEL_FILE, explain=page)
    html = page.read_text("utf-8")
    assert html.count("<h2>") == TITLES + 2
    assert re.findall(r'src="(?!data:)', html) == []
    assert "http" not in html
    for uri in re.findall(r'src="data:image/png;base64,([^"]+)"', html):
        assert pixels(base64.b64decode(uri)).size


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["-"], "--explain takes one picture file."),
        (["a.png", "b.png"], "--explain takes one picture file."),
        (["scans"], "--explain takes one picture file, but scans is a folder."),
        (["missing.png"], "missing.png: No such file or directory."),
        (["text.png"], "text.png: The file is neither a PNG nor a JPEG picture."),
        (
            ["blank.png"],
            "blank.png: The picture is blank: there is nothing to explain.",
        ),
    ],
)
def test_predict_says_what_it_cannot_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scans").mkdir()
    Path("scans/seven.png").write_bytes(picture_bytes())
    Path("blank.png").write_bytes(blank_png())
    Path("text.png").write_text("words")
    with pytest.raises(CommandError) as error:
        call_command("predict", *paths, explain=Path("out.html"))
    assert str(error.value) == sentence
    assert not Path("out.html").exists()


def test_predict_says_where_it_cannot_write_the_explanation(tmp_path: Path) -> None:
    picture, page = tmp_path / "seven.png", tmp_path / "missing/seven.html"
    picture.write_bytes(picture_bytes())
    with pytest.raises(CommandError) as error:
        call_command("predict", picture, explain=page)
    assert str(error.value) == f"{page}: No such file or directory."

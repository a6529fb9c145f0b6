"""What is kept of a picture, and which model answers."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from recognizer import submissions
from recognizer.active_model import active_classifier, get_row
from recognizer.inference import get_classifier
from recognizer.models import Prediction, Promotion, Source, Submission, TrainedModel
from recognizer.reading.glyphs import PREPROCESSING_VERSION, Drawing, make_glyph
from recognizer.reading.pictures import read_picture
from recognizer.uploads import read_drawing
from tests.factories import (
    NOT_A_DIGIT,
    SEVERAL,
    draw,
    make_model,
    make_user,
    model_bytes,
    picture_bytes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def drawing(png: bytes | None = None) -> Drawing:
    return read_drawing(png or picture_bytes())


def submit(session: str = "") -> Submission:
    return submissions.submit(drawing(), Source.CANVAS, session)


def promote(model: TrainedModel, **kwargs: object) -> Promotion:
    return Promotion.objects.create(
        model=model, by=make_user(), why="It is better.", **kwargs
    )


def test_it_keeps_the_answer_with_all_that_led_to_it() -> None:
    answer = Submission.objects.get(pk=submit().pk).answer
    assert (answer.digit, answer.verdict, answer.preprocessing) == (
        7,
        "digit",
        PREPROCESSING_VERSION,
    )
    assert answer.confidence == pytest.approx(max(answer.probabilities), abs=0.01)
    assert sum(answer.probabilities) == pytest.approx(1)
    assert answer.milliseconds > 0
    assert answer.model.architecture == "cnn"


@pytest.mark.parametrize(
    ("likely", "score", "verdict", "digit"),
    [
        (7, 8.0, "digit", 7),
        (7, 1.0, "unsure", 7),
        (NOT_A_DIGIT, 8.0, "not_a_digit", None),
        (SEVERAL, 8.0, "several", None),
    ],
)
def test_every_verdict_on_ink_is_kept(
    model_file: Path, likely: int, score: float, verdict: str, digit: int | None
) -> None:
    model_file.with_name("other.model").write_bytes(model_bytes(likely, score))
    model_file.with_name("other.model").replace(model_file)
    answer = Submission.objects.get(pk=submit().pk).answer
    assert (answer.verdict, answer.digit) == (verdict, digit)


def test_the_picture_is_kept_grey_and_without_metadata() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Somebody")
    submission = submissions.submit(
        drawing(picture_bytes(pnginfo=notes)), Source.UPLOAD
    )
    kept = Image.open(
        io.BytesIO(bytes(Submission.objects.get(pk=submission.pk).picture))
    )
    kept.load()
    assert (kept.format, kept.mode, kept.info) == ("PNG", "L", {})


def test_a_photograph_is_kept_at_1024_pixels_without_its_exif() -> None:
    photograph = draw(size=2000, mode="RGB").crop((0, 0, 2000, 1800))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Somebody's camera", 6
    submission = submissions.submit(
        drawing(picture_bytes(photograph, "JPEG", exif=exif)), Source.UPLOAD
    )
    kept = Image.open(io.BytesIO(bytes(submission.picture)))
    kept.load()
    assert (kept.size, kept.mode, kept.info) == ((922, 1024), "L", {})


@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_the_kept_picture_gives_the_kept_glyph(mode: str) -> None:
    submission = submissions.submit(
        drawing(picture_bytes(draw(size=1500, mode=mode))), Source.UPLOAD
    )
    kept = Submission.objects.get(pk=submission.pk)
    again = make_glyph(read_picture(bytes(kept.picture)))
    assert again is not None
    assert again.tobytes() == bytes(kept.answer.glyph)
    assert len(bytes(kept.answer.glyph)) == 784


def test_the_network_reads_the_kept_glyph() -> None:
    answer = submit().answer
    glyph = np.frombuffer(answer.glyph, np.uint8).reshape(28, 28)
    (again,) = active_classifier().read([glyph])
    assert (again.digit, again.confidence, again.probabilities) == (
        answer.digit,
        answer.confidence,
        answer.probabilities,
    )


def test_the_shipped_model_is_recorded_once() -> None:
    submit()
    submit()
    model = TrainedModel.objects.get()
    assert bytes(model.parameters) == active_classifier().data
    assert model.sha256 == active_classifier().sha256


@pytest.mark.django_db(transaction=True)
def test_two_who_serve_it_first_at_the_same_moment_record_it_once() -> None:
    classifier = active_classifier()
    start = threading.Barrier(4)

    def record(_: int) -> int:
        try:
            start.wait()
            return get_row(classifier).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(record, range(4))) == {TrainedModel.objects.get().pk}


def test_a_promotion_changes_the_active_model() -> None:
    promote(make_model(likely=3))
    assert submit().answer.digit == 3


def test_the_latest_promotion_counts() -> None:
    Promotion.objects.create(
        model=make_model(likely=3), why="", at=timezone.now() - timedelta(hours=1)
    )
    Promotion.objects.create(model=make_model(likely=4), why="")
    Promotion.objects.create(
        model=make_model(likely=5), why="", at=timezone.now() - timedelta(hours=2)
    )
    assert submit().answer.digit == 4


def test_a_newly_shipped_file_displaces_no_promoted_model(model_file: Path) -> None:
    promote(make_model(likely=3))
    model_file.write_bytes(model_bytes(likely=5))
    assert submit().answer.digit == 3


def test_without_a_promotion_a_newly_shipped_file_is_served_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    before = submit().answer
    settings.MODEL_FILE = tmp_path / "new.model"
    settings.MODEL_FILE.write_bytes(model_bytes(likely=5))
    after = submit().answer
    assert (before.digit, after.digit) == (7, 5)
    assert TrainedModel.objects.count() == 2


def test_a_promoted_model_answers_without_the_shipped_file(model_file: Path) -> None:
    promote(make_model(likely=3))
    model_file.unlink()
    assert submit().answer.digit == 3


def test_a_promoted_model_that_is_damaged_loses_no_submission() -> None:
    promote(make_model(parameters=b"PK damaged", sha256="0" * 64))
    answer = submit().answer
    assert (answer.digit, answer.model.sha256) == (7, active_classifier().sha256)


def test_what_the_visitor_was_told_stays_when_a_better_model_comes() -> None:
    submission = submit()
    told = submission.answer
    better = promote(make_model(likely=3)).model
    Prediction.objects.create(
        submission=submission, model=better, preprocessing=PREPROCESSING_VERSION, digit=3, verdict="digit",
        confidence=0.9, probabilities=[0.1] * 10, glyph=told.glyph, milliseconds=1,
    )  # fmt: skip
    kept = Submission.objects.get()
    assert kept.answer == told
    assert kept.answer.digit == 7
    assert kept.predictions.count() == 2


def test_the_same_picture_sent_twice_by_one_visitor_is_one_submission() -> None:
    assert submit("a session") == submit("a session")


def test_the_same_picture_of_two_visitors_is_two_submissions() -> None:
    assert submit("a session") != submit("another session")


def test_without_a_session_every_picture_is_a_submission() -> None:
    assert submit() != submit()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_submission() -> None:
    seven = drawing()
    start = threading.Barrier(4)

    def send(_: int) -> Submission:
        try:
            start.wait()
            return submissions.submit(seven, Source.CANVAS, "a session")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(send, range(4)))) == 1
    assert Submission.objects.count() == Prediction.objects.count() == 1


def test_a_model_file_that_changes_is_read_again(model_file: Path) -> None:
    assert get_classifier(model_file).sha256 == get_classifier(model_file).sha256
    before = get_classifier(model_file)
    model_file.with_name("new").write_bytes(model_bytes(likely=5))
    model_file.with_name("new").replace(model_file)
    assert get_classifier(model_file).sha256 != before.sha256

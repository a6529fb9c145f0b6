"""Storing submissions, and the model that answers."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from recognizer import submissions
from recognizer.inference import get_classifier
from recognizer.models import Prediction, Promotion, Source, Submission, TrainedModel
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import PREPROCESSING_VERSION, Drawing, make_glyph
from recognizer.reading.model_files import read_model, write_model
from recognizer.reading.pictures import read_picture
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.uploads import read_drawing
from tests.factories import (
    blank_png,
    draw,
    make_model,
    make_prediction,
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


def test_it_stores_the_answer_with_its_details() -> None:
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
def test_every_verdict_on_ink_is_stored(
    model_file: Path, likely: int, score: float, verdict: str, digit: int | None
) -> None:
    model_file.with_name("other.model").write_bytes(model_bytes(likely, score))
    model_file.with_name("other.model").replace(model_file)
    answer = Submission.objects.get(pk=submit().pk).answer
    assert (answer.verdict, answer.digit) == (verdict, digit)


def test_the_picture_is_stored_grey_and_without_metadata() -> None:
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


def test_a_photograph_is_stored_at_1024_pixels_without_exif() -> None:
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
def test_the_stored_picture_gives_the_stored_glyph(mode: str) -> None:
    submission = submissions.submit(
        drawing(picture_bytes(draw(size=1500, mode=mode))), Source.UPLOAD
    )
    kept = Submission.objects.get(pk=submission.pk)
    again = make_glyph(read_picture(bytes(kept.picture)))
    assert again is not None
    assert again.tobytes() == bytes(kept.answer.glyph)
    assert len(bytes(kept.answer.glyph)) == 784


def test_the_network_reads_the_stored_glyph() -> None:
    answer = submit().answer
    glyph = np.frombuffer(answer.glyph, np.uint8).reshape(28, 28)
    (again,) = active_classifier().read([glyph])
    assert (again.digit, again.confidence, again.probabilities) == (
        answer.digit,
        answer.confidence,
        answer.probabilities,
    )


def test_a_blank_drawing_is_answered_but_never_stored() -> None:
    blank = drawing(blank_png())
    reply = submissions.reply(blank, Source.API)
    assert (reply.id, reply.answer.verdict) == (None, "blank")
    with pytest.raises(ValueError, match="not stored"):
        submissions.submit(blank, Source.CANVAS)
    assert not Submission.objects.exists()


def test_the_row_of_a_model_holds_its_figures_and_no_other_metadata(
    model_file: Path,
) -> None:
    figures = [{"set": "mnist", "count": 10, "accuracy": 0.9, "refused": 0.1}]
    metadata = {"architecture": "cnn", "seed": 7, "figures": figures}
    model = read_model(model_file.read_bytes())
    write_model(model_file, model.parameters, metadata)
    submit()
    assert TrainedModel.objects.get().figures == figures


def test_the_migration_keeps_only_the_figures_of_models_that_were_stored_before() -> (
    None
):
    figures = [{"set": "mnist", "count": 10}]
    old = make_model(figures={"seed": 7, "figures": figures})
    unmeasured = make_model(likely=3, figures={"seed": 7})
    new = make_model(likely=4, figures=figures)
    migration = import_module(
        "recognizer.migrations.0003_keep_only_the_figures_of_models"
    )
    migration.keep_only_the_figures(apps, None)
    stored = dict(TrainedModel.objects.values_list("pk", "figures"))
    assert stored == {old.pk: figures, unmeasured.pk: [], new.pk: figures}


def test_the_shipped_model_is_stored_once() -> None:
    submit()
    submit()
    model = TrainedModel.objects.get()
    assert bytes(model.parameters) == active_classifier().data
    assert model.sha256 == active_classifier().sha256


@pytest.mark.django_db(transaction=True)
def test_processes_that_serve_a_model_at_the_same_moment_store_it_once() -> None:
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


def test_a_newly_shipped_file_does_not_replace_a_promoted_model(
    model_file: Path,
) -> None:
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


def test_a_damaged_promoted_model_loses_no_submission() -> None:
    promote(make_model(parameters=b"PK damaged", sha256="0" * 64))
    answer = submit().answer
    assert (answer.digit, answer.model.sha256) == (7, active_classifier().sha256)


def test_the_answer_stays_when_a_better_model_reads_the_same_submission() -> None:
    submission = submit()
    told = submission.answer
    better = promote(make_model(likely=3)).model
    make_prediction(submission, model=better, digit=3)
    kept = Submission.objects.get()
    assert kept.answer == told
    assert kept.answer.digit == 7
    assert kept.predictions.count() == 2


def test_the_same_picture_sent_twice_by_one_visitor_is_one_submission() -> None:
    assert submit("a session") == submit("a session")


@pytest.mark.parametrize(("seconds", "is_same"), [(50, True), (70, False)])
def test_the_same_picture_is_the_same_submission_for_a_minute(
    seconds: int, is_same: bool
) -> None:
    first = submit("a session")
    sent = timezone.now() - timedelta(seconds=seconds)
    Submission.objects.update(created=sent)
    second = submit("a session")
    assert (second == first) == is_same
    assert submit("a session") == second
    assert Submission.objects.count() == (1 if is_same else 2)


def test_the_same_picture_from_two_visitors_is_two_submissions() -> None:
    assert submit("a session") != submit("another session")


def test_without_a_session_every_picture_is_a_submission() -> None:
    assert submit() != submit()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earlier", [0, 1])
def test_a_double_click_is_one_submission(
    earlier: int,
) -> None:
    seven = drawing()
    for _ in range(earlier):
        submit("a session")
        Submission.objects.update(created=timezone.now() - timedelta(minutes=2))
    start = threading.Barrier(4)

    def send(_: int) -> Submission:
        try:
            start.wait()
            return submissions.submit(seven, Source.CANVAS, "a session")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(send, range(4)))) == 1
    assert Submission.objects.count() == Prediction.objects.count() == earlier + 1


def test_a_changed_model_file_is_loaded_again(model_file: Path) -> None:
    assert get_classifier(model_file).sha256 == get_classifier(model_file).sha256
    before = get_classifier(model_file)
    model_file.with_name("new").write_bytes(model_bytes(likely=5))
    model_file.with_name("new").replace(model_file)
    assert get_classifier(model_file).sha256 != before.sha256

"""manage.py purge: how long drawings are kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from recognizer.models import Prediction, Submission, TokenBucket
from tests.factories import make_submission

pytestmark = pytest.mark.django_db


def make_old(days: int, **kwargs: Any) -> Submission:
    return make_submission(created=timezone.now() - timedelta(days=days), **kwargs)


def purge(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("purge", *options)
    return capsys.readouterr().out


def test_old_drawings_are_deleted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old, young = (
        make_old(settings.RETENTION_DAYS + 1),
        make_old(settings.RETENTION_DAYS - 1),
    )
    assert "1 drawing deleted." in purge(capsys)
    assert list(Submission.objects.all()) == [young]
    assert not Prediction.objects.filter(submission_id=old.pk).exists()


def test_labelled_drawings_are_deleted_only_with_the_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_old(400, label=7)
    assert "0 drawings" in purge(capsys)
    assert "1 drawing" in purge(capsys, "--labelled")
    assert not Submission.objects.exists()


def test_a_dry_run_deletes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_old(400)
    assert "would be deleted" in purge(capsys, "--dry-run")
    assert Submission.objects.count() == 1


def test_the_age_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    make_old(2)
    assert "1 drawing" in purge(capsys, "--older-than", "1")


def test_many_drawings_are_deleted_in_batches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.management.commands.purge.BATCH", 2)
    for _ in range(5):
        make_old(400)
    assert "5 drawings" in purge(capsys)
    assert not Submission.objects.exists()


def test_no_picture_is_loaded_to_delete_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_old(400)
    with django_assert_max_num_queries(40) as queries:
        purge(capsys)
    assert queries.captured_queries
    for query in queries.captured_queries:
        assert '"picture"' not in query["sql"]
        assert '"glyph"' not in query["sql"]


@pytest.mark.parametrize("days", ["-1", "99999999999", "1000000"])
def test_an_invalid_age_is_refused(days: str) -> None:
    with pytest.raises(CommandError):
        call_command("purge", f"--older-than={days}")


def test_unused_rate_limits_are_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    TokenBucket.objects.create(
        key="idle", tokens=1, updated=timezone.now() - timedelta(days=2)
    )
    TokenBucket.objects.create(key="busy", tokens=1, updated=timezone.now())
    purge(capsys)
    assert [bucket.key for bucket in TokenBucket.objects.all()] == ["busy"]

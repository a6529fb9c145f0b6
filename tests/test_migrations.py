"""Rows that older versions stored get what newer versions need."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from recognizer.models import Submission
from recognizer.reviewing.kept_aside import is_kept_aside

BEFORE = [("recognizer", "0002_operators")]
ROWS = [
    # digit, verdict, claim -> read as, doubt
    (7, "digit", None, 7, 0.11),
    (7, "digit", 7, 7, 0.11),
    (7, "digit", 1, 7, 1.11),
    (None, "not_a_digit", None, 10, 0.19),
    (None, "several", 10, 11, 1.19),
]


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def store(apps: Any, number: int) -> uuid.UUID:
    digit, verdict, claim, *_expected = ROWS[number]
    model, _created = apps.get_model(
        "recognizer", "TrainedModel"
    ).objects.get_or_create(sha256="0", defaults={"name": "old", "parameters": b""})
    submission = apps.get_model("recognizer", "Submission")(
        picture=bytes([number]), claim=claim, created=timezone.now()
    )
    answer = apps.get_model("recognizer", "Prediction")(
        submission=submission,
        model=model,
        preprocessing=1,
        digit=digit,
        verdict=verdict,
        confidence=0.9,
        probabilities=[0.9 if each == 7 else 0.1 / 9 for each in range(10)],
        glyph=bytes(784),
        milliseconds=1,
    )
    if digit is None:  # a probability of 0.9 that it is no digit
        answer.confidence = 0.09
    submission.answer = answer
    submission.save(force_insert=True)
    answer.save(force_insert=True)
    return uuid.UUID(str(submission.pk))


@pytest.mark.django_db(transaction=True)
def test_older_rows_get_their_place_in_the_review_queues() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("recognizer")
    old = migrate(BEFORE)
    try:
        with transaction.atomic():
            stored = [store(old, number) for number in range(len(ROWS))]
    finally:
        migrate(newest)
    for number, pk in enumerate(stored):
        submission = Submission.objects.select_related("answer").get(pk=pk)
        *_values, read_as, doubt = ROWS[number]
        assert (submission.read_as, submission.answer.read_as) == (read_as, read_as)
        assert submission.doubt == pytest.approx(doubt, abs=0.005)
        assert submission.kept_aside == is_kept_aside("", bytes([number]))


@pytest.mark.django_db(transaction=True)
def test_models_of_one_name_get_numbers() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("recognizer")
    before = migrate([("recognizer", "0007_picture_checksum")])
    try:
        model = before.get_model("recognizer", "TrainedModel")
        for number in range(3):
            model.objects.create(name="digits", sha256=str(number), parameters=b"")
        model.objects.create(name="digits 2", sha256="3", parameters=b"")
    finally:
        after = migrate(newest)
    rows = after.get_model("recognizer", "TrainedModel").objects.order_by("sha256")
    names = list(rows.values_list("name", flat=True))
    rows.all().delete()
    assert names == ["digits", "digits 3", "digits 4", "digits 2"]

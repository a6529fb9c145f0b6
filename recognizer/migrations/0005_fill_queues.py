from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery

from recognizer.reviewing.kept_aside import is_kept_aside

BATCH = 500
NOT_A_DIGIT, SEVERAL = 10, 11


def fill(apps: Any, schema_editor: Any) -> None:
    """Compute for the rows there are what new rows get when they are stored."""
    predictions = apps.get_model("recognizer", "Prediction").objects
    for batch in _batches(predictions.defer("glyph")):
        for prediction in batch:
            prediction.read_as = _read_as(prediction)
            prediction.margin = _margin(prediction)
        predictions.bulk_update(batch, ["read_as", "margin"])
    submissions = apps.get_model("recognizer", "Submission").objects
    for batch in _batches(submissions.all()):
        for submission in batch:
            picture = bytes(submission.picture)
            submission.kept_aside = is_kept_aside(submission.session, picture)
        submissions.bulk_update(batch, ["kept_aside"])
    answer = predictions.filter(pk=OuterRef("answer_id"))
    submissions.update(
        read_as=Subquery(answer.values("read_as")[:1]),
        doubt=1 - Subquery(answer.values("margin")[:1]),
    )
    disputed = Q(claim__isnull=False) & ~Q(claim=F("read_as"))
    submissions.filter(disputed).update(doubt=F("doubt") + 1)


def _batches(rows: Any) -> Iterator[list[Any]]:
    iterator = rows.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _read_as(prediction: Any) -> int:
    if prediction.digit is not None:
        return int(prediction.digit)
    return SEVERAL if prediction.verdict == "several" else NOT_A_DIGIT


def _margin(prediction: Any) -> float:
    """Return the margin of the two likeliest classes, as far as it was stored.

    What is left beside the ten digits is taken for one class, although it may be two.
    """
    largest = max(prediction.probabilities)
    is_digit = prediction.confidence / largest if largest else 0
    classes = [share * is_digit for share in prediction.probabilities]
    second, first = sorted([*classes, 1 - is_digit])[-2:]
    return float(first - second)


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0004_labels_and_queues")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""The queues of drawings to review: their order, how many are left, and who is offered which."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, IntegerField, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recognizer.models import CLAIMS, Reservation, Submission, SubmissionQuerySet

# Counting stops here, so that a long queue costs no more than a short one.
MOST_COUNTED = 200
RESERVED_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Queue:
    """Unlabelled submissions in an order. Each queue is read from an index of its own.

    `reading` is set where the queue holds one reading only.
    """

    name: str
    title: str | Promise
    rows: SubmissionQuerySet
    reading: int | None = None


class CappedCount(Subquery):
    """The number of rows of a queryset with a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


def _build_queues() -> list[Queue]:
    unlabelled = Submission.objects.all().unlabelled()
    by_date = unlabelled.order_by("-created")
    kept_aside = unlabelled.filter(kept_aside=True)
    queues = [
        # Ids are random, so this order is random and stays the same.
        Queue("sample", _("Kept-aside sample"), kept_aside.order_by("uuid")),
        Queue("doubtful", _("Doubtful"), unlabelled.order_by("-doubt")),
        Queue("disputed", _("Disputed"), by_date.disputed()),
        Queue("all", _("All"), by_date),
    ]
    for reading, name in CLAIMS:
        rows = by_date.filter(read_as=reading)
        queues.append(Queue(f"read-as-{reading}", name, rows, reading))
    return queues


QUEUES = {queue.name: queue for queue in _build_queues()}


def count_left(reviewer: Any) -> dict[str, int]:
    """Return how many drawings each queue has, at most MOST_COUNTED + 1, in one query."""
    counts = {}
    for queue in QUEUES.values():
        rows = queue.rows.values("pk")[: MOST_COUNTED + 1]
        counts[queue.name] = CappedCount(rows)
    # A query needs a row to start from. The reviewer's own is always there.
    users = get_user_model().objects.filter(pk=reviewer.pk).order_by()
    (row,) = users.values_list(*counts.values())
    return dict(zip(counts, row, strict=True))


def hand_out(
    queue: Queue, reviewer: Any, count: int, skip: Collection[UUID] = ()
) -> list[Submission]:
    """Return the first drawings that no other reviewer is looking at, and reserve them.

    `skip` are drawings that the reviewer has already.
    """
    now = timezone.now()
    Reservation.objects.filter(until__lte=now).delete()
    of_others = Reservation.objects.filter(
        ~Q(by=reviewer), submission=OuterRef("pk"), until__gt=now
    )
    rows = queue.rows.exclude(pk__in=skip).exclude(Exists(of_others))
    rows = rows.select_related("answer").defer("answer__model")
    with transaction.atomic():
        # Of two reviewers at the same moment, the second gets the rows that come after.
        free = rows.select_for_update(of=("self",), skip_locked=True, no_key=True)
        submissions = list(free[:count])
        _reserve(submissions, reviewer)
    return submissions


def _reserve(submissions: list[Submission], reviewer: Any) -> None:
    until = timezone.now() + RESERVED_FOR
    reservations = []
    for submission in submissions:
        reservation = Reservation(submission=submission, by=reviewer, until=until)
        reservations.append(reservation)
    Reservation.objects.bulk_create(
        reservations,
        update_conflicts=True,
        unique_fields=["submission"],
        update_fields=["by", "until"],
    )

"""Set labels by compare-and-set: labels that changed since the page was shown stay."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from recognizer.models import LabelChange, Submission


@dataclass(frozen=True)
class Wanted:
    """The label that a reviewer chose, and the one that the page had shown."""

    submission: UUID
    shown: int | None
    label: int | None


@dataclass(frozen=True)
class Outcome:
    """Which labels were saved.

    `conflicts` had been given another label since the page was shown, and keep it.
    `missing` have been deleted.
    """

    saved: list[UUID] = field(default_factory=list)
    conflicts: list[Submission] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)


def set_labels(wanted: Sequence[Wanted], by: Any) -> Outcome:
    """Set labels that have not changed since the page was shown, and record it."""
    outcome = Outcome()
    changes: list[LabelChange] = []
    with transaction.atomic():
        found = _lock([each.submission for each in wanted])
        for each in wanted:
            submission = found.get(each.submission)
            if submission is None:
                outcome.missing.append(each.submission)
            elif submission.label not in (each.shown, each.label):
                outcome.conflicts.append(submission)
            else:
                outcome.saved.append(each.submission)
                if submission.label != each.label:
                    changes.append(_change(submission, each.label, by))
        _write(changes, by)
    return outcome


def _change(submission: Submission, label: int | None, by: Any) -> LabelChange:
    """Return the row of the history, and set the label in memory.

    So another label for the same submission in the same request is compared with this one.
    """
    change = LabelChange(submission=submission, by=by, old=submission.label, new=label)
    submission.label = label
    return change


def _lock(pks: list[UUID]) -> dict[UUID, Submission]:
    """Return the submissions by id, locked until the transaction ends."""
    rows = Submission.objects.filter(pk__in=pks).only("uuid", "label", "labelled_at")
    # In one order, so that two reviewers cannot wait for each other
    locked = rows.order_by("pk").select_for_update()
    return {submission.pk: submission for submission in locked}


def _write(changes: list[LabelChange], by: Any) -> None:
    now = timezone.now()
    by_label = defaultdict(list)
    for change in changes:
        change.at = now
        by_label[change.new].append(change.submission_id)
    for label, pks in by_label.items():
        is_taken_back = label is None
        Submission.objects.filter(pk__in=pks).update(
            label=label,
            labelled_by=None if is_taken_back else by,
            labelled_at=None if is_taken_back else now,
        )
    LabelChange.objects.bulk_create(changes)

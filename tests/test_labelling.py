"""Labels are set by compare-and-set, and every change stays in the history."""

import threading
import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recognizer.models import LabelChange, Submission
from recognizer.reading.constants import NOT_A_DIGIT
from recognizer.reviewing.kept_aside import is_kept_aside
from recognizer.reviewing.labelling import Outcome, Wanted, set_labels
from tests.factories import make_submission, make_user

pytestmark = pytest.mark.django_db


def label(
    submission: Submission, new: int | None, by: User, shown: int | None = None
) -> Outcome:
    outcome = set_labels([Wanted(submission.pk, shown, new)], by)
    submission.refresh_from_db()
    return outcome


def history(submission: Submission) -> list[tuple[str, int | None, int | None]]:
    changes = submission.label_changes.select_related("by")
    return [(str(change.by), change.old, change.new) for change in changes]


def test_a_label_is_stored_with_who_and_when() -> None:
    submission, reviewer, before = make_submission(), make_user(), timezone.now()
    assert label(submission, NOT_A_DIGIT, reviewer).saved == [submission.pk]
    assert (submission.label, submission.labelled_by) == (NOT_A_DIGIT, reviewer)
    assert submission.labelled_at is not None
    assert before <= submission.labelled_at <= timezone.now()


def test_a_removed_label_leaves_only_its_history() -> None:
    submission, reviewer = make_submission(), make_user()
    label(submission, 3, reviewer)
    label(submission, None, reviewer, shown=3)
    assert submission.label is None
    assert (submission.labelled_by, submission.labelled_at) == (None, None)
    assert history(submission) == [("visitor", None, 3), ("visitor", 3, None)]


def test_a_label_that_changed_since_the_page_was_shown_is_kept() -> None:
    submission, first, second = make_submission(), make_user("a"), make_user("b")
    label(submission, 3, first)
    outcome = label(submission, 5, second)
    assert outcome.conflicts == [submission]
    assert not outcome.saved
    assert (submission.label, submission.labelled_by) == (3, first)
    assert history(submission) == [("a", None, 3)]


def test_the_same_label_from_two_reviewers_is_no_conflict() -> None:
    submission, first, second = make_submission(), make_user("a"), make_user("b")
    label(submission, 3, first)
    assert label(submission, 3, second).saved == [submission.pk]
    assert submission.labelled_by == first
    assert history(submission) == [("a", None, 3)]


def test_a_submission_gets_one_label_in_a_request() -> None:
    submission = make_submission()
    wanted = [Wanted(submission.pk, None, label) for label in (3, 5)]
    outcome = set_labels(wanted, make_user())
    submission.refresh_from_db()
    assert submission.label == 3
    assert (outcome.saved, outcome.conflicts) == ([submission.pk], [submission])
    assert history(submission) == [("visitor", None, 3)]


def test_a_deleted_submission_is_reported() -> None:
    missing = uuid.uuid4()
    outcome = set_labels([Wanted(missing, None, 3)], make_user())
    assert outcome.missing == [missing]
    assert not LabelChange.objects.exists()


def test_many_labels_take_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    submissions = [make_submission() for _ in range(30)]
    wanted = [Wanted(each.pk, None, n % 3) for n, each in enumerate(submissions)]
    reviewer = make_user()
    with django_assert_max_num_queries(8):
        outcome = set_labels(wanted, reviewer)
    assert len(outcome.saved) == 30
    assert LabelChange.objects.count() == 30


def test_the_history_is_deleted_with_its_submission() -> None:
    submission = make_submission()
    label(submission, 3, make_user())
    submission.delete()
    assert not LabelChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_labels_one_is_saved_and_one_is_a_conflict() -> None:
    submission = make_submission()
    reviewers = [make_user("a"), make_user("b")]
    start = threading.Barrier(2)
    outcomes: dict[int, Outcome] = {}

    def review(number: int) -> None:
        try:
            start.wait()
            wanted = Wanted(submission.pk, None, number)
            outcomes[number] = set_labels([wanted], reviewers[number])
        finally:
            connection.close()

    threads = [threading.Thread(target=review, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = [number for number in (0, 1) if outcomes[number].saved]
    conflicts = [number for number in (0, 1) if outcomes[number].conflicts]
    assert sorted(saved + conflicts) == [0, 1]
    submission.refresh_from_db()
    assert [submission.label] == saved
    assert len(history(submission)) == 1


def test_about_one_sender_in_ten_is_kept_aside() -> None:
    kept = sum(is_kept_aside(f"session {number}", b"") for number in range(5000))
    assert 400 < kept < 600


def test_all_submissions_of_a_sender_are_kept_aside_or_none() -> None:
    sides = {is_kept_aside("session", bytes([number])) for number in range(50)}
    assert len(sides) == 1


def test_without_a_session_the_picture_decides() -> None:
    sides = [is_kept_aside("", bytes([number])) for number in range(100)]
    assert sides == [is_kept_aside("", bytes([number])) for number in range(100)]
    assert len(set(sides)) == 2

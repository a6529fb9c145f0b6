"""The queries for submissions, and the constraints of the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from recognizer.models import (
    Prediction,
    Promotion,
    Submission,
    TrainedModel,
)
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT, SEVERAL
from tests.factories import make_model, make_prediction, make_submission, make_user

pytestmark = pytest.mark.django_db

NO_DIGIT = {"digit": None, "verdict": "not_a_digit"}


@pytest.mark.parametrize(
    ("answer", "claim", "disputed", "undisputed"),
    [
        ({}, None, False, False),
        ({}, 7, False, True),
        ({}, 1, True, False),
        ({}, NOT_A_DIGIT, True, False),
        ({"verdict": "unsure"}, 7, False, True),
        (NO_DIGIT, None, False, False),
        (NO_DIGIT, NOT_A_DIGIT, False, True),
        (NO_DIGIT, 0, True, False),
        ({"digit": None, "verdict": "several"}, NOT_A_DIGIT, True, False),
        ({"digit": None, "verdict": "several"}, SEVERAL, False, True),
        ({"digit": 0}, 0, False, True),
    ],
)
def test_a_claim_disputes_or_confirms_the_answer_and_no_claim_does_neither(
    answer: dict[str, Any], claim: int | None, disputed: bool, undisputed: bool
) -> None:
    make_submission(answer=answer, claim=claim)
    assert Submission.objects.all().disputed().exists() == disputed
    assert Submission.objects.all().undisputed().exists() == undisputed


def test_only_a_label_counts_as_labelled() -> None:
    make_submission(claim=7)
    labelled = make_submission(label=0)
    assert list(Submission.objects.all().labelled()) == [labelled]


def test_doubt_grows_with_a_small_margin_a_differing_claim_and_another_model() -> None:
    sure = make_submission(answer={"margin": 0.9})
    close = make_submission(answer={"margin": 0.1})
    claimed = make_submission(claim=1)
    contested = make_submission(claim=1)
    make_prediction(contested, model=make_model(likely=3), digit=3)
    Submission.objects.all().update_doubt()
    by_doubt = list(Submission.objects.order_by("-doubt"))
    assert by_doubt == [contested, claimed, close, sure]


def test_a_claim_is_stored_with_the_doubt_that_it_raises() -> None:
    submission = make_submission()
    Submission.objects.all().set_claim(1)
    submission.refresh_from_db()
    assert submission.claim == 1
    assert submission.doubt == pytest.approx(1.1)


def test_submissions_for_training_and_for_measuring_never_overlap() -> None:
    for kept_aside in (True, False):
        for label in (None, 3, NOT_A_DIGIT, SEVERAL, CANNOT_TELL):
            make_submission(kept_aside=kept_aside, label=label)
    learned = list(Submission.objects.all().to_learn_from())
    measured = list(Submission.objects.all().to_measure_on())
    assert sorted(str(each.label) for each in learned) == ["10", "11", "3"]
    assert sorted(str(each.label) for each in measured) == ["10", "11", "3"]
    assert not any(each.kept_aside for each in learned)
    assert all(each.kept_aside for each in measured)


def test_a_label_is_kept_when_the_reviewers_account_is_deleted() -> None:
    reviewer = make_user()
    submission = make_submission(
        label=3, labelled_by=reviewer, labelled_at=timezone.now()
    )
    reviewer.delete()
    submission.refresh_from_db()
    assert (submission.label, submission.labelled_by) == (3, None)


@pytest.mark.parametrize(
    ("field", "value"), [("claim", -1), ("claim", 12), ("label", -1), ("label", 13)]
)
def test_the_database_refuses_unknown_labels_and_claims(field: str, value: int) -> None:
    submission = make_submission()
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**{field: value})


def test_a_submission_is_deleted_with_its_predictions_and_no_others() -> None:
    gone, kept = make_submission(), make_submission()
    make_prediction(gone, model=make_model(likely=3))
    gone.delete()
    assert list(Submission.objects.all()) == [kept]
    assert list(Prediction.objects.all()) == [kept.answer]
    assert TrainedModel.objects.count() == 2


def test_many_submissions_can_be_deleted_at_once() -> None:
    for _ in range(3):
        make_prediction(
            make_submission(), model=make_model(score=9 + Submission.objects.count())
        )
    Submission.objects.all().delete()
    assert not Prediction.objects.exists()


def test_a_model_reads_a_submission_once_with_each_preprocessing() -> None:
    submission = make_submission()
    make_prediction(submission, preprocessing=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_prediction(submission, preprocessing=2)


def test_a_model_that_has_answered_is_not_deleted() -> None:
    model = make_submission().answer.model
    with pytest.raises(ProtectedError):
        model.delete()


def test_a_promotion_keeps_its_model() -> None:
    promotion = Promotion.objects.create(
        model=make_model(), by=make_user(), why="It is better."
    )
    with pytest.raises(ProtectedError):
        promotion.model.delete()


def test_the_newest_come_first() -> None:
    old, new = (
        make_submission(created=timezone.now() - timedelta(days=days))
        for days in (2, 1)
    )
    assert list(Submission.objects.all()) == [new, old]


def test_lists_do_not_load_the_pictures() -> None:
    make_submission()
    listed = Submission.objects.all().listed().get()
    assert listed.get_deferred_fields() == {"picture"}
    assert listed.answer.get_deferred_fields() == {"glyph"}
    assert listed.answer.model.get_deferred_fields() == {"parameters"}


def test_the_runner_up_is_the_second_likeliest() -> None:
    probabilities = [0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.1, 0.6, 0.0, 0.0]
    assert (
        make_submission(answer={"probabilities": probabilities}).answer.runner_up == 1
    )

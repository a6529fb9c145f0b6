"""What a model has to pass before it answers, and the way back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from recognizer.models import Prediction, Promotion, Submission, TrainedModel
from recognizer.reading.constants import CANNOT_TELL
from recognizer.rollout.active_model import active_classifier
from recognizer.rollout.promotion import (
    FEWEST_LABELS,
    PromotionRefused,
    Refusal,
    judge,
    previous_model,
    promote,
    roll_back,
    serving_model,
)
from recognizer.rollout.replay import Change, Comparison
from tests import candidates
from tests.candidates import MNIST, send, twin
from tests.factories import make_model, make_prediction, make_submission, make_user

WHY = "It is better."


def compared(*kinds: tuple[int, int, int, int]) -> Comparison:
    """A comparison of so many drawings with a label, read before as, and after as."""
    comparison = Comparison()
    for count, label, before, after in kinds:
        for _ in range(count):
            comparison.add(Change(None, label, before, after))
    return comparison


def refusals(*kinds: tuple[int, int, int, int]) -> list[Refusal]:
    return list(judge(compared(*kinds)))


def label_enough(count: int = FEWEST_LABELS, **kwargs: Any) -> list[Submission]:
    """Kept-aside drawings of a 7 that the active model has read as such."""
    answer = {"model": serving_model()} | kwargs.pop("answer", {})
    return [
        make_submission(kept_aside=True, label=7, answer=answer, **kwargs)
        for _ in range(count)
    ]


def read_all(model: TrainedModel, digit: int = 7) -> None:
    for submission in Submission.objects.all():
        make_prediction(submission, model=model, digit=digit)


def refused(model: TrainedModel, *, force: bool = False) -> str:
    before = Promotion.objects.count()
    with pytest.raises(PromotionRefused) as failure:
        promote(model, WHY, force=force)
    assert Promotion.objects.count() == before
    return str(failure.value)


# The judgement of figures


def test_as_many_mended_as_broken_is_no_reason_to_refuse() -> None:
    assert refusals((100, 7, 7, 7), (9, 7, 7, 1), (9, 7, 1, 7)) == []


def test_breaking_more_than_it_mends_is_refused_when_it_is_more_than_chance() -> None:
    many = tuple((10, label, label, label) for label in range(10))
    assert refusals(*many, (1, 3, 3, 4), (1, 4, 4, 3), (1, 5, 5, 4)) == []
    broken = tuple((1, label, label, 11) for label in range(7))
    (refusal,) = refusals(*many, *broken)
    assert "7 against 0" in refusal.words
    assert not refusal.can_be_forced


def test_mending_more_than_it_breaks_is_welcome() -> None:
    assert refusals((40, 7, 7, 7), (20, 7, 1, 7), (2, 7, 7, 1)) == []


def test_non_digits_count_as_digits_do() -> None:
    (refusal,) = refusals((40, 10, 10, 10), (8, 10, 10, 3))
    assert "8 against 0" in refusal.words


def test_one_digit_must_not_pay_for_the_others() -> None:
    (refusal,) = refusals((200, 3, 3, 3), (20, 3, 5, 3), (60, 7, 7, 7), (9, 7, 7, 1))
    assert "digit 7 falls from 100.0 % to 87.0 %" in refusal.words
    assert not refusal.can_be_forced


def test_a_fall_that_may_be_chance_or_is_small_is_let_pass() -> None:
    assert refusals((60, 3, 3, 3), (20, 3, 5, 3), (20, 7, 7, 7), (4, 7, 7, 1)) == []
    assert refusals((60, 3, 3, 3), (20, 3, 5, 3), (600, 7, 7, 7), (9, 7, 7, 1)) == []


def test_fewer_than_thirty_labels_are_too_few_and_can_be_forced() -> None:
    (refusal,) = refusals((29, 7, 7, 7))
    assert "Only 29" in refusal.words
    assert refusal.can_be_forced
    assert refusals((30, 7, 7, 7)) == []


def test_what_was_not_read_by_both_cannot_be_judged() -> None:
    comparison = compared((40, 7, 7, 7))
    comparison.missing = 2
    (refusal,) = judge(comparison)
    assert "2 of the labelled drawings" in refusal.words
    assert not refusal.can_be_forced


# Promotions


@pytest.mark.django_db
def test_a_model_as_good_as_the_active_one_is_promoted() -> None:
    model, user = candidates.store(twin()), make_user()
    label_enough()
    read_all(model)
    promotion = promote(model, WHY, user)
    assert (promotion.model, promotion.why, promotion.by) == (model, WHY, user)
    assert not promotion.forced
    assert active_classifier().sha256 == model.sha256


@pytest.mark.django_db
def test_a_candidate_that_breaks_drawings_is_refused_with_force_too() -> None:
    model = candidates.store(twin())
    label_enough()
    read_all(model, digit=1)
    assert "30 against 0" in refused(model)
    assert "30 against 0" in refused(model, force=True)


@pytest.mark.django_db
def test_too_few_labels_are_overridden_with_force_and_that_is_recorded() -> None:
    model = candidates.store(twin())
    assert "Only 0 of the drawings" in refused(model)
    assert promote(model, WHY, force=True).forced


@pytest.mark.django_db
def test_force_that_is_not_needed_is_not_recorded() -> None:
    model = candidates.store(twin())
    label_enough()
    read_all(model)
    assert not promote(model, WHY, force=True).forced


@pytest.mark.django_db
def test_labels_of_drawings_that_are_not_kept_aside_do_not_count() -> None:
    model = candidates.store(twin())
    label_enough(FEWEST_LABELS - 1)
    in_training, cannot_tell = label_enough(2)
    Submission.objects.filter(pk=in_training.pk).update(kept_aside=False)
    Submission.objects.filter(pk=cannot_tell.pk).update(label=CANNOT_TELL)
    read_all(model)
    assert "Only 29" in refused(model)


@pytest.mark.django_db
def test_fine_figures_do_not_help_a_broken_file() -> None:
    model = candidates.store_damaged(twin())
    label_enough()
    read_all(model)
    assert model.figures == candidates.shipped().metadata["figures"]
    for force in (False, True):
        assert "cannot be used" in refused(model, force=force)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (candidates.scaled(1e30), "overflow"),
        (candidates.changed(temperature=90.0), "golden glyphs"),
    ],
    ids=["overflow", "unsure of everything"],
)
def test_fine_figures_do_not_help_a_model_that_misreads_the_golden_glyphs(
    data: bytes, words: str
) -> None:
    model = candidates.store(data)
    label_enough()
    read_all(model)
    for force in (False, True):
        assert words in refused(model, force=force)


@pytest.mark.django_db
def test_fine_figures_do_not_help_a_model_of_another_preprocessing_version() -> None:
    model = candidates.store(twin())
    older = candidates.changed(preprocessing_version=0)
    TrainedModel.objects.filter(pk=model.pk).update(parameters=older)
    label_enough()
    read_all(model)
    assert "another preprocessing version" in refused(model, force=True)


@pytest.mark.django_db
def test_a_model_that_was_deleted_meanwhile_is_refused() -> None:
    model = candidates.store(twin())
    TrainedModel.objects.filter(pk=model.pk).delete()
    assert "has been deleted" in refused(model)


@pytest.mark.django_db
def test_the_active_model_is_not_promoted_twice() -> None:
    model = candidates.store(twin())
    promote(model, WHY, force=True)
    assert "active already" in refused(model, force=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_the_same_moment_one_is_refused() -> None:
    models = [candidates.store(twin(note)) for note in "ab"]
    serving_model()
    start = threading.Barrier(2)

    def try_it(model: TrainedModel) -> str:
        try:
            start.wait()
            promote(model, WHY, force=True)
        except PromotionRefused as refused:
            return str(refused)
        finally:
            connection.close()
        return "promoted"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(try_it, models))
    assert Promotion.objects.count() == outcomes.count("promoted")
    if Promotion.objects.count() == 1:  # otherwise they came one after the other
        assert "promoted in the meantime" in outcomes[0]


# Rolling back


@pytest.mark.django_db
def test_rolling_back_needs_no_comparison_and_says_from_which_model() -> None:
    old, new = candidates.store(twin("old")), candidates.store(twin("new"), "newer")
    user = make_user()
    promote(old, WHY, force=True)
    promote(new, WHY, force=True)
    promotion = roll_back(user)
    assert (promotion.model, promotion.by, promotion.forced) == (old, user, False)
    assert promotion.why == f"Rolled back from {new}."
    assert active_classifier().sha256 == old.sha256


@pytest.mark.django_db
def test_without_a_promotion_there_is_nothing_to_roll_back_to() -> None:
    assert previous_model() is None
    with pytest.raises(PromotionRefused, match="no model to roll back to"):
        roll_back()


@pytest.mark.django_db
def test_from_the_first_promotion_one_rolls_back_to_the_shipped_file() -> None:
    promote(candidates.store(twin()), WHY, force=True)
    shipped = roll_back().model
    assert shipped.name == "digits"
    assert previous_model() is None


@pytest.mark.django_db
def test_each_step_back_goes_to_the_model_before() -> None:
    first, second, third = (candidates.store(twin(note)) for note in "abc")
    for model in (first, second, third):
        promote(model, WHY, force=True)
    assert [roll_back().model for _ in range(2)] == [second, first]
    assert roll_back().model.name == "digits"


@pytest.mark.django_db
def test_one_does_not_roll_back_to_a_model_that_cannot_be_used() -> None:
    old, new = candidates.store(twin("old")), candidates.store(twin("new"))
    promote(old, WHY, force=True)
    promote(new, WHY, force=True)
    TrainedModel.objects.filter(pk=old.pk).update(parameters=b"PK damaged")
    with pytest.raises(PromotionRefused, match="cannot be used"):
        roll_back()


@pytest.mark.django_db
def test_the_model_that_answers_instead_can_be_promoted_without_comparison() -> None:
    old, new = candidates.store(twin("old")), candidates.store(twin("new"))
    Promotion.objects.create(
        model=old, why=WHY, at=timezone.now() - timedelta(minutes=2)
    )
    Promotion.objects.create(
        model=new, why=WHY, at=timezone.now() - timedelta(minutes=1)
    )
    TrainedModel.objects.filter(pk=new.pk).update(parameters=b"PK damaged")
    candidates.forget()
    assert not promote(old, WHY).forced


@pytest.mark.django_db
def test_from_a_newly_shipped_model_one_rolls_back_to_the_promoted_one(
    settings: Settings, tmp_path: Any
) -> None:
    old = candidates.store(twin("old"))
    promote(old, WHY, force=True)
    settings.MODEL_FILE = tmp_path / "newer.model"
    settings.MODEL_FILE.write_bytes(twin("newly shipped"))
    call_command("promote", "newer", why=WHY, force=True)
    assert previous_model() == old


# The command


@pytest.mark.django_db
def test_the_command_replays_before_it_promotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = candidates.store(twin())
    for digit in range(FEWEST_LABELS):
        send(digit % 10, seed=digit)
    call_command("promote", "better", why=WHY, by=make_user().username)
    assert capsys.readouterr().out == f"{model} is the active model now.\n"
    assert Prediction.objects.filter(model=model).count() == FEWEST_LABELS
    promotion = Promotion.objects.get()
    assert promotion.by is not None
    assert (promotion.model, promotion.by.username) == (model, "visitor")


@pytest.mark.django_db
def test_a_deliberately_bad_candidate_cannot_be_promoted() -> None:
    # The demo's network takes every letter for a digit.
    call_command("register_model", MNIST)
    for seed in range(FEWEST_LABELS):
        send(10, seed=seed)
    for force in (False, True):
        with pytest.raises(CommandError, match=r"\d\d against 0"):
            call_command("promote", "mnist", why=WHY, force=force)
    assert not Promotion.objects.exists()


@pytest.mark.django_db
def test_the_command_names_what_is_missing() -> None:
    make_model(name="better", parameters=b"PK damaged")
    with pytest.raises(CommandError, match="There is no model 'best'"):
        call_command("promote", "best", why=WHY)
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("promote", "better", why=WHY, by="nobody")
    with pytest.raises(CommandError, match="must say why"):
        call_command("promote", "better", why="  ")
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("promote", "better", why=WHY, force=True)


@pytest.mark.django_db
def test_the_command_says_that_force_would_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    candidates.store(twin())
    with pytest.raises(CommandError, match="With --force it is promoted"):
        call_command("promote", "better", why=WHY)
    call_command("promote", "better", why=WHY, force=True)
    assert "is the active model now, forced." in capsys.readouterr().out

"""What makes a model active: a promotion, after the checks that it has to pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from recognizer.models import Promotion, TrainedModel
from recognizer.reading.constants import DIGITS
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import active_classifier, get_row, load_stored
from recognizer.rollout.candidates import shipped_model
from recognizer.rollout.golden import check_golden
from recognizer.rollout.replay import Comparison, Counts, compare

FEWEST_LABELS = 30  # of kept-aside drawings: fewer say too little about a model
LARGEST_FALL = 0.02  # of one digit's accuracy
SIGNIFICANT = 0.05  # p-values below it are more than chance

_passed: set[str] = set()  # SHA-256 of models that have read the golden glyphs


@dataclass(frozen=True)
class Refusal:
    """Why a model is not promoted, as a sentence."""

    words: str
    can_be_forced: bool = False


class PromotionRefused(Exception):  # noqa: N818 - it reads better where it is raised
    """The model is not promoted; `refusals` say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = refusals
        super().__init__(" ".join(refusal.words for refusal in refusals))


def promote(
    candidate: TrainedModel, why: str, by: Any = None, *, force: bool = False
) -> Promotion:
    """Make a model active. Raises PromotionRefused when a check refuses it.

    `force` overrides only refusals that can be forced. That is recorded.
    """
    latest = _latest_promotion()
    refusals = check_promotion(candidate)
    stopping = [each for each in refusals if not (force and each.can_be_forced)]
    if stopping:
        raise PromotionRefused(stopping)
    with transaction.atomic():
        _lock_promotions()
        if _latest_promotion() != latest:
            words = _(
                "Another model was promoted in the meantime. Check that model first."
            )
            raise PromotionRefused([Refusal(words)])
        return Promotion.objects.create(
            model=candidate, why=why, by=by, forced=bool(refusals)
        )


def roll_back(by: Any = None) -> Promotion:
    """Promote the model that was active before. Raises PromotionRefused."""
    before = previous_model()
    if before is None:
        raise PromotionRefused([Refusal(_("There is no model to roll back to."))])
    latest = _latest_promotion()
    now = latest.model if latest else _("the shipped file")
    return promote(before, _("Rolled back from %(model)s.") % {"model": now}, by)


def previous_model() -> TrainedModel | None:
    """Return the model that was active before the active one was first promoted.

    That is the shipped file when nothing else was promoted before, and None without any
    promotion or when the shipped file is the active model.
    """
    promotions = Promotion.objects.select_related("model").defer("model__parameters")
    latest = promotions.first()
    if latest is None:
        return None
    shipped = shipped_model()
    oldest = promotions.order_by("at", "pk")
    if shipped == latest.model and shipped.created <= oldest[0].at:
        return None  # it was active before all promotions
    first = oldest.filter(model=latest.model)[0]
    earlier = promotions.filter(at__lte=first.at).exclude(model=latest.model).first()
    if earlier is not None:
        return earlier.model
    return None if shipped == latest.model else shipped


def serving_model() -> TrainedModel:
    """Return the row of the model that answers. Raises ModelError when none can."""
    return get_row(active_classifier())


def check_promotion(
    candidate: TrainedModel, comparison: Comparison | None = None
) -> list[Refusal]:
    """Return why a model must not be promoted; nothing when it may be.

    `comparison` is that with the serving model, where the caller has made it already.

    A model that is rolled back to, or that answers already because the active one cannot
    be used, only has to be usable: it has been compared before.
    """
    latest = _latest_promotion()
    if latest is not None and latest.model_id == candidate.pk:
        return [Refusal(_("This model is active already."))]
    try:
        _check_usable(candidate)
        serving = serving_model()
    except ModelError as error:
        return [Refusal(str(error))]
    if candidate in (serving, previous_model()):
        return []
    return list(judge(comparison or compare(serving, candidate)))


def judge(comparison: Comparison) -> Iterator[Refusal]:
    """Yield what a comparison with the active model says against a candidate."""
    if comparison.missing:
        words = _(
            "%(count)d of the labelled drawings that are kept aside still have to be read "
            "by at least one of the two models. Replay the model first."
        )
        yield Refusal(words % {"count": comparison.missing})
    labelled = comparison.all.total + comparison.missing
    if labelled < FEWEST_LABELS:
        words = _(
            "Only %(count)d of the drawings that are kept aside are labelled. "
            "%(needed)d are needed to tell which model is better."
        )
        counts = {"count": labelled, "needed": FEWEST_LABELS}
        yield Refusal(words % counts, can_be_forced=True)
    if comparison.all.fall > 0 and comparison.all.p < SIGNIFICANT:
        words = _(
            "The model breaks more than it mends: %(broken)d against %(mended)d "
            "drawings (p-value of McNemar's exact test: %(p)s)."
        )
        yield Refusal(words % _named(comparison.all))
    for digit in range(DIGITS):
        counts_of_digit = comparison.by_label[digit]
        if _falls(counts_of_digit):
            words = _(
                "The accuracy of the digit %(digit)d falls from %(before).1f %% to "
                "%(after).1f %%: the model breaks %(broken)d drawings and mends "
                "%(mended)d."
            )
            yield Refusal(words % (_named(counts_of_digit) | {"digit": digit}))


def _check_usable(model: TrainedModel) -> None:
    """Raise ModelError unless a model can be loaded now and reads the golden glyphs."""
    classifier = load_stored(model.sha256)
    if model.sha256 not in _passed:  # the same bytes always read the same
        check_golden(classifier)
        _passed.add(model.sha256)


def _falls(counts: Counts) -> bool:
    """Whether accuracy falls too far, with enough drawings to tell it from chance."""
    return counts.fall > LARGEST_FALL and counts.fall_p < SIGNIFICANT


def _named(counts: Counts) -> dict[str, Any]:
    return {
        "broken": counts.broken,
        "mended": counts.mended,
        "p": counts.p_text,
        "before": 100 * (counts.before or 0),
        "after": 100 * (counts.after or 0),
    }


def _latest_promotion() -> Promotion | None:
    promotions = Promotion.objects.select_related("model").defer("model__parameters")
    return promotions.first()


def _lock_promotions() -> None:
    """Let one promotion at a time go on, until the transaction ends."""
    # Every promotion locks the oldest model. Answers can still be stored.
    models = TrainedModel.objects.order_by("pk").select_for_update(no_key=True)
    models.values_list("pk", flat=True).first()

"""Questions to the database, as methods with names of the domain."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from recognizer.reading.constants import CANNOT_TELL

if TYPE_CHECKING:
    from recognizer.models import Submission, TrainedModel  # noqa: F401 - in quotes

DISPUTED = Q(claim__isnull=False) & ~Q(claim=F("read_as"))


class TrainedModelManager(models.Manager["TrainedModel"]):
    """Leaves the parameters, megabytes, in the database until they are needed."""

    def get_queryset(self) -> models.QuerySet["TrainedModel"]:
        return super().get_queryset().defer("parameters")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def labelled(self) -> "SubmissionQuerySet":
        return self.filter(label__isnull=False)

    def unlabelled(self) -> "SubmissionQuerySet":
        return self.filter(label__isnull=True)

    def to_learn_from(self) -> "SubmissionQuerySet":
        """Labelled, not kept aside, and the reviewer could tell what it is."""
        return self.labelled().filter(kept_aside=False).exclude(label=CANNOT_TELL)

    def to_measure_on(self) -> "SubmissionQuerySet":
        """Labelled, kept aside, and the reviewer could tell what it is."""
        return self.labelled().filter(kept_aside=True).exclude(label=CANNOT_TELL)

    def disputed(self) -> "SubmissionQuerySet":
        """The visitor's claim differs from what was read."""
        return self.filter(DISPUTED)

    def undisputed(self) -> "SubmissionQuerySet":
        """The visitor confirmed what was read. No claim is no confirmation."""
        return self.filter(claim=F("read_as"))

    def listed(self) -> "SubmissionQuerySet":
        """With everything that a list shows, and without the pictures."""
        return self.select_related("answer__model", "labelled_by").defer(
            "picture", "answer__glyph", "answer__model__parameters"
        )

    def set_claim(self, claim: int) -> int:
        """Store the visitor's claim. Return how many rows were changed."""
        count = self.update(claim=claim)
        self.update_doubt()
        return count

    def update_doubt(self) -> None:
        """Compute the order of the doubtful queue anew.

        Doubt is 0 to 1 for the margin between the two likeliest classes, plus 1 where the
        claim differs, plus 1 where another model reads something else.
        """
        from recognizer.models import Prediction

        answer = Prediction.objects.filter(pk=OuterRef("answer_id"))
        others = Prediction.objects.filter(submission=OuterRef("pk"))
        differs = Exists(others.exclude(read_as=OuterRef("read_as")))
        self.update(
            doubt=1
            - Subquery(answer.values("margin")[:1])
            + _one_if(DISPUTED)
            + _one_if(Q(differs))
        )


def _one_if(condition: Any) -> Case:
    return Case(
        When(condition, then=Value(1.0)),
        default=Value(0.0),
        output_field=models.FloatField(),
    )

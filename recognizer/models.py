import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognizer.reading.constants import DIGITS, NOT_A_DIGIT

CLAIMS = [(digit, str(digit)) for digit in range(DIGITS)] + [
    (NOT_A_DIGIT, _("not a digit"))
]
LABELS = CLAIMS


def _within(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (0, NOT_A_DIGIT)})


class Verdict(models.TextChoices):
    DIGIT = "digit", _("a digit")
    UNSURE = "unsure", _("unsure")
    NOT_A_DIGIT = "not_a_digit", _("not a digit")
    SEVERAL = "several", _("several digits")


class Source(models.TextChoices):
    CANVAS = "canvas", _("drawn")
    UPLOAD = "upload", _("uploaded")
    API = "api", _("API")


class TrainedModelManager(models.Manager["TrainedModel"]):
    """Leaves the parameters, megabytes, in the database until someone asks for them."""

    def get_queryset(self) -> models.QuerySet["TrainedModel"]:
        return super().get_queryset().defer("parameters")


class TrainedModel(models.Model):
    """A model that has answered: what it is, what was measured, and its file for every process to serve."""

    name = models.CharField(_("name"), max_length=100)
    architecture = models.CharField(_("architecture"), max_length=50)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    figures = models.JSONField(_("figures"), default=dict)
    created = models.DateTimeField(_("created"), default=timezone.now)
    parameters = models.BinaryField(_("parameters"))

    objects = TrainedModelManager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:8]})"


class Promotion(models.Model):
    """Append-only: the latest names the active model; without any, the shipped file is active."""

    model = models.ForeignKey(TrainedModel, models.PROTECT, verbose_name=_("model"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    why = models.TextField(_("why"))

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.model}, {self.at:%Y-%m-%d %H:%M}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def labelled(self) -> "SubmissionQuerySet":
        return self.filter(label__isnull=False)

    def disputed(self) -> "SubmissionQuerySet":
        """The visitor says something else than the recogniser did."""
        return self.filter(claim__isnull=False).exclude(claim=self._answered())

    def undisputed(self) -> "SubmissionQuerySet":
        """The visitor has confirmed what the recogniser said; silence is no confirmation."""
        return self.filter(claim=self._answered())

    def doubtful(self) -> "SubmissionQuerySet":
        return self.exclude(answer__verdict=Verdict.DIGIT)

    def listed(self) -> "SubmissionQuerySet":
        """With all that a list shows, and without the pictures."""
        return self.select_related("answer__model", "labelled_by").defer(
            "picture", "answer__glyph", "answer__model__parameters"
        )

    def set_label(self, label: int | None, by: Any) -> int:
        """The reviewer's word, with who and when; None takes it back. Returns how many were labelled."""
        if label is None:
            return self.update(label=None, labelled_by=None, labelled_at=None)
        return self.update(label=label, labelled_by=by, labelled_at=timezone.now())

    @staticmethod
    def _answered() -> Coalesce:
        return Coalesce(
            "answer__digit", NOT_A_DIGIT, output_field=models.SmallIntegerField()
        )


class Submission(models.Model):
    """A picture that somebody sent, and the words on it: the recogniser's, the visitor's, the reviewer's."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created = models.DateTimeField(
        _("created"), default=timezone.now, db_index=True, editable=False
    )
    source = models.CharField(_("source"), max_length=10, choices=Source)
    picture = models.BinaryField(
        _("picture")
    )  # a grey PNG; here because Heroku's disk is lost daily
    session = models.CharField(
        max_length=40, blank=True, editable=False
    )  # visitors.pseudonym
    # Of session, picture and minute: a second click on 'Send' makes no second submission.
    fingerprint = models.CharField(  # noqa: DJ001 - null: many rows have none, and it is unique
        max_length=64, unique=True, null=True, editable=False
    )
    # What the visitor was told; later models add predictions but never change it.
    answer = models.OneToOneField(
        "Prediction",
        models.RESTRICT,
        related_name="+",
        verbose_name=_("answer"),
        editable=False,
    )
    claim = models.SmallIntegerField(_("claim"), null=True, blank=True, choices=CLAIMS)
    label = models.SmallIntegerField(_("label"), null=True, blank=True, choices=LABELS)
    labelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("labelled by"),
    )
    labelled_at = models.DateTimeField(
        _("labelled at"), null=True, blank=True, editable=False
    )

    objects = models.Manager.from_queryset(SubmissionQuerySet)()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(
                condition=_within(field), name=f"submission_{field}_known"
            )
            for field in ("claim", "label")
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def get_absolute_url(self) -> str:
        return reverse("result", args=[self.uuid])


class Prediction(models.Model):
    """What one model read in one submission."""

    # Known before it is saved: a submission and its answer point at each other.
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(
        Submission,
        models.CASCADE,
        related_name="predictions",
        verbose_name=_("submission"),
    )
    model = models.ForeignKey(TrainedModel, models.PROTECT, verbose_name=_("model"))
    preprocessing = models.PositiveSmallIntegerField(_("preprocessing version"))
    created = models.DateTimeField(_("created"), default=timezone.now)
    digit = models.SmallIntegerField(_("digit"), null=True)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    confidence = models.FloatField(_("confidence"))
    probabilities = models.JSONField(_("probabilities"))
    glyph = models.BinaryField(
        _("glyph"), max_length=784
    )  # 28 x 28 bytes, just what the network read
    milliseconds = models.FloatField(_("milliseconds"))

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        ordering = ["created", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "model", "preprocessing"],
                name="one_prediction_by_each_model",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.digit} ({self.verdict})" if self.digit is not None else self.verdict
        )

    @property
    def runner_up(self) -> int:
        return sorted(range(DIGITS), key=self.probabilities.__getitem__)[-2]


class TokenBucket(models.Model):
    """How many requests of one kind an address or a session has left; see limits.py."""

    key = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    updated = models.DateTimeField(db_index=True)

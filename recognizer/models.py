import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recognizer.reading.constants import CANNOT_TELL, DIGITS, NOT_A_DIGIT, SEVERAL

CLAIMS = [(digit, str(digit)) for digit in range(DIGITS)] + [
    (NOT_A_DIGIT, _("not a digit")),
    (SEVERAL, _("several digits")),
]
LABELS = [*CLAIMS, (CANNOT_TELL, _("cannot tell"))]

# The visitor's claim differs from what was read
DISPUTED = Q(claim__isnull=False) & ~Q(claim=F("read_as"))


def _at_most(field: str, largest: int) -> Q:
    is_null = Q(**{f"{field}__isnull": True})
    return is_null | Q(**{f"{field}__range": (0, largest)})


def _one_if(condition: Any) -> Case:
    return Case(
        When(condition, then=Value(1.0)),
        default=Value(0.0),
        output_field=models.FloatField(),
    )


class Verdict(models.TextChoices):
    DIGIT = "digit", _("a digit")
    UNSURE = "unsure", _("unsure")
    NOT_A_DIGIT = "not_a_digit", _("not a digit")
    SEVERAL = "several", _("several digits")


class Source(models.TextChoices):
    CANVAS = "canvas", _("drawn")
    UPLOAD = "upload", _("uploaded")
    API = "api", _("API")
    IMPORT = "import", _("imported")


class TrainedModelManager(models.Manager["TrainedModel"]):
    """Leaves the parameters (megabytes) in the database until they are needed."""

    def get_queryset(self) -> models.QuerySet["TrainedModel"]:
        return super().get_queryset().defer("parameters")


class TrainedModel(models.Model):
    """A model with its file, so that every process can serve it."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    architecture = models.CharField(_("architecture"), max_length=50)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    figures = models.JSONField(_("figures"), default=list)
    # How the model was made: its parent, what it learned from, seed, versions
    manifest = models.JSONField(_("manifest"), default=dict, db_default={})
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
    """Append-only. The latest names the active model; without one it is the shipped."""

    model = models.ForeignKey(
        TrainedModel, models.PROTECT, related_name="promotions", verbose_name=_("model")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    why = models.TextField(_("why"))
    # Promoted although a check refused it; `why` has the reason
    forced = models.BooleanField(_("forced"), default=False, db_default=False)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.model}, {self.at:%Y-%m-%d %H:%M}"


class Checksum(models.Func):
    """The CRC-32 at the end of a PNG's data, 4 bytes: nearly every picture has its own.

    It is followed by the last chunk, 12 bytes (ISO/IEC 15948, 5.3 and 11.2.5).
    """

    PLACE = slice(-16, -12)
    # Without parameters: SQLite uses an index of the very same expression alone.
    template = "SUBSTR(%(expressions)s, LENGTH(%(expressions)s) - 15, 4)"
    output_field = models.BinaryField()


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
        """The visitor confirmed what was read. A missing claim confirms nothing."""
        return self.filter(claim=F("read_as"))

    def with_pictures(self, pictures: Collection[bytes]) -> "SubmissionQuerySet":
        """Those with one of these pictures, found by the index of their checksums."""
        checksums = {picture[Checksum.PLACE] for picture in pictures}
        rows = self.alias(checksum=Checksum("picture")).order_by()
        return rows.filter(checksum__in=checksums, picture__in=pictures)

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

    def delete_locked(self) -> int:
        """Delete the submissions with all that belongs to them. Return how many.

        They are locked first. So a label that is set meanwhile is either deleted too, or
        is reported as not saved.
        """
        with transaction.atomic():
            locked = self.order_by("pk").select_for_update()
            chosen = list(locked.values_list("pk", flat=True))
            # Without 'only', Django would load every picture to delete it.
            Submission.objects.filter(pk__in=chosen).only("pk").delete()
        return len(chosen)

    def update_doubt(self) -> None:
        """Recompute the order of the doubtful queue.

        Doubt is 0 to 1 for the margin between the two likeliest classes, plus 1 if the
        claim differs, plus 1 if another model reads something else.
        """
        answer = Prediction.objects.filter(pk=OuterRef("answer_id"))
        others = Prediction.objects.filter(submission=OuterRef("pk"))
        differs = Exists(others.exclude(read_as=OuterRef("read_as")))
        self.update(
            doubt=1
            - Subquery(answer.values("margin")[:1])
            + _one_if(DISPUTED)
            + _one_if(Q(differs))
        )


class Submission(models.Model):
    """A stored drawing with its answer, the visitor's claim and the reviewer's label."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created = models.DateTimeField(
        _("created"), default=timezone.now, db_index=True, editable=False
    )
    source = models.CharField(_("source"), max_length=10, choices=Source)
    # A grey PNG; in the database because Heroku's disk is lost daily
    picture = models.BinaryField(_("picture"))
    # visitors.pseudonym of the session that sent it; empty where there was none
    session = models.CharField(max_length=40, blank=True, editable=False)
    # A hash of session and picture, removed after a minute, so that a double click
    # makes one submission; or a hash of the Idempotency-Key, removed after a day
    fingerprint = models.CharField(  # noqa: DJ001 - unique, so rows without one have null
        max_length=64, unique=True, null=True, editable=False
    )
    # Whether no model learns from its sender; see recognizer.reviewing.kept_aside
    kept_aside = models.BooleanField(
        _("kept aside"), default=False, db_default=False, editable=False
    )
    # What the visitor was told. Later models add predictions and never change it.
    answer = models.OneToOneField(
        "Prediction",
        models.RESTRICT,
        related_name="+",
        verbose_name=_("answer"),
        editable=False,
    )
    # Prediction.read_as of the answer, copied here for the indexes
    read_as = models.SmallIntegerField(
        _("read as"), choices=CLAIMS, db_default=NOT_A_DIGIT, editable=False
    )
    # The order of the doubtful queue; see SubmissionQuerySet.update_doubt
    doubt = models.FloatField(_("doubt"), default=0, db_default=0, editable=False)
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
                condition=_at_most("claim", SEVERAL), name="submission_claim_known"
            ),
            models.CheckConstraint(
                condition=_at_most("label", CANNOT_TELL), name="submission_label_known"
            ),
        ]
        # Each review queue has an index with its conditions and its order.
        indexes = [
            models.Index(
                fields=["-created"],
                name="queue_all",
                condition=Q(label__isnull=True),
            ),
            models.Index(
                fields=["read_as", "-created"],
                name="queue_by_reading",
                condition=Q(label__isnull=True),
            ),
            models.Index(
                fields=["-doubt"],
                name="queue_doubtful",
                condition=Q(label__isnull=True),
            ),
            models.Index(
                fields=["-created"],
                name="queue_disputed",
                condition=Q(label__isnull=True) & DISPUTED,
            ),
            models.Index(
                fields=["uuid"],
                name="queue_kept_aside",
                condition=Q(label__isnull=True, kept_aside=True),
            ),
            models.Index(
                fields=["kept_aside", "label"],
                name="labelled",
                condition=Q(label__isnull=False),
            ),
            # To find a picture, whose bytes are too many to be indexed themselves
            models.Index(Checksum("picture"), name="picture_checksum"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def get_absolute_url(self) -> str:
        return reverse("result", args=[self.uuid])


class LabelChange(models.Model):
    """Append-only: who changed a submission's label, when, from what and to what."""

    submission = models.ForeignKey(
        Submission,
        models.CASCADE,
        related_name="label_changes",
        verbose_name=_("submission"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    old = models.SmallIntegerField(_("from"), null=True, choices=LABELS)
    new = models.SmallIntegerField(_("to"), null=True, choices=LABELS)

    class Meta:
        verbose_name = _("label change")
        verbose_name_plural = _("label changes")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_old_display()} → {self.get_new_display()}"


class Reservation(models.Model):
    """A submission that a reviewer is looking at, so that others are not offered it."""

    submission = models.OneToOneField(Submission, models.CASCADE, primary_key=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    until = models.DateTimeField(db_index=True)


class Prediction(models.Model):
    """The reading of one submission by one model."""

    # Known before it is saved, because a submission and its answer refer to each other
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
    # The digit, or 'not a digit' or 'several digits', as a label
    read_as = models.SmallIntegerField(
        _("read as"), choices=CLAIMS, db_default=NOT_A_DIGIT
    )
    confidence = models.FloatField(_("confidence"))
    # The probability of the likeliest of the twelve classes minus that of the second
    margin = models.FloatField(_("margin"), db_default=1)
    probabilities = models.JSONField(_("probabilities"))
    # The 28 x 28 bytes that the network read
    glyph = models.BinaryField(_("glyph"), max_length=784)
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
        if self.digit is None:
            return self.verdict
        return f"{self.digit} ({self.verdict})"

    @property
    def runner_up(self) -> int:
        return sorted(range(DIGITS), key=self.probabilities.__getitem__)[-2]


class TokenBucket(models.Model):
    """How many requests of one kind an address or browser has left (access/limits)."""

    key = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    updated = models.DateTimeField(db_index=True)


class HealthCheck(models.Model):
    """The one row that /healthz writes. It has no index, so it is updated in place."""

    at = models.DateTimeField()

"""A picture comes in: which model is active, what it reads, and the record of both."""

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from . import inference
from .imaging import PREPROCESSING_VERSION, Glyph, Grey, encode_png, make_glyph, read_picture
from .models import Prediction, Promotion, Source, Submission, TrainedModel


@dataclass(frozen=True)
class Drawing:
    """A picture that holds some ink."""

    picture: Grey
    glyph: Glyph

    @classmethod
    def of(cls, picture: Grey) -> "Drawing | None":
        glyph = make_glyph(picture)
        return None if glyph is None else cls(picture, glyph)


def read(data: bytes) -> Grey:
    """Decode a picture within this site's limits. Raises PictureError."""
    return read_picture(data, max_bytes=settings.PICTURE_MAX_BYTES, max_pixels=settings.PICTURE_MAX_PIXELS)


def active_classifier() -> inference.Classifier:
    """The last promoted model, else the shipped file. Raises ModelError when it cannot be loaded."""
    promoted = Promotion.objects.values_list("model__sha256", flat=True).first()
    return inference.get_classifier(settings.MODEL_FILE) if promoted is None else _from_database(promoted)


def classifier_of(model: TrainedModel) -> inference.Classifier:
    """The one that gave an answer, which need not be the active one any more."""
    active = active_classifier()
    return active if active.sha256 == model.sha256 else _from_database(model.sha256)


@lru_cache(maxsize=2)
def _from_database(sha256: str) -> inference.Classifier:
    model = TrainedModel.objects.get(sha256=sha256)
    return inference.Classifier.from_bytes(bytes(model.parameters), model.name)


def submit(drawing: Drawing, source: Source, session: str = "") -> Submission:
    """Read the drawing and keep it with its first prediction, which is the answer that the sender gets.

    The same picture from the same session within a minute is the same submission.
    """
    png = encode_png(drawing.picture)
    if not session:
        return _store(drawing, png, source)
    minute = int(time.time() // 60)
    # A clock read by two processes at the turn of a minute may go back: hence the one after as well.
    before, now, after = (_fingerprint(session, png, minute + m) for m in (-1, 0, 1))
    recent = Submission.objects.filter(fingerprint__in=[before, now, after])
    try:
        return recent.first() or _store(drawing, png, source, session, now)
    except IntegrityError:  # the same click, twice at the same moment
        return recent.get()


def _fingerprint(session: str, png: bytes, minute: int) -> str:
    return hashlib.sha256(f"{session} {minute} ".encode() + png).hexdigest()


def _store(
    drawing: Drawing, png: bytes, source: Source, session: str = "", fingerprint: str | None = None
) -> Submission:
    classifier = active_classifier()
    prediction, milliseconds = timed(classifier, drawing)
    submission = Submission(source=source, session=session, picture=png, fingerprint=fingerprint)
    submission.answer = Prediction(
        submission=submission,
        model=record(classifier),
        preprocessing=PREPROCESSING_VERSION,
        digit=prediction.digit,
        verdict=prediction.verdict,
        confidence=prediction.confidence,
        probabilities=prediction.probabilities,
        glyph=drawing.glyph.tobytes(),
        milliseconds=milliseconds,
    )
    with transaction.atomic():  # each points at the other, which databases check at the end
        submission.save(force_insert=True)
        submission.answer.save(force_insert=True)
    return submission


def timed(classifier: inference.Classifier, drawing: Drawing) -> tuple[inference.Prediction, float]:
    """What a classifier reads in a drawing, and the milliseconds that it took."""
    start = time.perf_counter()
    (prediction,) = classifier.predict([drawing.glyph])
    return prediction, 1000 * (time.perf_counter() - start)


def record(classifier: inference.Classifier) -> TrainedModel:
    """The model's row; that of the shipped file is written by the process that first serves it."""
    return (
        TrainedModel.objects.filter(sha256=classifier.sha256).first()
        or TrainedModel.objects.get_or_create(
            sha256=classifier.sha256,
            defaults={
                "name": classifier.name,
                "architecture": classifier.architecture,
                "figures": classifier.metadata,
                "parameters": classifier.data,
            },
        )[0]
    )


def receipt(submission: Submission) -> str:
    """What proves that one sent this drawing, from any browser; shown to the sender alone."""
    return salted_hmac("recognizer.receipt", str(submission.pk), algorithm="sha256").hexdigest()[:12]


def is_receipt(submission: Submission, code: str) -> bool:
    return constant_time_compare(code.strip().lower(), receipt(submission))

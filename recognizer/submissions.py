"""Read a drawing and store it with its answer."""

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from recognizer.answers import Answer, NamedModel
from recognizer.inference import BLANK, Classifier, Reading
from recognizer.models import Source, Submission, TrainedModel
from recognizer.predictions import build_prediction
from recognizer.reading.glyphs import Drawing, Glyph
from recognizer.reading.pictures import encode_png
from recognizer.receipts import receipt_code
from recognizer.reviewing.kept_aside import is_kept_aside
from recognizer.rollout.active_model import active_classifier, get_row

REPEAT = timedelta(minutes=1)  # how long the same picture is the same submission
KEY_KEPT = timedelta(hours=24)  # how long a retry with the same key is recognised


@dataclass(frozen=True)
class Reply:
    """An answer and the model that gave it.

    `id` and `receipt` are None when nothing was stored.
    """

    id: UUID | None
    receipt: str | None
    answer: Answer
    model: NamedModel


class OtherPicture(Exception):  # noqa: N818 - a mistake of the client
    """The key of a retry was used for another picture."""


def reply(drawing: Drawing, source: Source, key: str = "") -> Reply:
    """Read a drawing and store it, unless it is blank.

    A retry with the same key (Idempotency-Key) stores nothing. Raises OtherPicture.
    """
    if drawing.glyph is None:
        return Reply(None, None, BLANK, active_classifier())
    submission = submit(drawing, source, key=key)
    answer, receipt = submission.answer, receipt_code(submission)
    return Reply(submission.uuid, receipt, answer, answer.model)


def submit(
    drawing: Drawing, source: Source, session: str = "", key: str = ""
) -> Submission:
    """Read a drawing and store it with its first prediction, the sender's answer.

    The same picture from the same session within a minute is the same submission. So is
    a picture with the same key within a day. Raises OtherPicture when the key was used
    for another one.
    Raises ValueError when the drawing is blank: there is nothing to store.
    """
    if drawing.glyph is None:
        raise ValueError("A blank drawing is not stored.")
    picture = encode_png(drawing.picture)
    submission = Submission(source=source, session=session, picture=picture)
    if key:
        submission.fingerprint = _fingerprint("Idempotency-Key", key.encode())
        stored = _store_once(submission, drawing.glyph, KEY_KEPT)
        if bytes(stored.picture) != picture:
            raise OtherPicture
        return stored
    if session:
        submission.fingerprint = _fingerprint(session, picture)
        return _store_once(submission, drawing.glyph, REPEAT)
    return _store(submission, drawing.glyph)


def _store_once(submission: Submission, glyph: Glyph, kept: timedelta) -> Submission:
    """Store a submission, or return the one that has its fingerprint already."""
    answered = Submission.objects.select_related("answer__model")
    same = answered.defer("answer__model__parameters").filter(
        fingerprint=submission.fingerprint
    )
    # The fingerprint is unique. After some time it is given up for a new submission.
    expired = timezone.now() - kept
    same.filter(created__lte=expired).update(fingerprint=None)
    try:
        return same.first() or _store(submission, glyph)
    except IntegrityError:  # another process has stored the same click just now
        return same.get()


def _fingerprint(sender: str, sent: bytes) -> str:
    return hashlib.sha256(sender.encode() + b" " + sent).hexdigest()


def set_answer(
    submission: Submission,
    model: TrainedModel,
    glyph: Glyph,
    reading: Reading,
    milliseconds: float,
) -> None:
    """Set the answer of a submission. Neither of them is saved yet."""
    submission.read_as = reading.read_as
    submission.doubt = 1 - reading.margin
    submission.answer = build_prediction(
        submission, model, glyph, reading, milliseconds
    )


def _store(submission: Submission, glyph: Glyph) -> Submission:
    classifier = active_classifier()
    reading, milliseconds = _read_timed(classifier, glyph)
    submission.kept_aside = is_kept_aside(submission.session, bytes(submission.picture))
    set_answer(submission, get_row(classifier), glyph, reading, milliseconds)
    # The two rows refer to each other. Databases check that when the transaction ends.
    with transaction.atomic():
        submission.save(force_insert=True)
        submission.answer.save(force_insert=True)
    return submission


def _read_timed(classifier: Classifier, glyph: Glyph) -> tuple[Reading, float]:
    """Return the reading of a glyph and how many milliseconds it took."""
    start = time.perf_counter()
    (reading,) = classifier.read([glyph])
    return reading, 1000 * (time.perf_counter() - start)

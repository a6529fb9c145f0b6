"""Read a drawing and store it with its answer."""

import hashlib
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from recognizer.active_model import active_classifier, get_row
from recognizer.answers import Answer, Model
from recognizer.inference import Classifier, Reading
from recognizer.kept_aside import is_kept_aside
from recognizer.models import Source, Submission, TrainedModel
from recognizer.predictions import build_prediction
from recognizer.reading.glyphs import Drawing, Glyph
from recognizer.reading.pictures import encode_png


@dataclass(frozen=True)
class Reply:
    """An answer and the model that gave it. A blank drawing is answered and not stored: it has no id."""

    id: UUID | None
    answer: Answer
    model: Model


def reply(drawing: Drawing, source: Source) -> Reply:
    """Read a drawing, blank or not, and store it unless it is blank."""
    if drawing.glyph is None:
        classifier = active_classifier()
        answer, _milliseconds = read_timed(classifier, drawing)
        return Reply(None, answer, classifier)
    submission = submit(drawing, source)
    return Reply(submission.uuid, submission.answer, submission.answer.model)


def submit(drawing: Drawing, source: Source, session: str = "") -> Submission:
    """Read a drawing with ink and store it with its first prediction, the answer that the sender gets.

    The same picture from the same session within a minute is the same submission.
    """
    png = encode_png(drawing.picture)
    if not session:
        return _store(drawing, png, source)
    minute = int(time.time() // 60)
    # Two processes may read the clock at the turn of a minute in either order: hence the next minute too.
    before, now, after = (
        _fingerprint(session, png, minute + offset) for offset in (-1, 0, 1)
    )
    recent = Submission.objects.filter(fingerprint__in=[before, now, after])
    try:
        return recent.first() or _store(drawing, png, source, session, now)
    except IntegrityError:  # the same click, twice at the same moment
        return recent.get()


def read_timed(classifier: Classifier, drawing: Drawing) -> tuple[Reading, float]:
    """Return what a classifier reads in a drawing, and how many milliseconds it took."""
    start = time.perf_counter()
    (reading,) = classifier.read([drawing.glyph])
    return reading, 1000 * (time.perf_counter() - start)


def set_answer(
    submission: Submission,
    model: TrainedModel,
    glyph: Glyph,
    reading: Reading,
    milliseconds: float,
) -> None:
    """Give a submission, which is not saved yet, its answer, not saved either."""
    submission.read_as = reading.read_as
    submission.doubt = 1 - reading.margin
    submission.answer = build_prediction(
        submission, model, glyph, reading, milliseconds
    )


def _fingerprint(session: str, png: bytes, minute: int) -> str:
    return hashlib.sha256(f"{session} {minute} ".encode() + png).hexdigest()


def _store(
    drawing: Drawing,
    png: bytes,
    source: Source,
    session: str = "",
    fingerprint: str | None = None,
) -> Submission:
    assert drawing.glyph is not None  # noqa: S101 - forms refuse blank drawings
    classifier = active_classifier()
    reading, milliseconds = read_timed(classifier, drawing)
    submission = Submission(
        source=source,
        session=session,
        picture=png,
        fingerprint=fingerprint,
        kept_aside=is_kept_aside(session, png),
    )
    set_answer(submission, get_row(classifier), drawing.glyph, reading, milliseconds)
    # Each points at the other, which databases check at the end.
    with transaction.atomic():
        submission.save(force_insert=True)
        submission.answer.save(force_insert=True)
    return submission

"""What the review page sends: labels to save, and which drawings it wants next."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recognizer.reading.constants import CANNOT_TELL
from recognizer.reviewing.labelling import Wanted
from recognizer.reviewing.queues import QUEUES, Queue

MOST_LABELS = 200
MOST_SKIPPED = 2000


@dataclass(frozen=True)
class ReviewRequest:
    """Labels to save, and whether more drawings are wanted. `skip` are not wanted again."""

    labels: list[Wanted]
    queue: Queue
    mode: str
    is_blind: bool
    more: bool
    skip: list[UUID]


def read_request(body: bytes) -> ReviewRequest:
    """Read the JSON of a request. Raises ValidationError, in words, for anything unknown."""
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ValidationError(_("The request is not a JSON object."))
    queue = QUEUES.get(str(data.get("queue")))
    if queue is None:
        raise ValidationError(_("There is no such queue."))
    labels = _list(data, "labels", MOST_LABELS)
    skip = _list(data, "skip", MOST_SKIPPED)
    return ReviewRequest(
        labels=[_wanted(each) for each in labels],
        queue=queue,
        mode="single" if data.get("mode") == "single" else "grid",
        is_blind=data.get("blind") is True,
        more=data.get("more") is True,
        skip=[_uuid(each) for each in skip],
    )


def _list(data: dict[str, Any], name: str, most: int) -> list[Any]:
    values = data.get(name, [])
    if not isinstance(values, list) or len(values) > most:
        words = _("'%(name)s' must be a list of at most %(most)d.")
        raise ValidationError(words % {"name": name, "most": most})
    return values


def _wanted(value: Any) -> Wanted:
    if not isinstance(value, dict):
        raise ValidationError(_("A label must be an object."))
    submission = _uuid(value.get("id"))
    return Wanted(submission, _label(value, "shown"), _label(value, "label"))


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise ValidationError(_("An id is not valid.")) from error


def _label(value: dict[str, Any], name: str) -> int | None:
    label = value.get(name)
    if label is None and name in value:
        return None
    # True and False are integers, too
    if type(label) is not int or not 0 <= label <= CANNOT_TELL:
        raise ValidationError(_("There is no such label."))
    return label

"""The review page: many drawings at a glance, or one at a time, labelled by key, mouse or touch."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from recognizer import answers
from recognizer.admin.labels import conflict_words
from recognizer.admin.review_requests import ReviewRequest, read_request
from recognizer.admin.review_words import LABEL_KEYS, WORDS
from recognizer.admin.thumbnails import thumbnail
from recognizer.models import Submission
from recognizer.reviewing.labelling import Outcome, set_labels
from recognizer.reviewing.queues import (
    MOST_COUNTED,
    QUEUES,
    Queue,
    count_left,
    hand_out,
)
from recognizer.templatetags.drawings import glyph_uri, percent, png_uri

PAGE_SIZE = 60  # drawings
ONE_AT_A_TIME = {"doubtful", "disputed"}  # unless the grid is asked for


@never_cache
@require_safe
def review_page(
    request: HttpRequest, model_admin: ModelAdmin[Submission]
) -> HttpResponse:
    """Return the page without drawings. Its script asks for them and sends the labels."""
    _check_may_label(request, model_admin)
    is_blind = "blind" in request.GET
    queue = QUEUES.get(request.GET.get("queue", ""), QUEUES["sample"])
    if is_blind and queue.reading is not None:  # its name would tell the reading
        return HttpResponseRedirect("?" + urlencode({"queue": "sample", "blind": "1"}))
    mode = _mode(request, queue)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Review drawings"),
        "opts": model_admin.opts,
        "queues": _queue_links(request, queue),
        "queue": queue,
        "mode": mode,
        "is_blind": is_blind,
        "keys": LABEL_KEYS,
        "config": _config(queue, mode, is_blind),
    }
    return render(request, "recognizer/review.html", context)


@never_cache
@require_POST
def review_labels(
    request: HttpRequest, model_admin: ModelAdmin[Submission]
) -> HttpResponse:
    """Save labels and hand out the next drawings, in one request. Both may be none."""
    try:
        _check_may_label(request, model_admin)
        wanted = read_request(request.body)
    except PermissionDenied as error:
        return JsonResponse({"error": str(error)}, status=403)
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=400)
    outcome = set_labels(wanted.labels, request.user)
    drawings = []
    if wanted.more:
        drawings = hand_out(wanted.queue, request.user, PAGE_SIZE, wanted.skip)
    return JsonResponse(
        {
            "saved": outcome.saved,
            "conflicts": _conflicts(outcome),
            "missing": outcome.missing,
            "drawings": [_drawing(each, wanted) for each in drawings],
            "left": _left(request),
        }
    )


def _check_may_label(request: HttpRequest, model_admin: ModelAdmin[Submission]) -> None:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied(_("Your account is not allowed to label drawings."))


def _mode(request: HttpRequest, queue: Queue) -> str:
    if "blind" in request.GET:  # a grid is confirmed by its readings
        return "single"
    asked = request.GET.get("mode")
    if asked in ("grid", "single"):
        return asked
    return "single" if queue.name in ONE_AT_A_TIME else "grid"


def _queue_links(request: HttpRequest, current: Queue) -> list[dict[str, Any]]:
    is_blind = "blind" in request.GET
    left = _left(request)
    links = []
    for queue in QUEUES.values():
        if is_blind and queue.reading is not None:
            continue
        query = {"queue": queue.name}
        if "mode" in request.GET:
            query["mode"] = _mode(request, queue)
        if is_blind:
            query["blind"] = "1"
        links.append(
            {
                "queue": queue,
                "href": "?" + urlencode(query),
                "left": left[queue.name],
                "is_current": queue is current,
            }
        )
    return links


def _left(request: HttpRequest) -> dict[str, str]:
    """Return how many each queue has left, as a text such as '12' or '200+'."""
    texts = {}
    for name, count in count_left(request.user).items():
        is_capped = count > MOST_COUNTED
        texts[name] = f"{MOST_COUNTED:,}+" if is_capped else f"{count:,}"
    return texts


def _config(queue: Queue, mode: str, is_blind: bool) -> dict[str, Any]:
    """Return what the page's script needs to know."""
    return {
        "address": reverse("admin:submission_review_labels"),
        "login": reverse("admin:login"),
        "queue": queue.name,
        "mode": mode,
        "blind": is_blind,
        "labels": {str(key.label): str(key.name) for key in LABEL_KEYS},
        "keys": {key.key: key.label for key in LABEL_KEYS},
        "words": {name: str(words) for name, words in WORDS.items()},
    }


def _drawing(submission: Submission, wanted: ReviewRequest) -> dict[str, Any]:
    """Return a drawing as the script shows it. In blind mode nothing tells the reading."""
    drawing: dict[str, Any] = {
        "id": submission.pk,
        "thumbnail": png_uri(thumbnail(bytes(submission.picture))),
    }
    if wanted.mode == "single":
        address = reverse("admin:submission_picture", args=[submission.pk])
        drawing["picture"] = address
        drawing["glyph"] = glyph_uri(submission.answer.glyph)
    if not wanted.is_blind:
        drawing["reading"] = submission.read_as
        drawing["headline"] = answers.headline(submission.answer)
        drawing["confidence"] = percent(submission.answer.confidence)
        drawing["claim"] = submission.claim
    return drawing


def _conflicts(outcome: Outcome) -> list[dict[str, Any]]:
    pks = [submission.pk for submission in outcome.conflicts]
    rows = Submission.objects.filter(pk__in=pks).select_related("labelled_by")
    return [
        {
            "id": submission.pk,
            "label": submission.label,
            "words": conflict_words(submission),
        }
        for submission in rows.only("label", "labelled_by__username")
    ]

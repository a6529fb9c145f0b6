"""Answers to what went wrong: a page in the site's style, or JSON where the API was asked."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from recognizer.access.limits import TooManyRequests

log = logging.getLogger(__name__)

JSON_PATHS = {"/send", "/guess"}


def bad_request(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    return error(
        request,
        400,
        _("Bad request"),
        _("The browser sent something that this site cannot read."),
    )


def permission_denied(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    said = str(exception) if exception else ""
    return error(
        request, 403, _("Not allowed"), said or _("This page is not for everyone.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    words = _(
        "The page was open for too long, or cookies are blocked. Go back, reload it, and send again."
    )
    return error(request, 403, _("Not sent"), words)


def page_not_found(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    return error(
        request,
        404,
        _("Nothing here"),
        _("There is no such page, or the drawing has been deleted."),
    )


def wrong_method(request: HttpRequest, refusal: HttpResponseNotAllowed) -> HttpResponse:
    response = error(
        request,
        405,
        _("Not this way"),
        _("This address only takes what a form sends to it."),
    )
    response["Allow"] = refusal["Allow"]
    return response


def request_timeout(request: HttpRequest) -> HttpResponse:
    return error(
        request,
        408,
        _("Cut short"),
        _("What was sent did not arrive whole. Please send it again."),
    )


def length_required(request: HttpRequest) -> HttpResponse:
    words = _(
        "The request must say how long it is (Content-Length); it cannot be sent in chunks."
    )
    return error(request, 411, _("Length missing"), words)


def too_large(request: HttpRequest) -> HttpResponse:
    return error(
        request,
        413,
        _("Too large"),
        _("That is more than this site takes. Send a smaller picture."),
    )


def too_many(request: HttpRequest, exception: TooManyRequests) -> HttpResponse:
    response = error(request, 429, _("A little slower, please"), str(exception))
    response["Retry-After"] = exception.wait
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return error(
        request,
        500,
        _("Our mistake"),
        _("Something broke here. It has been noted; please try again."),
    )


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    log.error("503 on %s: %s", request.path, exception)
    words = _(
        "The recogniser cannot answer just now. Nothing that was stored is lost; try again in a minute."
    )
    return error(request, 503, _("Back in a moment"), words)


def error(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    if request.path in JSON_PATHS:
        return JsonResponse({"error": words}, status=status)
    return render(
        request, "error.html", {"title": title, "words": words}, status=status
    )

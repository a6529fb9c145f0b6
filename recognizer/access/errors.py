"""Responses to errors: a page in the site's style, or JSON from the API's addresses."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from recognizer.access.limits import TooManyRequests

log = logging.getLogger(__name__)

RETRY_AFTER = 60  # seconds, as the page says
JSON_PATHS = {"/send", "/guess"}


def bad_request(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    words = _("The browser sent a request that this site cannot read.")
    return error_response(request, 400, _("Bad request"), words)


def permission_denied(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    reason = str(exception) if exception else ""
    words = reason or _("You don't have access to this page.")
    return error_response(request, 403, _("Not allowed"), words)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    words = _(
        "The page was open for too long, or cookies are blocked. "
        "Go back, reload the page and send again."
    )
    return error_response(request, 403, _("Not sent"), words)


def page_not_found(
    request: HttpRequest, exception: Exception | None = None
) -> HttpResponse:
    words = _("This page does not exist, or the drawing has been deleted.")
    return error_response(request, 404, _("Page not found"), words)


def method_not_allowed(
    request: HttpRequest, refusal: HttpResponseNotAllowed
) -> HttpResponse:
    words = _("This address does not accept %(method)s requests.")
    response = error_response(
        request, 405, _("Method not allowed"), words % {"method": request.method}
    )
    response["Allow"] = refusal["Allow"]
    return response


def upload_interrupted(request: HttpRequest) -> HttpResponse:
    words = _("The upload did not arrive completely. Please send it again.")
    return error_response(request, 408, _("Upload interrupted"), words)


def length_required(request: HttpRequest) -> HttpResponse:
    words = _(
        "The request must state its length (Content-Length). "
        "Chunked requests are not accepted."
    )
    return error_response(request, 411, _("Length required"), words)


def content_too_large(request: HttpRequest) -> HttpResponse:
    words = _("This is larger than the site accepts. Send a smaller picture.")
    return error_response(request, 413, _("Too large"), words)


def too_many_requests(request: HttpRequest, exception: TooManyRequests) -> HttpResponse:
    title = _("Too many requests")
    response = error_response(request, 429, title, str(exception))
    response["Retry-After"] = exception.wait
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    words = _("The error has been logged. Please try again.")
    return error_response(request, 500, _("Something went wrong"), words)


def service_unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return a page with status 503, and log the traceback."""
    log.error("503 on %s: %s", request.path, exception, exc_info=exception)
    words = _(
        "The recogniser is not available at the moment. "
        "No stored drawing is lost. Please try again in a minute."
    )
    response = error_response(request, 503, _("Temporarily unavailable"), words)
    response["Retry-After"] = RETRY_AFTER
    return response


def error_response(
    request: HttpRequest, status: int, title: str, words: str
) -> HttpResponse:
    if request.path in JSON_PATHS:
        return JsonResponse({"error": words}, status=status)
    context = {"title": title, "words": words}
    return render(request, "error.html", context, status=status)

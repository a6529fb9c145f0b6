import re
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)

from recognizer.access import errors
from recognizer.access.limits import TooManyRequests
from recognizer.reading.model_files import ModelError

Handler = Callable[[HttpRequest], HttpResponse]

SESSION_KEY = re.compile("[a-z0-9]{32}")


def limit_body(get_response: Handler) -> Handler:
    """Turn a huge request away before anything reads it, and one whose length is not known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:
            return errors.length_required(request)
        if body_length(request) > settings.BODY_MAX_BYTES:
            return errors.too_large(request)
        return get_response(request)

    return middleware


def body_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:  # no number: Django will read nothing
        return 0


def drop_invented_session(get_response: Handler) -> Handler:
    """A key that Django cannot have made is no session's; on PostgreSQL some of them would be an error."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not SESSION_KEY.fullmatch(
            request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        ):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware


class ExceptionPages:
    """A page in words, with the right status, for what a view could not go on with."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return errors.wrong_method(request, response)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if isinstance(exception, TooManyRequests):
            return errors.too_many(request, exception)
        if isinstance(exception, UnreadablePostError):
            return errors.request_timeout(request)
        if isinstance(exception, ModelError | OperationalError | InterfaceError):
            return errors.unavailable(request, exception)
        return None

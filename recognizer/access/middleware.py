import re
from collections.abc import Callable

from django.conf import settings
from django.db import DataError, Error, IntegrityError, ProgrammingError
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
    """Refuse requests whose length is unknown or too large, before reading them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:
            return errors.length_required(request)
        if content_length(request) > settings.BODY_MAX_BYTES:
            return errors.content_too_large(request)
        return get_response(request)

    return middleware


def content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:  # not a number: Django will read nothing
        return 0


def drop_invalid_session_cookie(get_response: Handler) -> Handler:
    """Ignore session cookies that Django cannot have set.

    Some of their characters would cause an error in PostgreSQL.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not SESSION_KEY.fullmatch(key):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware


class ExceptionPages:
    """Turn exceptions of views into error pages with the right status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return errors.method_not_allowed(request, response)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if isinstance(exception, TooManyRequests):
            return errors.too_many_requests(request, exception)
        if isinstance(exception, UnreadablePostError):
            return errors.upload_interrupted(request)
        if settings.DEBUG and is_mistake(exception):
            return None  # Django's debug page shows the developer the traceback
        if isinstance(exception, ModelError | Error):  # Error: of the database
            return errors.service_unavailable(request, exception)
        return None


def is_mistake(exception: Exception) -> bool:
    """Return whether a statement was wrong, for example without migrations.

    SQLite raises OperationalError for a missing table and for a locked or missing
    database file. PostgreSQL has other exceptions for wrong statements.
    """
    if isinstance(exception, ProgrammingError | IntegrityError | DataError):
        return True
    return getattr(exception.__cause__, "sqlite_errorname", None) == "SQLITE_ERROR"

"""The download of all drawings, for superusers."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse

from recognizer.exchange.exports import choose_drawings, exported_drawings
from recognizer.exchange.zip_writer import write_zip


def export_response(request: HttpRequest) -> StreamingHttpResponse:
    """Return the labelled drawings as a ZIP, with `?all` those without a label too."""
    if not request.user.is_superuser:
        raise PermissionDenied
    chosen = choose_drawings(with_unlabelled="all" in request.GET)
    blocks = write_zip(exported_drawings(chosen))
    response = StreamingHttpResponse(blocks, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="drawings.zip"'
    return response

"""The pictures that the admin shows: what was submitted, and what the network read."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from recognizer.models import Submission
from recognizer.templatetags.drawings import glyph_uri


def picture_image(submission: Submission, size: int) -> str:
    """Return an <img> of `size` px that loads the picture when it comes into view."""
    url = reverse("admin:submission_picture", args=[submission.pk])
    html = (
        '<img class="drawing" src="{}" width="{}" height="{}" loading="lazy" alt="{}">'
    )
    return format_html(html, url, size, size, _("the submitted picture"))


def glyph_image(submission: Submission) -> str:
    html = '<img class="glyph" src="{}" width="140" height="140" alt="{}">'
    return format_html(html, glyph_uri(submission.answer.glyph), _("28 by 28 pixels"))


def picture_response(submission: Submission) -> HttpResponse:
    """Return the picture as a file that browsers may cache: it never changes."""
    response = HttpResponse(bytes(submission.picture), content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response

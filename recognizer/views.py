from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import answers, submissions
from .forms import ClaimForm, DrawingForm, SendForm
from .models import Source, Submission


class SeeOther(HttpResponseRedirect):
    """What a browser should GET after its POST."""

    status_code = 303


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = DrawingForm(request.POST, request.FILES) if request.method == "POST" else DrawingForm()
    if form.is_valid():
        drawing, source = form.cleaned_data["drawing"], form.cleaned_data["source"]
        return SeeOther(submissions.submit(drawing, source, session_key(request)).get_absolute_url())
    return render(request, "recognizer/index.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    submission = get_submission(uuid)
    form = ClaimForm(initial={"claim": submission.claim})
    return render(request, "recognizer/result.html", result_context(request, submission, form))


@require_POST
def claim(request: HttpRequest, uuid: UUID) -> HttpResponse:
    submission = get_submission(uuid)
    if not is_sender(request, submission):
        raise PermissionDenied(_("Only the browser that sent this drawing can say what it was."))
    form = ClaimForm(request.POST)
    if form.is_valid():
        submission.claim = form.cleaned_data["claim"]
        submission.save(update_fields=["claim"])
        return SeeOther(submission.get_absolute_url() + "#claim")
    return render(request, "recognizer/result.html", result_context(request, submission, form), status=422)


@csrf_exempt
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    form = SendForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": " ".join(map(str, form.errors["image"]))}, status=422)
    path = str(request.FILES["image"].name)  # type: ignore[union-attr]
    drawing = submissions.Drawing.of(form.cleaned_data["image"])
    if drawing is None:
        classifier = submissions.active_classifier()
        (blank,) = classifier.predict([None])
        return JsonResponse({"id": None} | answers.fields(path, blank, classifier))
    submission = submissions.submit(drawing, Source.API)
    answer = submission.answer
    return JsonResponse({"id": submission.uuid} | answers.fields(path, answer, answer.model))


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Database and model answer; when one does not, the middleware makes it a 503."""
    connection.ensure_connection()
    submissions.active_classifier()
    return HttpResponse("ok\n", content_type="text/plain")


def get_submission(uuid: UUID) -> Submission:
    return get_object_or_404(
        Submission.objects.select_related("answer__model").defer("answer__model__parameters"), uuid=uuid
    )


def result_context(request: HttpRequest, submission: Submission, form: ClaimForm) -> dict[str, Any]:
    return {
        "submission": submission,
        "answer": submission.answer,
        "headline": answers.headline(submission.answer),
        "advice": answers.advice(submission.answer),
        "is_sender": is_sender(request, submission),
        "form": form,
    }


def session_key(request: HttpRequest) -> str:
    if not request.session.session_key:
        request.session.create()
    return str(request.session.session_key)


def is_sender(request: HttpRequest, submission: Submission) -> bool:
    return bool(submission.session) and submission.session == request.session.session_key

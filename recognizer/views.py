from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from recognizer import answers, submissions
from recognizer.access import limits, visitors
from recognizer.access.limits import TooManyRequests
from recognizer.explanation import explain
from recognizer.figures import figures_by_set
from recognizer.forms import ClaimForm, DrawingForm, GuessForm, SendForm
from recognizer.health import check_writing
from recognizer.models import Source, Submission
from recognizer.reading.pictures import read_picture
from recognizer.receipts import is_receipt_code, receipt_code
from recognizer.rollout.active_model import (
    active_classifier,
    classifier_of,
    find_serving,
)
from recognizer.submissions import OtherPicture


class SeeOther(HttpResponseRedirect):
    """Redirect a browser after a POST to the page that it then loads."""

    status_code = 303


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "recognizer/index.html", {"form": DrawingForm()})
    try:
        limits.check_send_limit(request)
    except TooManyRequests as error:
        return too_many_page(request, error)
    form = DrawingForm(request.POST, request.FILES)
    if form.is_valid():
        return SeeOther(submit(request, form).get_absolute_url())
    return render(request, "recognizer/index.html", {"form": form}, status=422)


def too_many_page(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    """Return the page with the drawing still on the board, unread."""
    form = DrawingForm(initial={"image": request.POST.get("image", "")})
    context = {"form": form, "words": str(error)}
    response = render(request, "recognizer/index.html", context, status=429)
    response["Retry-After"] = error.wait
    return response


def submit(request: HttpRequest, form: DrawingForm) -> Submission:
    session = visitors.pseudonym(visitors.session_key(request))
    drawing, source = form.cleaned_data["drawing"], form.cleaned_data["source"]
    return submissions.submit(drawing, source, session)


@require_POST
def guess(request: HttpRequest) -> HttpResponse:
    """Read an unfinished drawing. Nothing is stored."""
    limits.check_guess_limit(request)
    form = GuessForm(request.POST)
    if not form.is_valid():
        return form_error(form)
    glyph = form.cleaned_data["drawing"].glyph
    (reading,) = active_classifier().read([glyph])
    headline = answers.headline(reading)
    return JsonResponse({"headline": headline} | answers.answer_fields(reading))


@csrf_exempt
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    limits.check_api_limit(request)
    key = request.headers.get("Idempotency-Key", "")
    form = SendForm({"key": key}, request.FILES)
    if not form.is_valid():
        return form_error(form)
    sent = form.cleaned_data
    try:
        reply = submissions.reply(sent["drawing"], Source.API, sent["key"])
    except OtherPicture:
        form.add_error("key", _("This Idempotency-Key was used for another picture."))
        return form_error(form)
    fields = answers.as_json(sent["path"], reply.answer, reply.model)
    return JsonResponse({"id": reply.id, "receipt": reply.receipt} | fields)


@require_safe
@never_cache
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    submission = get_submission(uuid)
    form = ClaimForm(initial={"claim": submission.claim})
    return result_page(request, submission, form)


@require_POST
def claim(request: HttpRequest, uuid: UUID) -> HttpResponse:
    limits.check_claim_limit(request)
    submission = get_submission(uuid)
    if not visitors.is_sender(request, submission):
        raise PermissionDenied(
            _("Only the browser that sent this drawing can say what it was.")
        )
    form = ClaimForm(request.POST)
    if not form.is_valid():
        return result_page(request, submission, form, status=422)
    claimed = form.cleaned_data["claim"]
    if not Submission.objects.filter(pk=submission.pk).set_claim(claimed):
        raise Http404  # it has been deleted since this request began
    return SeeOther(submission.get_absolute_url() + "#claim")


@require_safe
@never_cache
def how(request: HttpRequest, uuid: UUID) -> HttpResponse:
    submission = get_submission(uuid)
    occlusion = "occlusion" in request.GET
    if occlusion:
        limits.check_explain_limit(request)
    picture = read_picture(bytes(submission.picture))
    classifier = classifier_of(submission.answer.model)
    explanation = explain(picture, classifier, occlusion=occlusion)
    context = answer_context(submission) | {
        "explanation": explanation,
        "occlusion": occlusion,
    }
    return render(request, "recognizer/how.html", context)


@csrf_exempt  # a page of another site does not know the receipt code
@require_POST
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    limits.check_claim_limit(request)
    submission = get_submission(uuid)
    if "code" not in request.POST:
        return delete_as_sender(request, submission)
    if not is_receipt_code(request.POST["code"], submission):
        raise PermissionDenied(_("This is not the receipt code of this drawing."))
    return delete_submission(submission)


@csrf_protect  # it is the session's cookie that allows this
def delete_as_sender(request: HttpRequest, submission: Submission) -> HttpResponse:
    if not visitors.is_sender(request, submission):
        raise PermissionDenied(
            _("Send the receipt code of this drawing in the field 'code'.")
        )
    return delete_submission(submission)


def delete_submission(submission: Submission) -> HttpResponse:
    Submission.objects.filter(pk=submission.pk).delete_locked()
    return SeeOther("/deleted/")


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "recognizer/deleted.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    model = active_classifier()
    context = {
        "model": model,
        "figures": figures_by_set(model.figures),
        "retention_days": settings.RETENTION_DAYS,
    }
    return render(request, "recognizer/about.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when a model can be used and the database be written, otherwise 503.

    A second line says so when that is not the active model.
    """
    check_writing()
    lines = ["ok", find_serving().problem]
    text = "".join(f"{line}\n" for line in lines if line)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /admin/\n", content_type="text/plain")


def form_error(form: GuessForm | SendForm) -> HttpResponse:
    sentences = [str(each) for errors in form.errors.values() for each in errors]
    return JsonResponse({"error": " ".join(sentences)}, status=422)


def get_submission(uuid: UUID) -> Submission:
    answered = Submission.objects.select_related("answer__model")
    return get_object_or_404(answered.defer("answer__model__parameters"), uuid=uuid)


def answer_context(submission: Submission) -> dict[str, Any]:
    return {
        "submission": submission,
        "answer": submission.answer,
        "headline": answers.headline(submission.answer),
        "advice": answers.advice(submission.answer),
    }


def result_page(
    request: HttpRequest, submission: Submission, form: ClaimForm, status: int = 200
) -> HttpResponse:
    is_sender = visitors.is_sender(request, submission)
    context = answer_context(submission) | {
        "form": form,
        "is_sender": is_sender,
        "receipt_code": receipt_code(submission) if is_sender else None,
    }
    return render(request, "recognizer/result.html", context, status=status)

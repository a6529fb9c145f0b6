"""A drawing is deleted between the page and the label or claim: nobody is told otherwise.

The other ways to label are in test_admin, test_review and test_import_labels.
"""

import threading
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from recognizer.models import LabelChange, Submission
from recognizer.reviewing.labelling import Outcome, Wanted, set_labels
from tests.factories import data_uri, make_submission, make_user
from tests.statements import before

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]

LIST = "/admin/recognizer/submission/"


def delete_all() -> None:
    Submission.objects.all().delete_locked()


def test_a_claim_on_a_drawing_deleted_during_the_request_is_404(
    client: Client,
) -> None:
    page = client.post("/", {"image": data_uri()}).headers["Location"]
    with before('UPDATE "recognizer_submission"', delete_all):
        response = client.post(f"{page}claim", {"claim": "1"})
    assert response.status_code == 404
    assert "the drawing has been deleted" in response.text


def save_detail(client: Client, submission: Submission) -> str:
    data = {"label": "4", "initial-label": ""}
    for prefix in ("label_changes", "predictions"):
        for name in ("TOTAL", "INITIAL"):
            data[f"{prefix}-{name}_FORMS"] = "0"
    page = f"{LIST}{submission.pk}/change/"
    return unescape(client.post(page, data, follow=True).content.decode())


def test_the_detail_page_says_that_the_label_was_not_saved(operator: Client) -> None:
    submission = make_submission()
    labelling = 'SELECT "recognizer_submission"."uuid", "recognizer_submission"."label"'
    with before(labelling, delete_all):
        said = save_detail(operator, submission)
    assert "1 label was not saved: the submission has been deleted." in said
    assert "successfully" not in said


def test_the_detail_page_does_not_say_that_a_refused_label_was_saved(
    operator: Client,
) -> None:
    submission = make_submission()
    set_labels([Wanted(submission.pk, None, 3)], make_user("other"))
    said = save_detail(operator, submission)
    assert "labelled '3' by other. Your label was not saved." in said
    assert "successfully" not in said


def test_the_action_reports_drawings_that_are_gone(operator: Client) -> None:
    kept, gone = make_submission(), make_submission()
    chosen = [str(kept.pk), str(gone.pk)]
    Submission.objects.filter(pk=gone.pk).delete_locked()
    data = {"action": "set_label", "_selected_action": chosen, "new_label": "0"}
    said = unescape(operator.post(LIST, data, follow=True).content.decode())
    assert "1 submission was labelled." in said
    assert "1 label was not saved: the submission has been deleted." in said


@pytest.mark.django_db(transaction=True)
def test_a_label_during_a_deletion_is_reported_as_not_saved() -> None:
    submission, reviewer = make_submission(), make_user()
    outcomes: list[Outcome] = []

    def label() -> None:
        try:
            wanted = Wanted(submission.pk, None, 3)
            outcomes.append(set_labels([wanted], reviewer))
        finally:
            connection.close()

    thread = threading.Thread(target=label)

    def label_meanwhile() -> None:
        thread.start()
        thread.join(0.3)  # it waits for the deletion

    # Django deletes the drawing after everything that belongs to it.
    with before('DELETE FROM "recognizer_submission"', label_meanwhile):
        Submission.objects.filter(pk=submission.pk).delete_locked()
    thread.join()
    assert outcomes[0].missing == [submission.pk]
    assert not Submission.objects.exists()
    assert not LabelChange.objects.exists()

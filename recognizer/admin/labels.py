"""Labels in the admin's forms: what the page showed and what the reviewer chose."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recognizer.models import LABELS, Submission, SubmissionQuerySet
from recognizer.reviewing.labelling import Outcome, Wanted


class LabelField(forms.TypedChoiceField):
    """A label, or None for 'not labelled'."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("label"),
            choices=[("", "---------"), *LABELS],
            coerce=int,
            empty_value=None,
            required=False,
        )


class LabelForm(forms.ModelForm[Submission]):
    """A row of the list. Its select has a name that says which submission it labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = _("Label of %(id)s") % {"id": str(self.instance.pk)[:8]}
        self.fields["label"].widget.attrs |= {"aria-label": name} | warning_attributes()


def warning_attributes() -> dict[str, str]:
    """Return the attributes by which unsaved.js finds a select, and what it asks."""
    return {"data-unsaved": _("Some labels are not saved. Leave this page?")}


class LabelActionForm(ActionForm):
    new_label = LabelField()


def wanted_labels(data: QueryDict) -> list[Wanted]:
    """Return the changed labels of the list's form. Raises ValidationError."""
    wanted = []
    for submission, number in _rows(data):
        label = LabelField().clean(data.get(f"form-{number}-label"))
        shown = _shown(data, number)
        if label != shown:
            wanted.append(Wanted(submission, shown, label))
    return wanted


def shown_labels(data: QueryDict) -> dict[UUID, int | None]:
    """Return the labels that the list showed, by submission."""
    return {submission: _shown(data, number) for submission, number in _rows(data)}


def chosen_submissions(data: QueryDict, found: SubmissionQuerySet) -> set[UUID]:
    """Return the submissions of an action, also those that have been deleted since."""
    chosen = set(found.values_list("pk", flat=True))
    if data.get("select_across") == "1":
        return chosen
    return chosen | {UUID(each) for each in data.getlist(ACTION_CHECKBOX_NAME)}


class LabelNotSaved(Exception):  # noqa: N818 - not a mistake of the code
    """The label of the page of one submission was not saved."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def show_outcome(request: HttpRequest, outcome: Outcome) -> None:
    """Tell the reviewer what was saved and what was not."""
    count = len(outcome.saved)
    if count:
        words = ngettext(
            "%d submission was labelled.", "%d submissions were labelled.", count
        )
        messages.success(request, words % count)
    for submission in outcome.conflicts:
        messages.warning(request, conflict_words(submission))
    missing = len(outcome.missing)
    if missing:
        words = ngettext(
            "%d label was not saved: the submission has been deleted.",
            "%d labels were not saved: the submissions have been deleted.",
            missing,
        )
        messages.error(request, words % missing)


def conflict_words(submission: Submission) -> str:
    """Return who has labelled a submission since the page was shown, and as what."""
    who = submission.labelled_by or _("somebody")
    if submission.label is None:
        words = _(
            "%(id)s: the label was removed by another reviewer. Yours was not saved."
        )
    else:
        words = _("%(id)s: labelled '%(label)s' by %(who)s. Your label was not saved.")
    return words % {
        "id": str(submission.pk)[:8],
        "label": submission.get_label_display(),
        "who": who,
    }


def _rows(data: QueryDict) -> Iterator[tuple[UUID, int]]:
    """Yield each submission in the list's form, with the number of its row."""
    total = forms.IntegerField(min_value=0, max_value=1000)
    for number in range(total.clean(data.get("form-TOTAL_FORMS", "0"))):
        yield forms.UUIDField().clean(data.get(f"form-{number}-uuid")), number


def _shown(data: QueryDict, number: int) -> int | None:
    shown: int | None = LabelField().clean(data.get(f"initial-form-{number}-label"))
    return shown

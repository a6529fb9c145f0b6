"""The keys and sentences of the review page's script."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recognizer.models import LABELS
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT, SEVERAL

LETTERS = {NOT_A_DIGIT: "N", SEVERAL: "S", CANNOT_TELL: "C"}


@dataclass(frozen=True)
class LabelKey:
    """A key of the keyboard and the label that it sets."""

    key: str
    label: int
    name: str | Promise


LABEL_KEYS = [
    LabelKey(LETTERS.get(label, str(label)), label, name) for label, name in LABELS
]

# The script fills in what stands in braces.
WORDS = {
    "readAs": _("Read as {label}"),
    "drawing": _("Drawing {number}: read as {reading}"),
    "marked": _("Drawing {number}: you say {label}"),
    "markSet": _("Drawing {number} marked: {label}."),
    "markTaken": _("Mark removed from drawing {number}."),
    "confirm": _("Confirm all {count}"),
    "confirmRest": _("Save {marked} marked, confirm {count}"),
    "agree": _("Agree: {label}"),
    "agreeNone": _("Agree"),
    "readingIs": _("Read as"),
    "picture": _("the submitted picture"),
    "glyph": _("what the network saw, 28 by 28 pixels"),
    "trail": _("Recently labelled"),
    "state_waiting": _("being saved"),
    "state_failed": _("not saved yet"),
    "state_saved": _("saved"),
    "state_conflict": _("another reviewer's label was kept"),
    "state_missing": _("deleted"),
    "nothingToAgree": _("In blind mode, press the label that you see."),
    "shown": _("Drawings to check: {count}."),
    "labelled": _("Labelled {label}."),
    "current": _("Read as {reading}."),
    "currentBlind": _("Next drawing."),
    "yourLabel": _("Your label: {label}"),
    "claim": _("The visitor says: {label}"),
    "noClaim": _("The visitor made no claim."),
    "saving": _("Saving…"),
    "loading": _("Loading drawings…"),
    "labelledSoFar": _("{count} labelled in this session"),
    "undone": _("Undone."),
    "nothingToUndo": _("There is nothing to undo."),
    "failed": _("Not saved: the site cannot be reached. Retrying automatically."),
    "failedLoading": _("The site cannot be reached. Retrying automatically."),
    "loggedOut": _("You have been logged out. Log in in another tab, then try again."),
    "refused": _("Not saved: {error}"),
    "unsaved": _("Labels that are not saved yet: {count}."),
    "missing": _("{id}: the drawing has been deleted. Your label was not saved."),
    "empty": _("Nothing is left in this queue."),
    "reserved": _(
        "Other reviewers are looking at the drawings that are left. "
        "Try again in a few minutes."
    ),
    "skipped": _("Skipped drawings without a label: {count}."),
    "showAgain": _("Show them again"),
    "tryAgain": _("Try again"),
    "login": _("Log in in another tab"),
}

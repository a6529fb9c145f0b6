"""Reviewing as a person does: logged in, with the labels that came of it."""

from django.contrib.auth.models import Permission
from playwright.sync_api import Locator, Page, expect

from recognizer.models import Submission
from tests.factories import make_user

ADMIN = "/admin/"
LIST = ADMIN + "recognizer/submission/"
REVIEW = LIST + "review/"
RIGHTS = ["view_submission", "change_submission"]
PASSWORD = "a long password for tests"


def log_in(page: Page, username: str = "operator") -> None:
    """Make somebody who may label, and log in with the form."""
    user = make_user(username, password=PASSWORD, is_staff=True)
    # The group of operators is gone: these tests empty the database after each other.
    rights = Permission.objects.filter(codename__in=RIGHTS)
    user.user_permissions.set(rights)
    log_in_again(page, username)


def log_in_again(page: Page, username: str = "operator") -> None:
    page.goto(ADMIN)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Review drawings")).to_be_visible()


def open_review(page: Page, queue: str, **query: str) -> None:
    words = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{REVIEW}?queue={queue}{words}")
    expect(page.locator("#stage > *").first).to_be_visible()
    expect(page.get_by_text("Loading drawings")).to_be_hidden()
    shown = page.locator("#stage :is(.picture, [role=option], .empty)")
    expect(shown.first).to_be_visible()
    page.wait_for_load_state(
        "networkidle"
    )  # nothing is on its way that a test may stop


def tiles(page: Page) -> Locator:
    return page.get_by_role("option")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def wait_until_saved(page: Page) -> None:
    expect(page.locator("#saving")).to_contain_text("labelled in this session")


def labels(*submissions: Submission) -> list[int | None]:
    """Return the labels that the database has now."""
    rows = Submission.objects.in_bulk([submission.pk for submission in submissions])
    return [rows[submission.pk].label for submission in submissions]

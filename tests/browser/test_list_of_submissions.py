"""The admin's list and detail page of submissions in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from recognizer.models import Submission
from tests.browser.reviewing import LIST, labels, log_in
from tests.browser.test_pages import VARIANTS, violations
from tests.browser.watch import watched_page
from tests.factories import make_submission

VISIBLE_ROWS = """() => {
    const rows = [...document.querySelectorAll("#result_list tbody tr")];
    const save = document.querySelector("[name=_save]").closest(".paginator");
    const end = save.getBoundingClientRect().top;
    return rows.filter((row) => row.getBoundingClientRect().bottom <= end).length;
}"""


def choose(page: Page, label: str, row: int = 0) -> None:
    page.locator("#result_list tbody select").nth(row).select_option(label)


def detail(submission: Submission) -> str:
    return f"{LIST}{submission.pk}/change/"


def answer_dialogs(page: Page, *, leave: bool) -> list[str]:
    """Answer each dialog, and return the list in which the kinds of dialogs will be."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if leave:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return asked


def test_many_rows_and_the_save_button_are_visible_at_once(desktop: Page) -> None:
    log_in(desktop)
    for _ in range(50):
        make_submission()
    desktop.goto(LIST)
    save = desktop.get_by_role("button", name="Save")
    expect(save).to_be_in_viewport(ratio=1)
    assert desktop.evaluate(VISIBLE_ROWS) > 5
    desktop.mouse.wheel(0, 1000)
    expect(save).to_be_in_viewport(ratio=1)


def test_the_label_is_in_sight_on_a_phone(phone: Page) -> None:
    log_in(phone)
    submission = make_submission()
    phone.goto(LIST)
    select = phone.get_by_role("combobox", name="Label of ")
    expect(select).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("button", name="Save")).to_be_in_viewport(ratio=1)
    phone.goto(detail(submission))
    expect(phone.get_by_label("Label:")).to_be_in_viewport(ratio=1)


def test_a_label_that_is_not_saved_is_not_lost_by_a_click(desktop: Page) -> None:
    log_in(desktop)
    submission = make_submission()
    desktop.goto(LIST)
    asked = answer_dialogs(desktop, leave=False)
    choose(desktop, "4")
    expect(desktop.locator("select.unsaved")).to_have_count(1)
    desktop.get_by_role("link", name="labelled", exact=True).click()
    expect(desktop).to_have_url(LIST)
    assert asked == ["confirm"]
    desktop.get_by_role("button", name="Save").click()
    expect(desktop.get_by_text("1 submission was labelled.")).to_be_visible()
    assert labels(submission) == [4]
    assert asked == ["confirm"]


def test_leaving_unsaved_labels_takes_one_answer(desktop: Page) -> None:
    log_in(desktop)
    submission = make_submission()
    desktop.goto(LIST)
    asked = answer_dialogs(desktop, leave=True)
    choose(desktop, "4")
    desktop.get_by_role("link", name="labelled", exact=True).click()
    expect(desktop).to_have_url(f"{LIST}?label=labelled")
    assert asked == ["confirm"]
    assert labels(submission) == [None]


def test_closing_or_reloading_the_page_warns_of_unsaved_labels(desktop: Page) -> None:
    log_in(desktop)
    make_submission()
    desktop.goto(LIST)
    asked = answer_dialogs(desktop, leave=True)
    choose(desktop, "4")
    desktop.reload()
    assert asked == ["beforeunload"]


def test_a_choice_that_is_taken_back_is_not_unsaved(desktop: Page) -> None:
    log_in(desktop)
    make_submission()
    desktop.goto(LIST)
    asked = answer_dialogs(desktop, leave=True)
    choose(desktop, "4")
    choose(desktop, "")
    desktop.get_by_role("link", name="labelled", exact=True).click()
    expect(desktop).to_have_url(f"{LIST}?label=labelled")
    assert asked == []


def test_the_detail_page_warns_of_an_unsaved_label_too(desktop: Page) -> None:
    log_in(desktop)
    submission = make_submission()
    desktop.goto(detail(submission))
    asked = answer_dialogs(desktop, leave=False)
    desktop.get_by_label("Label:").select_option("4")
    desktop.get_by_role("link", name="Home").click()
    assert asked == ["confirm"]
    desktop.get_by_role("button", name="Save", exact=True).click()
    expect(desktop).to_have_url(LIST)
    assert labels(submission) == [4]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_axe_finds_nothing(
    browser: Browser, live_server: LiveServer, variant: dict[str, Any]
) -> None:
    with watched_page(browser, live_server.url, **variant) as page:
        log_in(page)
        submission = make_submission(claim=1)
        found = {"home": violations(page, preload=False)}
        page.goto(LIST)
        choose(page, "4")
        found["list"] = violations(page, preload=False)
        choose(page, "")
        page.goto(detail(submission))
        found["detail"] = violations(page, preload=False)
        assert found == {name: [] for name in found}

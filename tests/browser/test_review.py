"""The review page in a real browser: by keyboard, mouse and touch, and when things go wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Dialog, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from recognizer.models import LabelChange, Submission
from recognizer.reviewing.labelling import Wanted, set_labels
from tests.browser.reviewing import (
    LIST,
    labels,
    log_in,
    log_in_again,
    open_review,
    press,
    tiles,
    wait_until_saved,
)
from tests.browser.test_pages import VARIANTS, violations
from tests.browser.watch import PHONE, watched_page
from tests.factories import make_submission, make_user

NO_CONNECTION = pytest.mark.complaints("net::ERR_FAILED")
LABELS = "**/review/labels/"
TOO_SMALL = """() => [...document.querySelectorAll(".review-layout :is(a, button, .tile)")]
    .filter((element) => element.getClientRects().length)
    .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
    })
    .map((element) => element.outerHTML)"""


def make_sevens(count: int) -> list[Submission]:
    """Submissions that were read as 7, newest first, as their queue offers them."""
    now = timezone.now()
    return [make_submission(created=now - timedelta(days=n)) for n in range(count)]


def expect_nothing_left(page: Page) -> None:
    expect(page.locator(".empty")).to_have_text("Nothing is left in this queue.")


def in_words(page: Page) -> str:
    return page.locator("#said").inner_text()


# The grid


def test_the_grid_is_reviewed_by_keyboard(desktop: Page) -> None:
    log_in(desktop)
    one, two, three, four = make_sevens(4)
    open_review(desktop, "read-as-7")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("These were read as 7")
    press(desktop, "ArrowRight", "1", "ArrowRight", "n")
    expect(tiles(desktop).nth(1)).to_have_accessible_name("Drawing 2: you say 1")
    press(desktop, "Enter")
    expect_nothing_left(desktop)
    assert labels(one, two, three, four) == [7, 1, 10, 7]


def test_the_grid_is_reviewed_by_mouse(desktop: Page) -> None:
    log_in(desktop)
    one, two, three = make_sevens(3)
    open_review(desktop, "read-as-7")
    tiles(desktop).nth(0).click()
    desktop.get_by_role("button", name="several digits").click()
    tiles(desktop).nth(2).click()
    desktop.get_by_role("button", name="4", exact=True).click()
    desktop.get_by_role("button", name="Save 2 marked, confirm 1").click()
    wait_until_saved(desktop)
    assert labels(one, two, three) == [11, 7, 4]


def test_the_grid_is_reviewed_by_touch(phone: Page) -> None:
    log_in(phone)
    submissions = make_sevens(30)
    open_review(phone, "read-as-7")
    tiles(phone).nth(2).tap()
    phone.get_by_role("button", name="cannot tell").tap()
    tiles(phone).nth(29).tap()  # it scrolls there, and the labels stay in reach
    phone.get_by_role("button", name="3", exact=True).tap()
    phone.get_by_role("button", name="Save 2 marked, confirm 28").tap()
    wait_until_saved(phone)
    assert labels(*submissions) == [7, 7, 12, *[7] * 26, 3]


def test_a_page_of_sixty_is_confirmed_in_one_request_and_the_next_comes(
    desktop: Page,
) -> None:
    log_in(desktop)
    make_sevens(62)
    open_review(desktop, "read-as-7")
    expect(tiles(desktop)).to_have_count(60)
    requests: list[Request] = []
    desktop.on("request", lambda request: requests.append(request))
    press(desktop, "Enter")
    expect(tiles(desktop)).to_have_count(2)
    sent = [request for request in requests if not request.url.startswith("data:")]
    assert len(sent) == 1
    assert Submission.objects.filter(label=7).count() == 60
    expect(desktop.locator(".queues [aria-current] .left")).to_have_text("2")


def test_arrows_move_in_all_directions(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(30)
    open_review(desktop, "read-as-7")
    expect(tiles(desktop).nth(0)).to_be_focused()
    for key, expected in {
        "ArrowDown": 12,
        "ArrowRight": 13,
        "ArrowUp": 1,
        "ArrowLeft": 0,
    }.items():
        press(desktop, key)
        expect(tiles(desktop).nth(expected)).to_be_focused()
        expect(tiles(desktop).nth(expected)).to_have_attribute("aria-selected", "true")


def test_a_queue_of_several_readings_is_grouped_by_them(desktop: Page) -> None:
    log_in(desktop)
    three = make_submission(kept_aside=True, answer={"digit": 3})
    seven = make_submission(kept_aside=True)
    open_review(desktop, "sample")
    for reading in ("Read as 3", "Read as 7"):
        group = desktop.get_by_role("group", name=reading)
        expect(group.get_by_role("option")).to_have_count(1)
    press(desktop, "Enter")
    wait_until_saved(desktop)
    assert labels(three, seven) == [3, 7]


def test_z_removes_the_last_mark_and_then_takes_back_the_last_page(
    desktop: Page,
) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "read-as-7")
    press(desktop, "1", "ArrowRight", "2", "z")
    expect(desktop.locator(".tile.marked")).to_have_count(1)
    press(desktop, "Enter")
    wait_until_saved(desktop)
    assert labels(one, two) == [1, 7]
    press(desktop, "z")
    expect(tiles(desktop)).to_have_count(2)
    expect(tiles(desktop).nth(0)).to_have_accessible_name("Drawing 1: you say 1")
    assert labels(one, two) == [None, None]
    assert LabelChange.objects.count() == 4


def test_a_mark_that_agrees_with_the_reading_is_none(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(1)
    open_review(desktop, "read-as-7")
    press(desktop, "1", "7")
    expect(desktop.locator(".tile.marked")).to_have_count(0)
    expect(desktop.get_by_role("button", name="Confirm all 1")).to_be_visible()


def test_leaving_marks_behind_needs_a_confirmation(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(2)
    open_review(desktop, "read-as-7")
    press(desktop, "1")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    desktop.on("dialog", stay)
    desktop.get_by_role("link", name="Doubtful").click(no_wait_after=True)
    expect(desktop.locator(".tile.marked")).to_have_count(1)
    desktop.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    press(desktop, "z")
    desktop.get_by_role("link", name="Doubtful").click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Doubtful")


# One at a time


def test_single_drawings_are_reviewed_by_keyboard(desktop: Page) -> None:
    log_in(desktop)
    one, two, three, four = make_sevens(4)
    open_review(desktop, "all", mode="single")
    expect(desktop.get_by_text("7, quite sure (91.0 %)")).to_be_visible()
    press(desktop, "Enter", "4", "c", "S")
    expect_nothing_left(desktop)
    wait_until_saved(desktop)
    assert labels(one, two, three, four) == [7, 4, 12, 11]


def test_single_drawings_are_reviewed_by_mouse(desktop: Page) -> None:
    log_in(desktop)
    one, two, three = make_sevens(3)
    open_review(desktop, "all", mode="single")
    desktop.get_by_role("button", name="1", exact=True).click()
    press(desktop, "Enter")  # agrees, and does not press the button again
    desktop.get_by_role("button", name="Agree: 7").click()
    expect_nothing_left(desktop)
    wait_until_saved(desktop)
    assert labels(one, two, three) == [1, 7, 7]


def test_single_drawings_are_reviewed_by_touch(phone: Page) -> None:
    log_in(phone)
    one, two, three = make_sevens(3)
    open_review(phone, "all", mode="single")
    phone.get_by_role("button", name="Agree: 7").tap()
    phone.get_by_role("button", name="not a digit").tap()
    phone.get_by_role("button", name="9", exact=True).tap()
    phone.get_by_role("button", name="Undo").tap()
    phone.get_by_role("button", name="8", exact=True).tap()
    expect_nothing_left(phone)
    wait_until_saved(phone)
    assert labels(one, two, three) == [7, 10, 8]


def test_the_buttons_can_be_used_by_keyboard_alone(desktop: Page) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode="single")
    button = desktop.get_by_role("button", name="4", exact=True)
    button.focus()
    press(desktop, "Enter")
    expect(button).to_be_focused()
    press(desktop, "Space")
    wait_until_saved(desktop)
    assert labels(one, two) == [4, 4]


def test_z_takes_back_one_label_after_the_other(desktop: Page) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode="single")
    press(desktop, "4", "5", "z", "z", "6")
    expect(desktop.locator("#saving")).to_have_text("1 labelled in this session")
    expect(desktop.locator(".trail .saved")).to_have_count(1)
    assert labels(one, two) == [6, None]
    history = LabelChange.objects.filter(submission=one).values_list("old", "new")
    assert list(history) == [(None, 4), (4, None), (None, 6)]
    assert LabelChange.objects.filter(submission=two).count() == 2


def test_arrows_skip_a_drawing_and_come_back_to_it(desktop: Page) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode="single")
    press(desktop, "ArrowRight", "3")
    skipped = "Skipped drawings without a label: 1."
    expect(desktop.get_by_text(skipped)).to_be_visible()
    press(desktop, "ArrowLeft")
    expect(desktop.get_by_text("Your label: 3")).to_be_visible()
    press(desktop, "ArrowLeft", "2")
    wait_until_saved(desktop)
    expect(desktop.locator(".trail .saved")).to_have_count(2)
    assert labels(one, two) == [2, 3]


def test_a_label_is_changed_by_going_back_to_its_drawing(desktop: Page) -> None:
    log_in(desktop)
    one, _two = make_sevens(2)
    open_review(desktop, "all", mode="single")
    press(desktop, "4", "ArrowLeft", "5")
    wait_until_saved(desktop)
    expect(desktop.locator("#saving")).to_have_text("1 labelled in this session")
    assert labels(one) == [5]


def test_more_drawings_come_before_the_last_is_reached(desktop: Page) -> None:
    log_in(desktop)
    submissions = make_sevens(65)
    open_review(desktop, "all", mode="single")
    for _ in submissions:
        expect(desktop.locator(".picture")).to_be_visible()
        press(desktop, "Enter")
    expect_nothing_left(desktop)
    wait_until_saved(desktop)
    assert labels(*submissions) == [7] * 65


def test_the_most_doubtful_come_first_and_the_claim_is_shown(desktop: Page) -> None:
    log_in(desktop)
    make_submission(doubt=0.1)
    make_submission(doubt=1.5, claim=1)
    open_review(desktop, "doubtful")
    expect(desktop.get_by_text("The visitor says: 1")).to_be_visible()
    press(desktop, "ArrowRight")
    expect(desktop.get_by_text("The visitor made no claim.")).to_be_visible()


def test_blind_mode_hides_the_reading_and_the_claim(desktop: Page) -> None:
    log_in(desktop)
    submission = make_submission(kept_aside=True, claim=3, answer={"digit": 8})
    open_review(desktop, "sample", blind="1")
    expect(desktop.get_by_alt_text("the submitted picture")).to_be_visible()
    for words in ("Read as", "8, quite sure", "The visitor says"):
        expect(desktop.get_by_text(words)).to_be_hidden()
    assert desktop.get_by_role("button", name="Agree").count() == 0
    press(desktop, "Enter")
    assert in_words(desktop) == "In blind mode, press the label that you see."
    press(desktop, "4")
    wait_until_saved(desktop)
    assert labels(submission) == [4]


def test_a_screen_reader_is_told_what_happened_and_what_comes(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(2)
    open_review(desktop, "all", mode="single")
    press(desktop, "4")
    said = desktop.get_by_role("status").filter(has_text="Labelled 4. Read as 7.")
    expect(said).to_have_count(1)


@pytest.mark.parametrize("mode", ["grid", "single"])
def test_a_question_mark_lists_the_keys(desktop: Page, mode: str) -> None:
    log_in(desktop)
    (submission,) = make_sevens(1)
    open_review(desktop, "all", mode=mode)
    press(desktop, "?")
    keys = desktop.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    press(desktop, "4")  # not a label while the list is open
    press(desktop, "Escape")
    expect(keys).to_be_hidden()
    assert labels(submission) == [None]


# When things go wrong


@NO_CONNECTION
@pytest.mark.parametrize("mode", ["grid", "single"])
def test_labels_stay_when_the_connection_breaks_and_are_sent_again(
    desktop: Page, mode: str
) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode=mode)
    desktop.route(LABELS, lambda route: route.abort())
    press(desktop, "4", "Enter")
    problem = desktop.get_by_role("alert")
    expect(problem).to_contain_text("Not saved: the site cannot be reached.")
    expect(problem).to_contain_text("Labels that are not saved yet: 2")
    expect(desktop.locator(".not-saved .tile, .trail .failed")).to_have_count(2)
    assert labels(one, two) == [None, None]
    desktop.unroute(LABELS)
    expect(problem).to_be_empty()
    wait_until_saved(desktop)
    assert labels(one, two) == [4, 7]


@NO_CONNECTION
def test_an_answer_that_is_lost_does_no_harm(desktop: Page) -> None:
    log_in(desktop)
    (submission,) = make_sevens(1)
    open_review(desktop, "all", mode="single")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    desktop.route(LABELS, lose)
    press(desktop, "4")
    expect(desktop.get_by_role("alert")).to_contain_text("Not saved")
    assert labels(submission) == [4]
    desktop.unroute(LABELS)
    expect(desktop.locator(".trail .saved")).to_have_count(1)
    assert labels(submission) == [4]
    assert LabelChange.objects.count() == 1


@pytest.mark.complaints("503")
def test_a_site_that_is_down_for_a_moment_loses_no_label(desktop: Page) -> None:
    log_in(desktop)
    (submission,) = make_sevens(1)
    open_review(desktop, "all", mode="single")
    desktop.route(LABELS, lambda route: route.fulfill(status=503))
    press(desktop, "4")
    expect(desktop.get_by_role("alert")).to_contain_text("Not saved")
    desktop.unroute(LABELS)
    expect(desktop.locator(".trail .saved")).to_have_count(1)
    assert labels(submission) == [4]


@NO_CONNECTION
def test_leaving_unsaved_labels_needs_a_confirmation(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(1)
    open_review(desktop, "all", mode="single")
    desktop.route(LABELS, lambda route: route.abort())
    press(desktop, "4")
    expect(desktop.get_by_role("alert")).to_contain_text(
        "Labels that are not saved yet: 1"
    )
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desktop.on("dialog", leave)
    desktop.get_by_role("link", name="Submissions").click()
    expect(desktop).to_have_url(LIST)
    assert asked == ["beforeunload"]


@pytest.mark.complaints("403")
@pytest.mark.parametrize("mode", ["grid", "single"])
def test_an_expired_login_says_so_and_keeps_the_labels(
    desktop: Page, mode: str
) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode=mode)
    Session.objects.all().delete()
    press(desktop, "4", "Enter")
    problem = desktop.get_by_role("alert")
    words = "You have been logged out. Log in in another tab, then try again."
    expect(problem).to_contain_text(words)
    expect(problem).to_contain_text("Labels that are not saved yet: 2")
    other = desktop.context.new_page()
    log_in_again(other)
    other.close()
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_be_empty()
    wait_until_saved(desktop)
    assert labels(one, two) == [4, 7]


@pytest.mark.parametrize("mode", ["grid", "single"])
def test_a_conflict_shows_whose_label_was_kept(desktop: Page, mode: str) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "all", mode=mode)
    set_labels([Wanted(one.pk, None, 3)], make_user("anna"))
    press(desktop, "4", "Enter")
    kept = "labelled '3' by anna. Your label was not saved."
    expect(desktop.get_by_role("log")).to_contain_text(kept)
    wait_until_saved(desktop)
    expect(desktop.locator("#saving")).to_have_text("1 labelled in this session")
    assert labels(one, two) == [3, 7]


def test_another_reviewers_label_is_not_taken_back(desktop: Page) -> None:
    log_in(desktop)
    (one,) = make_sevens(1)
    open_review(desktop, "all", mode="single")
    set_labels([Wanted(one.pk, None, 3)], make_user("anna"))
    press(desktop, "4")
    expect(desktop.get_by_role("log")).to_contain_text("labelled '3' by anna")
    expect_nothing_left(desktop)
    press(desktop, "z")
    assert in_words(desktop) == "There is nothing to undo."
    assert labels(one) == [3]


def test_a_deleted_drawing_is_reported(desktop: Page) -> None:
    log_in(desktop)
    one, two = make_sevens(2)
    open_review(desktop, "read-as-7")
    one.delete()
    press(desktop, "Enter")
    expect(desktop.get_by_role("log")).to_contain_text("the drawing has been deleted")
    assert labels(two) == [7]


def test_drawings_that_another_reviewer_looks_at_are_not_shown(
    desktop: Page, browser: Browser, live_server: LiveServer
) -> None:
    log_in(desktop)
    make_sevens(2)
    open_review(desktop, "all", mode="single")
    with watched_page(browser, live_server.url) as page:
        log_in(page, "other")
        open_review(page, "all", mode="single")
        words = "Other reviewers are looking at the drawings that are left."
        expect(page.locator(".empty")).to_contain_text(words)


def test_without_javascript_it_leads_to_the_list(
    browser: Browser, live_server: LiveServer
) -> None:
    with watched_page(browser, live_server.url, java_script_enabled=False) as page:
        log_in(page)
        page.get_by_role("link", name="Review drawings").click()
        expect(page.get_by_text("This page needs JavaScript.")).to_be_visible()
        page.get_by_role("link", name="Without it, label drawings").click()
        expect(page).to_have_url(LIST)


# How it looks


def show_states(page: Page) -> dict[str, list[str]]:
    """Go through what the page can look like, and return what axe finds in each state."""
    found = {}
    open_review(page, "read-as-7")
    press(page, "1", "ArrowRight", "n")
    found["grid with marks"] = violations(page)
    press(page, "z", "z")
    open_review(page, "sample")
    found["grid with groups"] = violations(page)
    press(page, "?")
    found["keys"] = violations(page)
    open_review(page, "disputed")
    found["single"] = violations(page)
    set_labels([Wanted(first_disputed().pk, None, 3)], make_user("anna"))
    press(page, "4")
    expect(page.get_by_role("log")).not_to_be_empty()
    found["conflict"] = violations(page)
    page.route(LABELS, lambda route: route.abort())
    press(page, "5")
    expect(page.get_by_role("alert")).not_to_be_empty()
    found["not saved"] = violations(page)
    page.unroute(LABELS)
    expect(page.get_by_role("alert")).to_be_empty()
    open_review(page, "sample", blind="1")
    found["blind"] = violations(page)
    open_review(page, "read-as-0")
    found["nothing left"] = violations(page)
    return found


def first_disputed() -> Submission:
    return Submission.objects.all().disputed().order_by("-created")[0]


def make_examples() -> None:
    for day in range(3):
        made = timezone.now() - timedelta(days=day)
        make_submission(kept_aside=True, created=made)
        make_submission(kept_aside=True, claim=1, created=made, answer={"digit": 3})


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_axe_finds_nothing_in_any_state(
    browser: Browser, live_server: LiveServer, variant: dict[str, Any]
) -> None:
    expected = ["net::ERR_FAILED"]
    with watched_page(browser, live_server.url, expected, **variant) as page:
        log_in(page)
        make_examples()
        found = show_states(page)
        assert found == {name: [] for name in found}


@pytest.mark.parametrize("query", [{}, {"mode": "single"}, {"blind": "1"}])
@pytest.mark.parametrize("width", [320, 390])
def test_a_finger_hits_every_target_and_nothing_scrolls_sideways(
    browser: Browser, live_server: LiveServer, width: int, query: dict[str, str]
) -> None:
    variant = PHONE | {"viewport": {"width": width, "height": 844}}
    with watched_page(browser, live_server.url, **variant) as page:
        log_in(page)
        make_examples()
        open_review(page, "sample", **query)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_SMALL) == []


def test_the_grid_and_its_buttons_fit_on_a_laptop(desktop: Page) -> None:
    log_in(desktop)
    make_sevens(60)
    open_review(desktop, "read-as-7")
    expect(tiles(desktop).nth(59)).to_be_in_viewport(ratio=1)
    expect(desktop.get_by_role("button", name="Confirm all 60")).to_be_in_viewport(
        ratio=1
    )
    places = [
        locator.bounding_box()
        for locator in (tiles(desktop).nth(59), desktop.locator("#palette"))
    ]
    assert places[0]
    assert places[1]
    assert places[0]["y"] + places[0]["height"] <= places[1]["y"]

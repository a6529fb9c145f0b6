"""From the board or the file field to the answer; when that fails, the drawing is not lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    FileChooser,
    FilePayload,
    Locator,
    Page,
    Route,
    expect,
)
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from recognizer.models import Submission
from tests import factories
from tests.browser.drawing import THREE, draw, ink, ink_at
from tests.browser.strokes import DIGITS, DOWN
from tests.browser.watch import watched_page

RESULT = re.compile("/s/")
TEXT: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"seven"}
OFFLINE = pytest.mark.complaints("ERR_INTERNET_DISCONNECTED")


@pytest.fixture
def board(desktop: Page) -> Page:
    desktop.goto("/")
    return desktop


def picture() -> FilePayload:
    return {
        "name": "seven.png",
        "mimeType": "image/png",
        "buffer": factories.picture_bytes(),
    }


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Send")


def message(page: Page) -> Locator:
    return page.get_by_role("alert")


@pytest.mark.complaints("422")
def test_an_empty_board_is_answered_beside_it(board: Page) -> None:
    button(board).click()
    expect(message(board)).to_contain_text("nothing to read yet")
    expect(board).to_have_url("/")
    expect(button(board)).to_be_focused()


@pytest.mark.complaints("422")
def test_a_fault_keeps_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(TEXT)
    button(board).click()
    expect(message(board)).to_contain_text("neither a PNG nor a JPEG")
    assert ink_at(board, (0.3, 0.5))


@pytest.mark.complaints("422")
def test_a_fault_keeps_the_drawing_when_the_browser_sends_the_form(board: Page) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(TEXT)
    with board.expect_navigation():
        board.locator("form.draw").evaluate("form => form.submit()")
    expect(message(board)).to_contain_text("neither a PNG nor a JPEG")
    expect(board.get_by_text("Draw here")).to_be_hidden()
    assert ink_at(board, (0.3, 0.5))


def test_a_file_is_answered(board: Page) -> None:
    board.locator("input[type=file]").set_input_files(picture())
    expect(board.get_by_alt_text("The picture that you chose")).to_be_visible()
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "upload"


def test_a_file_is_answered_without_javascript(
    browser: Browser, live_server: LiveServer
) -> None:
    with watched_page(browser, live_server.url, java_script_enabled=False) as page:
        page.goto("/")
        expect(page.locator("noscript p")).to_be_visible()
        expect(page.locator("#board")).to_be_hidden()
        page.locator("input[type=file]").set_input_files(picture())
        button(page).click()
        expect(page).to_have_url(RESULT)
        page.get_by_label("not a digit").check()
        page.get_by_role("button", name="Say so").click()
        expect(page.get_by_text("Thank you")).to_be_visible()


def carry(page: Page, event: str, field: str) -> None:
    """Let a picture go over the page, or paste it."""
    page.evaluate(
        """([bytes, event, field]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" }));
            const options = { bubbles: true, cancelable: true, [field]: carried };
            const kind = { drop: DragEvent, paste: ClipboardEvent }[event];
            document.querySelector("canvas").dispatchEvent(new kind(event, options));
        }""",
        [list(factories.picture_bytes()), event, field],
    )


@pytest.mark.parametrize(
    ("event", "field"), [("drop", "dataTransfer"), ("paste", "clipboardData")]
)
def test_a_picture_can_be(board: Page, event: str, field: str) -> None:
    carry(board, event, field)
    expect(board.get_by_alt_text("The picture that you chose")).to_be_visible()
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "upload"


def test_clear_takes_the_picture_away_and_leaves_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(picture())
    board.get_by_role("button", name="Clear").click()
    expect(board.get_by_alt_text("The picture that you chose")).to_be_hidden()
    assert ink_at(board, (0.3, 0.5))
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "canvas"


def test_it_says_that_it_sends_and_sends_once(board: Page) -> None:
    held: list[Route] = []
    board.route("/", lambda route: held.append(route))
    draw(board, THREE)
    button(board).dblclick()
    expect(board.get_by_role("button", name="Sending…")).to_have_attribute(
        "aria-disabled", "true"
    )
    board.keyboard.press("Enter")
    board.wait_for_timeout(100)
    (route,) = held
    route.continue_()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.count() == 1


@OFFLINE
def test_a_broken_connection_is_a_sentence_and_the_drawing_can_be_sent_again(
    board: Page,
) -> None:
    draw(board, THREE)
    board.context.set_offline(True)
    button(board).click()
    expect(message(board)).to_contain_text("the connection failed")
    assert ink(board).any()
    board.context.set_offline(False)
    button(board).click()
    expect(board).to_have_url(RESULT)


@pytest.mark.complaints("503")
def test_a_broken_recogniser_is_a_sentence(
    board: Page, settings: Settings, tmp_path: Path
) -> None:
    settings.MODEL_FILE = tmp_path / "missing.model"
    draw(board, THREE)
    button(board).click()
    expect(message(board)).to_contain_text("is not available at the moment")
    assert ink(board).any()


def test_back_from_the_answer_the_form_can_be_used_again(board: Page) -> None:
    draw(board, THREE)
    button(board).click()
    expect(board).to_have_url(RESULT)
    board.go_back()
    expect(button(board)).not_to_have_attribute("aria-disabled", "true")


def test_draw_another_begins_with_an_empty_board(board: Page) -> None:
    draw(board, THREE)
    button(board).click()
    board.get_by_role("link", name="Draw another").click()
    expect(board.get_by_text("Draw here")).to_be_visible()
    assert not ink(board).any()


def test_a_tab_that_keeps_nothing_draws_and_sends(
    browser: Browser, live_server: LiveServer
) -> None:
    blocked = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no') } })"
    with watched_page(browser, live_server.url) as page:
        page.add_init_script(blocked)
        page.goto("/")
        draw(page, THREE)
        button(page).click()
        expect(page).to_have_url(RESULT)


def test_the_keyboard_alone_gets_an_answer_and_says_whether_it_is_right(
    desktop: Page,
) -> None:
    desktop.on("filechooser", choose)
    desktop.goto("/")
    tab_to(desktop, lambda: desktop.locator("input[type=file]"))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_alt_text("The picture that you chose")).to_be_visible()
    tab_to(desktop, lambda: button(desktop), "Shift+Tab")
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(RESULT)
    tab_to(desktop, lambda: desktop.get_by_role("radio", name="0"))
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("You said: 1")).to_be_visible()
    assert Submission.objects.get().claim == 1
    tab_to(desktop, lambda: desktop.get_by_role("link", name="Draw another"))
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url("/")


def choose(chooser: FileChooser) -> None:
    chooser.set_files(picture())


def tab_to(page: Page, wanted: Callable[[], Locator], key: str = "Tab") -> None:
    for _ in range(30):
        if wanted().evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not get there")


def test_the_page_reads_along(board: Page) -> None:
    draw(board, DIGITS[7])
    expect(board.get_by_role("status")).to_contain_text("7")
    expect(board.locator("#bars .read")).to_have_text("7")
    assert not Submission.objects.exists()
    board.get_by_role("button", name="Clear").click()
    expect(board.get_by_role("status")).to_have_text(
        "A neural network reads as you draw."
    )
    expect(board.locator("#bars .read")).to_have_count(0)


@OFFLINE
def test_it_keeps_quiet_when_it_cannot_read_along(board: Page) -> None:
    draw(board, DIGITS[7])
    expect(board.get_by_role("status")).to_contain_text("7")
    board.context.set_offline(True)
    draw(board, [DOWN])
    expect(board.get_by_role("status")).to_have_text(
        "A neural network reads as you draw."
    )
    expect(message(board)).to_be_empty()


def test_coming_back_shows_the_picture_that_would_be_sent(board: Page) -> None:
    board.locator("#id_file").set_input_files(picture())
    expect(board.locator("#preview")).to_be_visible()
    board.goto("/about/")
    board.go_back()
    there = board.evaluate("document.getElementById('id_file').files.length > 0")
    expect(board.locator("#preview")).to_be_visible(visible=there)
    expect(board.locator("#hint")).to_be_visible(visible=not there)

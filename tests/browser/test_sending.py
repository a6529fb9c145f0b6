"""Sending a drawing or a file, and errors: the drawing is never lost."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
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
DAMAGED: FilePayload = {
    "name": "damaged.png",
    "mimeType": "image/png",
    "buffer": factories.picture_bytes()[:20],
}
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
    return page.locator("#message")


@pytest.mark.complaints("422")
def test_sending_an_empty_board_shows_an_error_beside_it(board: Page) -> None:
    button(board).click()
    expect(message(board)).to_contain_text("nothing to read yet")
    expect(board).to_have_url("/")
    expect(button(board)).to_be_focused()


@pytest.mark.complaints("422")
def test_an_error_keeps_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(TEXT)
    button(board).click()
    expect(message(board)).to_contain_text("neither a PNG nor a JPEG")
    assert ink_at(board, (0.3, 0.5))


@pytest.mark.complaints("422")
def test_an_error_keeps_the_drawing_when_the_browser_sends_the_form(
    board: Page,
) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(TEXT)
    with board.expect_navigation():
        board.locator("form.draw").evaluate("form => form.submit()")
    expect(message(board)).to_contain_text("neither a PNG nor a JPEG")
    expect(board.get_by_text("Draw here")).to_be_hidden()
    assert ink_at(board, (0.3, 0.5))


def test_a_chosen_file_is_read(board: Page) -> None:
    board.locator("input[type=file]").set_input_files(picture())
    expect(board.get_by_alt_text("The picture that you chose")).to_be_visible()
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "upload"


def test_a_chosen_file_is_read_without_javascript(
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
        page.get_by_role("button", name="Send correction").click()
        expect(page.get_by_text("Thank you")).to_be_visible()


@pytest.mark.parametrize("file", [TEXT, DAMAGED], ids=["text", "damaged"])
def test_a_file_that_the_browser_cannot_show_is_reported_in_words(
    board: Page, file: FilePayload
) -> None:
    warning = board.get_by_text("Your browser cannot show this file.")
    expect(warning).to_be_hidden()
    board.locator("input[type=file]").set_input_files(file)
    expect(warning).to_be_visible()
    assert is_white(board.locator("#preview"))
    board.locator("input[type=file]").set_input_files(picture())
    expect(warning).to_be_hidden()
    expect(board.get_by_alt_text("The picture that you chose")).to_be_visible()


@pytest.mark.complaints("422")
def test_a_file_that_the_browser_cannot_show_can_still_be_sent(board: Page) -> None:
    warning = board.get_by_text("Your browser cannot show this file.")
    board.locator("input[type=file]").set_input_files(DAMAGED)
    expect(warning).to_be_visible()
    button(board).click()
    expect(message(board)).not_to_be_empty()
    board.get_by_role("button", name="Clear").click()
    expect(warning).to_be_hidden()
    expect(board.get_by_text("Draw here")).to_be_visible()


def is_white(element: Locator) -> bool:
    """Return whether the element shows nothing, leaving out its rounded corners."""
    screenshot = Image.open(io.BytesIO(element.screenshot())).convert("L")
    width, height = screenshot.size
    inner = screenshot.crop((20, 20, width - 20, height - 20))
    return inner.getextrema() == (255, 255)


def carry(page: Page, event: str, field: str) -> None:
    """Drop a picture on the board, or paste it."""
    page.evaluate(
        """([bytes, event, field]) => {
            const carried = new DataTransfer();
            const file = new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" });
            carried.items.add(file);
            const options = { bubbles: true, cancelable: true, [field]: carried };
            const kind = { drop: DragEvent, paste: ClipboardEvent }[event];
            document.querySelector("canvas").dispatchEvent(new kind(event, options));
        }""",
        [list(factories.picture_bytes()), event, field],
    )


@pytest.mark.parametrize(
    ("event", "field"), [("drop", "dataTransfer"), ("paste", "clipboardData")]
)
def test_a_picture_can_be_dropped_or_pasted(
    board: Page, event: str, field: str
) -> None:
    carry(board, event, field)
    expect(board.get_by_alt_text("The picture that you chose")).to_be_visible()
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "upload"


def test_clear_removes_the_picture_and_keeps_the_drawing(board: Page) -> None:
    draw(board, [DOWN])
    board.locator("input[type=file]").set_input_files(picture())
    board.get_by_role("button", name="Clear").click()
    expect(board.get_by_alt_text("The picture that you chose")).to_be_hidden()
    assert ink_at(board, (0.3, 0.5))
    button(board).click()
    expect(board).to_have_url(RESULT)
    assert Submission.objects.get().source == "canvas"


def test_a_double_click_sends_once_and_shows_progress(board: Page) -> None:
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
def test_a_drawing_can_be_sent_again_after_the_connection_failed(
    board: Page,
) -> None:
    draw(board, THREE)
    board.context.set_offline(True)
    button(board).click()
    expect(message(board)).to_contain_text("The connection failed")
    assert ink(board).any()
    board.context.set_offline(False)
    board.get_by_role("button", name="Send again").click()
    expect(board).to_have_url(RESULT)


@pytest.mark.complaints("503")
def test_a_missing_model_shows_an_error(
    board: Page, settings: Settings, tmp_path: Path
) -> None:
    settings.MODEL_FILE = tmp_path / "missing.model"
    draw(board, THREE)
    button(board).click()
    expect(message(board)).to_contain_text("is not available at the moment")
    assert ink(board).any()


def test_the_form_works_again_after_going_back(board: Page) -> None:
    draw(board, THREE)
    button(board).click()
    expect(board).to_have_url(RESULT)
    board.go_back()
    expect(button(board)).not_to_have_attribute("aria-disabled", "true")


def test_draw_another_starts_with_an_empty_board(board: Page) -> None:
    draw(board, THREE)
    button(board).click()
    board.get_by_role("link", name="Draw another").click()
    expect(board.get_by_text("Draw here")).to_be_visible()
    assert not ink(board).any()


def test_drawing_and_sending_work_without_session_storage(
    browser: Browser, live_server: LiveServer
) -> None:
    blocked = """Object.defineProperty(window, "sessionStorage", {
        get() { throw new DOMException("blocked"); },
    })"""
    with watched_page(browser, live_server.url) as page:
        page.add_init_script(blocked)
        page.goto("/")
        draw(page, THREE)
        button(page).click()
        expect(page).to_have_url(RESULT)


def test_a_file_can_be_sent_and_corrected_by_keyboard_alone(
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
    pytest.fail(f"{key} does not reach the element")


def test_the_reading_is_updated_while_drawing(board: Page) -> None:
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
def test_a_failed_live_reading_shows_no_error(board: Page) -> None:
    draw(board, DIGITS[7])
    expect(board.get_by_role("status")).to_contain_text("7")
    board.context.set_offline(True)
    draw(board, [DOWN])
    expect(board.get_by_role("status")).to_have_text(
        "A neural network reads as you draw."
    )
    expect(message(board)).to_be_empty()


def test_going_back_shows_the_picture_that_would_be_sent(board: Page) -> None:
    board.locator("#id_file").set_input_files(picture())
    expect(board.locator("#preview")).to_be_visible()
    board.goto("/about/")
    board.go_back()
    there = board.evaluate("document.getElementById('id_file').files.length > 0")
    expect(board.locator("#preview")).to_be_visible(visible=there)
    expect(board.locator("#hint")).to_be_visible(visible=not there)

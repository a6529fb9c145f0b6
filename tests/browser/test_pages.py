"""Every page is accessible and fits the screen: axe, scrolling, targets, words."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.browser.drawing import draw
from tests.browser.strokes import DIGITS
from tests.browser.watch import DESKTOP, PHONE, watched_page

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/about/",
    "/deleted/",
    "/nothing/",
    "refused",
    "result",
    "how",
    "claimed",
    "stranger",
]
EXPECTED = ["404", "422"]
VARIANTS = {
    "desktop": {**DESKTOP, "color_scheme": "light"},
    "desktop, dark": {**DESKTOP, "color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
    "phone, dark": {**PHONE, "color_scheme": "dark"},
}
# The width of a small phone, and of a window of 640 pixels at 200 % zoom.
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
# Links in running text are exempt: they are as high as their line.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
    .filter((element) => !element.closest(".prose p, .skip") && element.getClientRects().length)
    .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
    })
    .map((element) => element.outerHTML)"""
# Latin words and numbers. Japanese text may be broken between any two characters, and a
# checksum (in <code>) is not a word.
SPLIT_WORDS = """() => {
    const split = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest("code")) continue;
        for (const word of node.data.matchAll(/[\\p{Script=Latin}\\p{Number}]+/gu)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
            if (lines.size > 1) split.push(word[0]);
        }
    }
    return split;
}"""


def visit(page: Page, name: str) -> None:
    if name == "refused":
        page.goto("/")
        page.locator("#send").click()
        expect(page.get_by_role("alert")).not_to_be_empty()
    elif name == "stranger":
        page.goto(
            factories.make_submission(
                answer={"verdict": "several", "digit": None}
            ).get_absolute_url()
        )
        page.locator("summary").click()
    elif name.startswith("/"):
        page.goto(name)
    else:
        visit_own(page, name)


def visit_own(page: Page, name: str) -> None:
    page.goto("/")
    draw(page, DIGITS[4])
    page.locator("#send").click()
    page.wait_for_url("**/s/**")
    if name == "how":
        page.goto(page.url + "how/?occlusion")
    if name == "claimed":
        page.locator("input[name=claim]").nth(4).check()
        page.locator(".claim button").click()
        page.locator("summary").click()
        expect(page.locator(".thanks")).to_be_visible()


def violations(page: Page, *, preload: bool = True) -> list[str]:
    """Run axe. It cannot load style sheets that import others: `preload` is for those without."""
    page.evaluate(AXE.read_text())
    options = {"runOnly": WCAG, "preload": preload}
    result = page.evaluate("options => axe.run(options)", options)
    assert {"color-contrast", "target-size"} <= {
        rule["id"] for rule in result["passes"]
    }
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_axe_finds_no_accessibility_violations(
    browser: Browser, live_server: LiveServer, variant: dict[str, Any], language: str
) -> None:
    with watched_page(
        browser, live_server.url, EXPECTED, locale=language, **variant
    ) as page:
        found = {}
        for name in PAGES:
            visit(page, name)
            assert page.locator("html").get_attribute("lang") == language
            found[name] = violations(page)
        assert found == {name: [] for name in PAGES}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_page_scrolls_horizontally_at_320_pixels(
    browser_with_any_fonts: Browser, live_server: LiveServer, language: str
) -> None:
    with watched_page(
        browser_with_any_fonts, live_server.url, EXPECTED, locale=language, **NARROW
    ) as page:
        for name in PAGES:
            visit(page, name)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_target_is_at_least_44_pixels_wide_and_high(
    browser_with_any_fonts: Browser, live_server: LiveServer, language: str
) -> None:
    with watched_page(
        browser_with_any_fonts, live_server.url, EXPECTED, locale=language, **PHONE
    ) as page:
        for name in PAGES:
            visit(page, name)
            assert page.evaluate(TOO_SMALL) == [], name


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("variant", [PHONE, NARROW], ids=["390", "320"])
def test_no_word_is_split_on_a_phone(
    browser_with_any_fonts: Browser,
    live_server: LiveServer,
    variant: dict[str, Any],
    language: str,
) -> None:
    with watched_page(
        browser_with_any_fonts, live_server.url, EXPECTED, locale=language, **variant
    ) as page:
        for name in ["/", "/about/", "/deleted/", "/nothing/", "stranger"]:
            visit(page, name)
            assert page.evaluate(SPLIT_WORDS) == [], name


def test_the_dejavu_fonts_have_no_japanese_characters(
    browser_with_dejavu_fonts: Browser, live_server: LiveServer
) -> None:
    with watched_page(browser_with_dejavu_fonts, live_server.url) as page:
        page.goto("/")
        families = fonts_of(page, "button[name=language]")
    assert families
    assert all(family.startswith("DejaVu") for family in families)


def fonts_of(page: Page, selector: str) -> list[str]:
    """Return the families of the fonts that Chromium uses for an element's text."""
    inspector = page.context.new_cdp_session(page)
    inspector.send("DOM.enable")
    inspector.send("CSS.enable")
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    element = inspector.send(
        "DOM.querySelector", {"nodeId": root, "selector": selector}
    )
    used = inspector.send("CSS.getPlatformFontsForNode", element)
    return [font["familyName"] for font in used["fonts"]]


@pytest.mark.parametrize(
    ("language", "name"), [("en", "日本語 (Japanese)"), ("ja", "English")]
)
def test_the_language_button_names_the_language_in_latin_letters(
    browser: Browser, live_server: LiveServer, language: str, name: str
) -> None:
    with watched_page(browser, live_server.url, locale=language) as page:
        page.goto("/")
        button = page.locator("button[name=language]")
        expect(button).to_have_accessible_name(name)
        expect(button).to_have_text(name)


def test_the_language_can_be_changed_without_javascript(
    browser: Browser, live_server: LiveServer
) -> None:
    with watched_page(
        browser, live_server.url, java_script_enabled=False, **PHONE
    ) as page:
        page.goto("/about/")
        page.get_by_role("button", name="日本語").click()
        expect(page).to_have_url("/about/")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.locator(".brand").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_first_tab_stop_skips_the_header(desktop: Page) -> None:
    desktop.goto("/")
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("link", name="Skip to the content")).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("main")).to_be_focused()


def test_the_page_scrolls_to_the_thanks_for_a_claim(phone: Page) -> None:
    visit(phone, "claimed")
    expect(phone).to_have_url(re.compile("#claim"))
    expect(phone.get_by_text("You said: 4")).to_be_in_viewport()


def test_bars_do_not_move_with_reduced_motion(
    browser: Browser, live_server: LiveServer
) -> None:
    with watched_page(browser, live_server.url, reduced_motion="reduce") as page:
        page.goto("/")
        duration = "element => getComputedStyle(element, '::before').transitionDuration"
        assert page.locator("#bars li").first.evaluate(duration) == "0s"

"""Render the PNGs under static/ from SVG files: python -m tests.browser.pictures"""

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
ICON = ROOT / "static/icon.svg"
SOCIAL = ROOT / "docs/social.svg"
PICTURES = [
    *(
        (ICON, ROOT / f"static/icon-{side}.png", side, side)
        for side in (32, 180, 192, 512)
    ),
    (SOCIAL, ROOT / "static/social.png", 1200, 630),
]


def render(
    browser: Browser, source: Path, target: Path, width: int, height: int
) -> None:
    with browser.new_page(viewport={"width": width, "height": height}) as page:
        page.set_content(
            f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{source.read_text()}"
        )
        page.screenshot(path=target, omit_background=True)


if __name__ == "__main__":
    with sync_playwright() as playwright, chromium.launch(playwright) as browser:
        for picture in PICTURES:
            render(browser, *picture)

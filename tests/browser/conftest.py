import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser import chromium

FONTS_CONFIGURATION = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@pytest.fixture
def board(page: Page) -> Page:
    page.goto("/")
    return page


@pytest.fixture
def hand(board: Page) -> CDPSession:
    return board.context.new_cdp_session(board)


@pytest.fixture(scope="session")
def browser_with_dejavu_fonts(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Return a Chromium with only the DejaVu fonts: it has no Japanese characters."""
    folder = tmp_path_factory.mktemp("fontconfig")
    configuration = folder / "fonts.conf"
    configuration.write_text(
        FONTS_CONFIGURATION.format(fonts=dejavu_fonts(), cache=folder / "cache")
    )
    started = chromium.start(browser.browser_type, FONTCONFIG_FILE=str(configuration))
    yield started
    started.close()


def dejavu_fonts() -> Path:
    """Return the folder of the DejaVu fonts that come with Matplotlib."""
    matplotlib = importlib.util.find_spec("matplotlib")
    assert matplotlib is not None
    assert matplotlib.origin is not None
    return Path(matplotlib.origin).parent / "mpl-data/fonts/ttf"


@pytest.fixture(params=["browser", "browser_with_dejavu_fonts"])
def browser_with_any_fonts(request: pytest.FixtureRequest, browser: Browser) -> Browser:
    """The machine's fonts, then the DejaVu fonts alone."""
    chosen: Browser = request.getfixturevalue(request.param)
    return chosen

"""Which Chromium the tests drive."""

import shutil
import subprocess

from playwright.sync_api import Browser, Playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# It should neither look for updates nor call its maker while it is being tested.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
)


def launch(playwright: Playwright) -> Browser:
    """Start the machine's Chromium, otherwise the one that Playwright downloaded."""
    return playwright.chromium.launch(executable_path=find(), args=QUIET)


def find() -> str | None:
    """The machine's own. It is run, because Ubuntu's chromium-browser only tells to install a snap."""
    return next(
        (path for name in NAMES if (path := shutil.which(name)) and runs(path)), None
    )


def runs(path: str) -> bool:
    return (
        subprocess.run([path, "--version"], capture_output=True, check=False).returncode
        == 0
    )

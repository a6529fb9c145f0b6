"""The Chromium that the tests drive."""

import os
import shutil
import subprocess

from playwright.sync_api import Browser, BrowserType, Playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# No updates and no requests of the browser's own while the tests run.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
)


def launch(playwright: Playwright) -> Browser:
    """Start the machine's Chromium, or otherwise the one that Playwright downloaded."""
    return start(playwright.chromium)


def start(chromium: BrowserType, **environment: str) -> Browser:
    """Start Chromium with additional environment variables."""
    return chromium.launch(
        executable_path=find(), args=QUIET, env={**os.environ, **environment}
    )


def find() -> str | None:
    """Return the path of the machine's Chromium, or None.

    Each candidate is run once: Ubuntu's chromium-browser only asks to install a snap.
    """
    for name in NAMES:
        path = shutil.which(name)
        if path and runs(path):
            return path
    return None


def runs(path: str) -> bool:
    done = subprocess.run([path, "--version"], capture_output=True, check=False)
    return done.returncode == 0

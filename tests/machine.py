"""Find or install the browser and PostgreSQL for the tests, or say how to install them.

python -m tests.machine
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from playwright.sync_api import Error, sync_playwright

from tests import postgresql
from tests.browser import chromium


def browser_works() -> bool:
    with sync_playwright() as playwright:
        try:
            chromium.launch(playwright).close()
        except Error:
            return False
    return True


def postgresql_works() -> bool:
    return postgresql.find_binaries() is not None


def install_with_playwright() -> None:
    print("Downloading Playwright's Chromium ...", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode:
        print("The download failed.", flush=True)


def install_with_apt(package: str) -> Callable[[], None]:
    def install() -> None:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            return
        print(f"Installing Debian's package {package} ...", flush=True)
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (
            ["update"],
            ["install", "--yes", "--no-install-recommends", package],
        ):
            subprocess.run(
                [*apt, *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False
            )

    return install


def provide(
    works: Callable[[], bool], ways: list[Callable[[], None]], otherwise: str
) -> None:
    for way in ways:
        if works():
            return
        way()
    if not works():
        sys.exit(otherwise)


if __name__ == "__main__":
    provide(
        browser_works,
        [install_with_playwright, install_with_apt("chromium")],
        "The browser tests need Chromium or Chrome: install it with "
        f"'{sys.executable} -m playwright install --with-deps chromium', "
        "or on Debian with 'sudo apt-get install chromium'.",
    )
    provide(
        postgresql_works,
        [install_with_apt("postgresql")],
        "The tests need PostgreSQL: install it, on Debian and Ubuntu with "
        "'sudo apt-get install postgresql'.",
    )

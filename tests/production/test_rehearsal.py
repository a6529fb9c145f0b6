"""Build, release and serve as Heroku does: an empty home directory, no caches."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from playwright.sync_api import Browser, expect

from tests.browser.drawing import THREE, draw
from tests.browser.watch import DESKTOP, watched_page
from tests.production.deployment import PROJECT, Deployment, copy_project
from tests.production.router import route_to

# The environment is empty except for how this machine reaches the package registries.
REGISTRIES = re.compile(
    r"PIP_(INDEX_URL|CERT|PROXY|TRUSTED_HOST|DEFAULT_TIMEOUT)"
    r"|.*_PROXY|.*_CA_.*|SSL_CERT_.*",
    re.I,
)
BUILDPACKS_PIP = "26.2"


@pytest.mark.rehearsal
@pytest.mark.timeout(900)  # packages come over the network
def test_heroku_can_build_release_and_serve_it(
    tmp_path: Path, postgresql_url: str, browser: Browser, authority: trustme.CA
) -> None:
    app = build(tmp_path)
    app.environment |= {
        "SECRET_KEY": "a long text that Heroku makes up, because app.json asks for one",
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXIES": "1",
        "DATABASE_URL": postgresql_url,
    }
    app.run(app.procfile("release"))
    with (
        app.serve() as server,
        route_to(server, authority) as site,
        watched_page(browser, site.url, ignore_https_errors=True, **DESKTOP) as page,
    ):
        page.goto("/")
        draw(page, THREE)
        page.get_by_role("button", name="Send").click()
        expect(page).to_have_url(re.compile("/s/"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("3")


def build(folder: Path) -> Deployment:
    """Build the slug as the buildpacks heroku/nodejs and heroku/python do."""
    home, slug, python = folder / "home", folder / "app", folder / "python/bin/python"
    home.mkdir()
    copy_project(slug)
    reach = {
        name: value for name, value in os.environ.items() if REGISTRIES.fullmatch(name)
    }
    app = Deployment(slug, {**reach, "HOME": str(home)}, python)
    app.run("npm ci")
    app.run("bin/pre_compile")
    app.run(f"{named_python(slug)} -m venv {folder / 'python'}")
    app.run(f"python -m pip install --no-cache-dir pip=={BUILDPACKS_PIP}")
    app.run("python -m pip install --no-cache-dir -r requirements.txt")
    app.environment = {"HOME": str(home)}
    app.run("python manage.py collectstatic --noinput")
    assert not (slug / "db.sqlite3").exists()
    return app


def named_python(slug: Path) -> str:
    """Return the Python of runtime.txt, or this one when it is not installed."""
    version = (slug / "runtime.txt").read_text().strip().removeprefix("python-")
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHON"
    }
    command = [str(PROJECT / "bin/find-python"), version]
    found = subprocess.run(command, env=environment, capture_output=True, text=True)
    return found.stdout.strip() or sys.executable

"""The whole round, as people do it: draw, review, improve, replay, promote, draw again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trustme
from playwright.sync_api import Browser, Locator, Page, expect

from recognizer.learning.drawing import shapes, strokes
from recognizer.reading.pictures import encode_png
from tests import postgresql
from tests.browser.drawing import draw
from tests.browser.reviewing import (
    PASSWORD,
    log_in_again,
    open_review,
    press,
    tiles,
    wait_until_saved,
)
from tests.browser.strokes import DIGITS, Stroke
from tests.browser.watch import DESKTOP, watched_page
from tests.production.deployment import Deployment, Server, copy_project

PATIENCE = 120_000  # milliseconds: this machine may be slow, and busy with other things
# By post: about one in ten is kept aside, and `improve` needs a hundred others.
SENT = 140
# A 1 with so long an upstroke that the network takes it for a 7.
ONE: list[Stroke] = [[(0.29, 0.26), (0.70, 0.22), (0.57, 0.50), (0.47, 0.82)]]
SUBMISSIONS = "/admin/recognizer/submission/"
MODELS = "/admin/recognizer/trainedmodel/"
# What makes a round last minutes: file, name, and a number small enough for a test
FEWER = (
    ("recipe.py", "REHEARSED_GLYPHS", 600),
    ("measuring/test_sets.py", "MADE", 10),
)


@pytest.fixture
def patient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=30_000)


@contextmanager
def person(browser: Browser, site: Server) -> Iterator[Page]:
    """Somebody with a browser of their own."""
    with watched_page(browser, site.url, ignore_https_errors=True, **DESKTOP) as page:
        page.set_default_timeout(PATIENCE)
        yield page


@pytest.mark.usefixtures("patient")
@pytest.mark.timeout(1200)
def test_drawings_become_a_better_network(
    deployment: Deployment, authority: trustme.CA, browser: Browser, tmp_path: Path
) -> None:
    with postgresql.server() as url:
        app = replace(
            deployment, environment={**deployment.environment, "DATABASE_URL": url}
        )
        app.run(app.procfile("release"))
        make_superuser(app)
        with (
            app.serve(authority) as site,
            person(browser, site) as visitor,
            person(browser, site) as another,
            person(browser, site) as superuser,
            person(browser, site) as operator,
        ):
            expect_model(visitor, "digits")
            first = send_drawing(visitor, ONE)
            expect(visitor.get_by_role("heading", level=1)).to_contain_text("7")
            say_that_it_is(visitor, "1")
            told = what_it_says(visitor, first)
            send_drawing(visitor, DIGITS[3])
            send_by_post(site)

            log_in_again(superuser, "admin")
            make_operator(superuser)
            log_in_again(operator)
            review_disputed(operator)
            review_all(operator, SENT + 1)
            expect_model_of(operator, first, "digits", label="1")

            improve(app, tmp_path)
            expect_model(visitor, "digits")  # until somebody promotes the new one

            look_at_candidate(operator)
            expect(promote_button(operator)).to_have_count(0)
            look_at_candidate(superuser)
            promote(superuser)

            expect_model(visitor, "digits 2")
            second = send_drawing(another, ONE)
            expect_model_of(operator, second, "digits 2")
            expect_model_of(operator, first, "digits", label="1")
            assert what_it_says(visitor, first) == told
            assert what_it_says(another, second) != told


# What visitors do


def send_drawing(page: Page, drawing: list[Stroke]) -> str:
    """Draw with the mouse and send it. Return the address of the answer."""
    page.goto("/")
    draw(page, drawing)
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/s/"))
    return page.url.partition("#")[0]


def say_that_it_is(page: Page, digit: str) -> None:
    page.get_by_role("radio", name=digit, exact=True).check()
    page.get_by_role("button", name="Send correction").click()
    expect(page.get_by_text(f"You said: {digit}.")).to_be_visible()


def send_by_post(site: Server) -> None:
    """Send plain digits from programs, which have no cookies."""
    rng = np.random.default_rng(0)
    for count in range(SENT):
        written = shapes.draw_plain(str(count % 10), rng)
        picture = strokes.draw(strokes.place(written, 14, 0.7), 14)
        assert site.send(encode_png(picture)).status == 200


def what_it_says(page: Page, address: str) -> list[str]:
    """Return what a drawing's page says, and how it was read, with the pictures.

    The last picture shows the network's first layer: no two models have the same.
    """
    page.goto(address)
    answer = page.locator(".answer").inner_text()
    probabilities = page.locator("[aria-labelledby=likely]").inner_text()
    page.get_by_role("link", name="How was this read?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How was this read?")
    steps = page.locator(".steps")
    pictures = steps.locator("img").evaluate_all("all => all.map(({ src }) => src)")
    return [answer, probabilities, steps.inner_text(), *pictures]


def expect_model(page: Page, name: str) -> None:
    page.goto("/about/")
    expect(page.locator("[aria-labelledby=model] dd").first).to_have_text(name)


# What operators and superusers do


def make_superuser(app: Deployment) -> None:
    app.run(
        "python manage.py createsuperuser --noinput --username admin --email a@b.example",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )


def make_operator(page: Page) -> None:
    """Make an account, with staff status and in the group, as the README says."""
    page.goto("/admin/auth/user/add/")
    page.get_by_label("Username").fill("operator")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Staff status").check()
    page.locator("#id_groups_from").select_option("Operators")
    page.locator("#id_groups_add").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def review_disputed(page: Page) -> None:
    """Give the only drawing whose visitor disagrees the digit that it shows."""
    open_review(page, "disputed")
    expect(page.locator("#stage .picture")).to_be_visible()
    press(page, "1")
    wait_until_saved(page)
    expect(page.locator("#stage .empty")).to_be_visible()


def review_all(page: Page, count: int) -> None:
    """Confirm page after page of what was read right."""
    page.goto("/admin/")
    page.get_by_role("link", name="Review drawings").click()
    page.get_by_role("link", name=re.compile("^All ")).click()
    labelled = 0
    while labelled < count:
        here = min(60, count - labelled)
        expect(tiles(page)).to_have_count(here)
        labelled += here
        press(page, "Enter")
        saved = re.compile(rf"\b{labelled} labelled in this session")
        expect(page.locator("#saving")).to_have_text(saved)
    expect(page.locator("#stage .empty")).to_be_visible()


def improve(app: Deployment, folder: Path) -> None:
    """Run the command as on a dyno of its own, where a round takes a moment."""
    quick = replace(app, folder=folder / "quick")
    quick.folder.mkdir()
    copy_project(quick.folder)
    for name, constant, number in FEWER:
        file = quick.folder / "recognizer/learning" / name
        line = re.compile(rf"^{constant} = [\d_]+", re.M)
        changed, count = line.subn(f"{constant} = {number}", file.read_text())
        assert count == 1, f"{name} has no {constant}"
        file.write_text(changed)
    data = folder / "data"
    data.mkdir()  # without MNIST, and nothing is downloaded
    said = quick.run(f"python manage.py improve --epochs 1 --data {data}")
    assert "The round goes on without MNIST." in said
    assert re.search(r"^digits 2 \(\w+\) is stored as a candidate\.$", said, re.M)
    said = app.run("python manage.py replay 'digits 2'")
    assert "digits 2 can be promoted with --force only:" in re.sub(
        r" \(\w+\)", "", said
    )


def look_at_candidate(page: Page) -> None:
    page.goto(MODELS)
    page.get_by_role("link", name="digits 2").click()
    replay = page.locator(".replay")
    expect(replay.get_by_role("row", name=re.compile("^all "))).to_be_visible()


def promote_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Promote this model")


def promote(page: Page) -> None:
    """Promote the candidate that is on the page, with few labels."""
    page.get_by_label("Why").fill("Few labels yet, but it reads as well.")
    page.get_by_label("Promote it with too few labels").check()
    promote_button(page).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.goto(MODELS)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="digits 2"))
    expect(row.get_by_role("cell", name="active", exact=True)).to_be_visible()


def expect_model_of(page: Page, address: str, name: str, label: str = "") -> None:
    """Look up in the admin whose answer a visitor was told, and the label."""
    uuid = address.rstrip("/").rpartition("/")[2]
    page.goto(f"{SUBMISSIONS}?q={uuid}&label=all")
    row = page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator(".field-model_name")).to_have_text(re.compile(rf"^{name} \("))
    if label:
        expect(row.locator(".field-label select")).to_have_value(label)

"""Superusers replay, promote and roll back in a browser, on a desktop and on a phone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from recognizer.models import Promotion, Submission, TrainedModel
from recognizer.rollout.promotion import promote
from tests import candidates
from tests.browser.drawing import draw
from tests.browser.strokes import DIGITS
from tests.candidates import send, twin
from tests.factories import make_user

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MODELS = "/admin/recognizer/trainedmodel/"


@pytest.fixture
def admin(page: Page, live_server: LiveServer) -> Page:
    client = Client()
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
    )
    return page


def violations(page: Page, part: str) -> list[str]:
    page.evaluate(AXE.read_text())
    result = page.evaluate(
        "([part, tags]) => axe.run(part, { runOnly: tags, preload: false })",
        [part, WCAG],
    )
    assert result["passes"]
    return [rule["id"] for rule in result["violations"]]


def test_a_candidate_is_replayed_promoted_and_rolled_back(admin: Page) -> None:
    for digit in range(10):
        for seed in range(3):
            send(digit, seed=seed)
    admin.goto(MODELS)
    candidates.store(twin())
    admin.goto(MODELS)
    admin.get_by_role("link", name="better").click()
    admin.get_by_role("button", name="Replay").click()
    expect(admin.get_by_text("Both models have read every drawing.")).to_be_visible()
    assert violations(admin, ".replay") == []
    width = admin.evaluate("document.documentElement.scrollWidth")
    assert width <= admin.evaluate("window.innerWidth")
    admin.get_by_label("Why").fill("It reads as well.")
    admin.get_by_role("button", name="Promote this model").click()
    expect(admin.get_by_text("was added successfully")).to_be_visible()

    admin.goto("/")
    draw(admin, DIGITS[5])
    admin.locator("#send").click()
    admin.wait_for_url("**/s/**")
    assert Submission.objects.latest("created").answer.model.name == "better"

    admin.goto(MODELS)
    assert violations(admin, ".roll-back") == []
    admin.get_by_role("button", name="Roll back to digits").click()
    expect(admin.get_by_text("The active model is now digits")).to_be_visible()
    names = Promotion.objects.values_list("model__name", flat=True)
    assert list(names) == ["digits", "better"]


def test_a_bad_candidate_shows_what_it_breaks_and_has_no_button(admin: Page) -> None:
    for seed in range(6):
        send(10, seed=seed)
    mnist = candidates.store(candidates.MNIST.read_bytes(), "mnist")
    admin.goto(f"{MODELS}{mnist.pk}/change/")
    admin.get_by_role("button", name="Replay").click()
    expect(admin.get_by_role("heading", name="Broken: 6")).to_be_visible()
    pictures = admin.locator(".changes img")
    expect(pictures).to_have_count(6)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert violations(admin, ".replay") == []
    assert admin.get_by_role("button", name="Promote this model").count() == 0


def test_a_damaged_model_is_announced_on_every_page(admin: Page) -> None:
    model = candidates.store(twin())
    promote(model, "a trial", force=True)
    TrainedModel.objects.filter(pk=model.pk).update(parameters=b"PK damaged")
    candidates.forget()
    for place in ("/admin/", MODELS, "/admin/recognizer/submission/"):
        admin.goto(place)
        expect(admin.get_by_role("alert")).to_contain_text("answers instead")
        assert violations(admin, ".model-problem") == []

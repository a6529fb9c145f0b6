"""Measure the review page: keys and clicks for each label, and the time of its requests.

    python -m tests.postgresql python -m benchmarks.review

needs an empty PostgreSQL database, which `tests.postgresql` starts. With a
million submissions it takes some minutes and about 3 GB in the temporary folder.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mnistsite.settings")
os.environ["DEBUG"] = "1"  # plain http
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Page, Response, expect, sync_playwright

from recognizer.models import Reservation, Submission
from recognizer.reading.pictures import encode_png
from recognizer.reviewing.queues import QUEUES
from tests.browser import chromium
from tests.browser.reviewing import REVIEW, log_in
from tests.browser.serving import serve
from tests.browser.watch import DESKTOP
from tests.drawings import board, glyph_of
from tests.factories import make_operator, make_submission

DRAWINGS = 1000
MISREAD = 30
SIZES = (1_000, 1_000_000)
BATCH = 100_000
ROUNDS = 25
MEASURED = ["sample", "doubtful", "disputed", "all", "read-as-7"]

Truth = dict[str, int]  # submission -> the digit that was drawn


def main() -> None:
    expect.set_options(timeout=60_000)  # a busy machine is no failure
    call_command("migrate", verbosity=0)
    settings.DEBUG = False
    for mode, review in {"grid": review_grid, "single": review_single}.items():
        count = count_actions(review)
        print(
            f"{mode}: {count / DRAWINGS:.3f} keys and clicks for each label", flush=True
        )
    measure_sizes()


# Keys and clicks


class Reviewer:
    """A reviewer who knows every digit, and counts what it takes to say so."""

    def __init__(self, page: Page, truth: Truth) -> None:
        self.page = page
        self.truth = truth
        self.actions = 0
        self.drawings: list[dict[str, Any]] = []
        page.on("response", lambda response: self.note(response))

    def note(self, response: Response) -> None:
        if response.url.endswith("/labels/"):
            self.drawings += response.json()["drawings"]

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.actions += 1

    def click(self, selector: str, number: int = 0) -> None:
        self.page.locator(selector).nth(number).click()
        self.actions += 1

    def digit(self, drawing: dict[str, Any]) -> int:
        return self.truth[drawing["id"]]


def review_grid(reviewer: Reviewer) -> None:
    """Review the readings one after the other, sixty at a time."""
    page = reviewer.page
    for reading in range(10):
        reviewer.drawings = []
        reviewer.click(f".queues a:has([data-queue='read-as-{reading}'])")
        expect(page.locator(".tile, .empty").first).not_to_contain_text("Loading")
        while page.locator(".tile").count():
            shown, reviewer.drawings = reviewer.drawings, []
            for number, drawing in enumerate(shown):
                if reviewer.digit(drawing) != reading:
                    reviewer.click(".tile", number)
                    reviewer.press(str(reviewer.digit(drawing)))
            with page.expect_response("**/labels/"):
                reviewer.press("Enter")
            expect(page.locator("#stage[aria-busy=true]")).to_have_count(0)


def review_single(reviewer: Reviewer) -> None:
    """Review all drawings one at a time."""
    page = reviewer.page
    reviewer.drawings = []
    page.goto(f"{REVIEW}?queue=all&mode=single")
    for number in range(DRAWINGS):
        expect(page.locator(".picture")).to_be_visible()
        while len(reviewer.drawings) <= number:  # the page was quicker than this script
            page.wait_for_timeout(20)
        drawing = reviewer.drawings[number]
        is_right = drawing["reading"] == reviewer.digit(drawing)
        reviewer.press("Enter" if is_right else str(reviewer.digit(drawing)))
    expect(page.locator("#saving")).to_contain_text("labelled in this session")
    expect(page.locator(".empty")).to_contain_text("Nothing is left")


def count_actions(review: Callable[[Reviewer], None]) -> int:
    """Let a reviewer label all drawings, check the labels, and return the count."""
    Submission.objects.all().delete()
    truth = make_drawings()
    with (
        serve() as address,
        sync_playwright() as playwright,
        chromium.launch(playwright) as browser,
    ):
        page = browser.new_context(base_url=address, **DESKTOP).new_page()
        log_in(page, review.__name__)
        page.goto(f"{REVIEW}?queue=all")
        expect(page.locator(".tile").first).to_be_visible()
        reviewer = Reviewer(page, truth)
        review(reviewer)
    check_labels(truth)
    return reviewer.actions


def make_drawings() -> Truth:
    """Store drawings of digits, of which some were misread."""
    chance = random.Random(0)
    digits = [number % 10 for number in range(DRAWINGS)]
    misread = set(chance.sample(range(DRAWINGS), MISREAD))
    pictures = {digit: board(str(digit)) for digit in range(10)}
    truth = {}
    for number, digit in enumerate(digits):
        reading = (digit + chance.randint(1, 9)) % 10 if number in misread else digit
        png = encode_png(pictures[digit])
        submission = make_submission(picture=png, answer={"digit": reading})
        truth[str(submission.pk)] = digit
    return truth


def check_labels(truth: Truth) -> None:
    labels = dict(Submission.objects.values_list("pk", "label"))
    wrong = [pk for pk, label in labels.items() if truth[str(pk)] != label]
    if wrong:
        raise SystemExit(f"{len(wrong)} labels are not those of the reviewer.")


# Times of requests


def measure_sizes() -> None:
    Submission.objects.all().delete()
    client = Client(SERVER_NAME="localhost")
    client.force_login(make_operator("measure"))
    templates = make_templates()
    measured = []
    for size in SIZES:
        fill(size - Submission.objects.count(), templates)
        measured.append(measure(client))
    print("| request | queries | " + " | ".join(f"{size:,}" for size in SIZES), end="")
    print(" | ratio |\n|---|---:|---:|---:|---:|")
    for name, (queries, small) in measured[0].items():
        large_queries, large = measured[1][name]
        count = queries if queries == large_queries else f"{queries}, {large_queries}"
        times = f"{small:.1f} ms | {large:.1f} ms | {large / small:.2f}"
        print(f"| {name} | {count} | {times} |")


def make_templates() -> list[str]:
    """Store one drawing of each digit, from which the others are copied."""
    made = []
    for digit in range(10):
        picture = board(str(digit))
        answer = {"digit": digit, "glyph": glyph_of(picture).tobytes()}
        made.append(make_submission(picture=encode_png(picture), answer=answer))
    return [str(submission.pk) for submission in made]


def fill(count: int, templates: list[str]) -> None:
    """Copy the templates until there are `count` more submissions."""
    for start in range(0, count, BATCH):
        copy(min(BATCH, count - start), templates)
        print(f"{Submission.objects.count():,} submissions", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy(count: int, templates: list[str]) -> None:
    """Copy templates in turn; a tenth are kept aside, and a tenth are disputed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMPORARY TABLE made ON COMMIT DROP AS
            SELECT gen_random_uuid() AS uuid, gen_random_uuid() AS answer, n,
                   random() AS doubt, (%s::uuid[])[1 + mod(n, 10)] AS template
            FROM generate_series(0, %s) AS n
            """,
            [templates, count - 1],
        )
        cursor.execute(
            """
            INSERT INTO recognizer_submission
                (uuid, created, source, picture, session, kept_aside, answer_id,
                 read_as, doubt, claim)
            SELECT made.uuid, now() - random() * interval '300 days', source, picture,
                   '', mod(n / 10, 10) = 0, made.answer, read_as, made.doubt,
                   CASE WHEN mod(n / 10, 10) = 5 THEN mod(read_as + 1, 10) END
            FROM made JOIN recognizer_submission old ON old.uuid = template
            """
        )
        cursor.execute(
            """
            INSERT INTO recognizer_prediction
                (uuid, submission_id, model_id, preprocessing, created, digit, verdict,
                 read_as, confidence, margin, probabilities, glyph, milliseconds)
            SELECT made.answer, made.uuid, model_id, preprocessing, created, digit,
                   verdict, read_as, confidence, margin, probabilities, glyph,
                   milliseconds
            FROM made JOIN recognizer_prediction old ON old.submission_id = template
            """
        )


def measure(client: Client) -> dict[str, tuple[int, float]]:
    """Return how many queries and milliseconds each request takes, as a median."""
    results = {}
    for name in MEASURED:
        for request, function in requests_of(client, name).items():
            queries, times = 0, []
            for _ in range(ROUNDS):
                Reservation.objects.all().delete()
                queries, milliseconds = function()
                times.append(milliseconds)
            results[f"{name}: {request}"] = (queries, statistics.median(times))
    return results


def requests_of(
    client: Client, queue: str
) -> dict[str, Callable[[], tuple[int, float]]]:
    first = list(QUEUES[queue].rows.values_list("pk", "read_as")[:60])
    labels = [{"id": str(pk), "shown": None, "label": read} for pk, read in first]

    def page() -> tuple[int, float]:
        return timed(lambda: client.get(REVIEW, {"queue": queue}))

    def next_drawings() -> tuple[int, float]:
        return timed(lambda: post(client, queue=queue, more=True))

    def confirm() -> tuple[int, float]:
        return labelled(labels, more=True)

    def one_label() -> tuple[int, float]:
        return labelled(labels[:1])

    def labelled(labels: list[Any], more: bool = False) -> tuple[int, float]:
        send = lambda: post(client, queue=queue, labels=labels, more=more)  # noqa: E731
        result = timed(send)
        take_back([label["id"] for label in labels])
        return result

    return {
        "the page": page,
        "next 60": next_drawings,
        "confirm 60, next 60": confirm,
        "one label": one_label,
    }


def take_back(pks: list[str]) -> None:
    rows = Submission.objects.filter(pk__in=pks)
    rows.update(label=None, labelled_by=None, labelled_at=None)


def post(client: Client, **data: Any) -> Any:
    address = REVIEW + "labels/"
    return client.post(address, json.dumps(data), content_type="application/json")


def timed(request: Callable[[], Any]) -> tuple[int, float]:
    reset_queries()  # the log has an end
    with CaptureQueriesContext(connection) as queries:
        start = time.perf_counter()
        response = request()
        milliseconds = 1000 * (time.perf_counter() - start)
    if response.status_code != 200:
        raise SystemExit(f"The site answered {response.status_code}.")
    return len(queries), milliseconds


if __name__ == "__main__":
    print(f"Started {timezone.now():%Y-%m-%d %H:%M}", file=sys.stderr)
    main()

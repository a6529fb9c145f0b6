from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings

from recognizer.access import limits, visitors
from recognizer.access.limits import Rate, TooManyRequests
from recognizer.models import TokenBucket

pytestmark = pytest.mark.django_db


def make_request(session: str = "s", **meta: str) -> WSGIRequest:
    request = RequestFactory().post("/")
    request.META |= meta
    request.session = SessionStore(f"{session:-<32}")
    return request


def take(request: WSGIRequest, per_browser: int = 3, per_address: int = 5) -> None:
    limits.take_tokens(
        request, "test", per_address=Rate(per_address), per_browser=Rate(per_browser)
    )


def test_a_browser_has_to_wait_when_it_reaches_its_rate() -> None:
    for _ in range(3):
        take(make_request())
    with pytest.raises(TooManyRequests) as error:
        take(make_request())
    assert 0 < error.value.wait <= 20
    assert str(error.value.wait) in str(error.value)


def test_thirty_browsers_at_one_address_have_limits_of_their_own() -> None:
    for pupil in range(30):
        take(make_request(f"pupil {pupil}"), per_address=30)
    TokenBucket.objects.update(tokens=-100)  # so few that a slow test refills none
    with pytest.raises(TooManyRequests):
        take(make_request("one more"), per_address=30)


def test_a_refused_request_takes_no_token_from_its_address() -> None:
    for _ in range(3):
        take(make_request("busy"), per_address=4)
    for _ in range(10):
        with pytest.raises(TooManyRequests):
            take(make_request("busy"), per_address=4)
    take(make_request("calm"), per_address=4)


def test_tokens_are_refilled_over_time() -> None:
    for _ in range(3):
        take(make_request())
    TokenBucket.objects.update(updated=timezone.now() - timedelta(seconds=21))
    take(make_request())
    with pytest.raises(TooManyRequests):
        take(make_request())


def test_guessing_does_not_use_up_the_limit_on_sending() -> None:
    limits.check_guess_limit(make_request())
    TokenBucket.objects.update(tokens=-100)  # so few that a slow test refills none
    with pytest.raises(TooManyRequests):
        limits.check_guess_limit(make_request())
    limits.check_send_limit(make_request())
    limits.check_claim_limit(make_request())


def test_the_buckets_reveal_neither_address_nor_session() -> None:
    take(make_request("secret-session", REMOTE_ADDR="192.0.2.7"))
    keys = " ".join(TokenBucket.objects.values_list("key", flat=True))
    assert "secret-session" not in keys
    assert "192.0.2.7" not in keys


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "", "192.0.2.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_only_the_entries_of_trusted_proxies_are_used(
    settings: Settings, proxies: int, forwarded: str, believed: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert (
        visitors.address(make_request(REMOTE_ADDR="192.0.2.7", **headers)) == believed
    )

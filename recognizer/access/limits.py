"""Rate limits: high per address (a whole school may share one), lower per browser.

The limits are token buckets in the database, so that they hold across processes and
machines. Guessing has its own buckets and does not use up the limit on sending.
"""

from dataclasses import dataclass
from math import ceil

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from recognizer.access import visitors
from recognizer.models import TokenBucket


@dataclass(frozen=True)
class Rate:
    """How many requests are allowed at once, and how many more each minute."""

    per_minute: int

    def refilled(self, tokens: float, seconds: float) -> float:
        """Return how many tokens there are some seconds later."""
        return min(self.per_minute, tokens + seconds * self.per_minute / 60)

    def seconds_until_one(self, tokens: float) -> int:
        """Return how long to wait for a whole token; 0 or less when there is one."""
        return ceil((1 - tokens) * 60 / self.per_minute)


class TooManyRequests(Exception):  # noqa: N818 - the name of status 429
    """A rate limit has been reached; `wait` is the number of seconds to wait."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        words = ngettext(
            "There have been too many requests. Please wait %(seconds)d second.",
            "There have been too many requests. Please wait %(seconds)d seconds.",
            wait,
        )
        super().__init__(words % {"seconds": wait})


def check_send_limit(request: HttpRequest) -> None:
    """Limit the drawings sent from the board."""
    take_tokens(request, "send", per_address=Rate(300), per_browser=Rate(20))


def check_api_limit(request: HttpRequest) -> None:
    """Limit the pictures sent to the API, whose clients have no cookies."""
    take_tokens(request, "api", per_address=Rate(300))


def check_explain_limit(request: HttpRequest) -> None:
    """Limit occlusion maps: each takes about a hundred readings."""
    take_tokens(request, "explain", per_address=Rate(60))


def check_guess_limit(request: HttpRequest) -> None:
    """Limit the readings of unfinished drawings."""
    take_tokens(request, "guess", per_address=Rate(3000), per_browser=Rate(180))


def check_claim_limit(request: HttpRequest) -> None:
    """Limit claims and deletions, so that receipt codes cannot be guessed."""
    take_tokens(request, "claim", per_address=Rate(300), per_browser=Rate(30))


def take_tokens(
    request: HttpRequest,
    what: str,
    *,
    per_address: Rate,
    per_browser: Rate | None = None,
) -> None:
    """Take a token from the address's bucket and one from the browser's.

    Raises TooManyRequests when either is empty; then nothing is taken or stored.
    """
    # Every request counts for its address. It counts for the browser only if that has
    # cookies: a client without cookies would get a new bucket with every request.
    # The first submission starts a session, and with it a new bucket, but only once.
    browser = visitors.browser_key(request)
    # Always the address first: buckets locked in different orders could deadlock.
    with transaction.atomic():
        take_token(bucket_key(what, visitors.address(request)), per_address)
        if per_browser and browser:
            take_token(bucket_key(what, browser), per_browser)


def take_token(key: str, rate: Rate) -> None:
    """Take a token from a bucket, which stays locked until the transaction ends."""
    now = timezone.now()
    bucket, _created = TokenBucket.objects.select_for_update().get_or_create(
        key=key, defaults={"tokens": rate.per_minute, "updated": now}
    )
    seconds = (now - bucket.updated).total_seconds()
    tokens = rate.refilled(bucket.tokens, seconds)
    wait = rate.seconds_until_one(tokens)
    if wait > 0:
        raise TooManyRequests(wait)
    bucket.tokens = tokens - 1
    bucket.updated = now
    bucket.save()


def bucket_key(what: str, who: str) -> str:
    """Return a bucket's name, which reveals neither the address nor the browser."""
    salt = f"recognizer.access.limits.{what}"
    return salted_hmac(salt, who, algorithm="sha256").hexdigest()

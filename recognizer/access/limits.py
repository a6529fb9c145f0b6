"""How often one may ask: generous per address (a class of thirty behind one), tighter per session.

Token buckets in the database, so that the limits hold across workers and dynos. Guessing has its own buckets
and never eats the right to send.
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
    """So many at once, and as many again within each minute."""

    per_minute: int

    def refilled(self, tokens: float, seconds: float) -> float:
        return min(self.per_minute, tokens + seconds * self.per_minute / 60)

    def seconds_until_one(self, tokens: float) -> int:
        return ceil((1 - tokens) * 60 / self.per_minute)


class TooManyRequests(Exception):  # noqa: N818  (reads better where it is raised)
    """Too many requests; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        words = ngettext(
            "That was too many at once. Please wait %(seconds)d second.",
            "That was too many at once. Please wait %(seconds)d seconds.",
            wait,
        )
        super().__init__(words % {"seconds": wait})


def check_send_limit(request: HttpRequest) -> None:
    take(request, "send", per_address=Rate(300), per_session=Rate(20))


def check_api_limit(request: HttpRequest) -> None:
    take(request, "api", per_address=Rate(300))


def check_explain_limit(request: HttpRequest) -> None:
    """Which parts decided: some hundred readings for one page."""
    take(request, "explain", per_address=Rate(60))


def check_guess_limit(request: HttpRequest) -> None:
    take(request, "guess", per_address=Rate(3000), per_session=Rate(180))


def check_claim_limit(request: HttpRequest) -> None:
    """Claims, and deletions, whose receipt codes must not be guessed."""
    take(request, "claim", per_address=Rate(300), per_session=Rate(30))


def take(
    request: HttpRequest,
    what: str,
    *,
    per_address: Rate,
    per_session: Rate | None = None,
) -> None:
    """Take a token from the address's bucket and from the session's, or raise TooManyRequests and take none."""
    rates = {key(what, visitors.address(request)): per_address}
    if per_session:
        rates[key(what, visitors.session_key(request))] = per_session
    with transaction.atomic():
        buckets = [
            bucket(pk, rate) for pk, rate in sorted(rates.items())
        ]  # in one order, against deadlocks
        wait = max(rates[b.key].seconds_until_one(b.tokens) for b in buckets)
        if wait > 0:
            raise TooManyRequests(wait)
        for each in buckets:
            each.tokens -= 1
            each.save()


def bucket(pk: str, rate: Rate) -> TokenBucket:
    """The bucket as it is now, locked until the transaction ends."""
    now = timezone.now()
    start = {"tokens": rate.per_minute, "updated": now}
    found, _created = TokenBucket.objects.select_for_update().get_or_create(
        key=pk, defaults=start
    )
    found.tokens = rate.refilled(found.tokens, (now - found.updated).total_seconds())
    found.updated = now
    return found


def key(what: str, who: str) -> str:
    """A name for the bucket that gives neither address nor session away."""
    return salted_hmac(
        f"recognizer.access.limits.{what}", who, algorithm="sha256"
    ).hexdigest()

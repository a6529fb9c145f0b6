"""Who sends a request: a network address and a browser."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from recognizer.models import Submission


def session_key(request: HttpRequest) -> str:
    """Return the key of the browser's session, creating the session if there is none.

    Only for requests that store something: each session is a row in the database.
    """
    if not request.session.session_key:
        request.session.create()
    return str(request.session.session_key)


def browser_key(request: HttpRequest) -> str | None:
    """Return a key that differs between browsers, or None if this one has no cookies.

    It is the session's key. A browser that has stored nothing has no session yet. Its
    key is the CSRF cookie, which every page with a form sets.
    """
    csrf_cookie: str | None = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    return request.session.session_key or csrf_cookie


def pseudonym(session: str) -> str:
    """Return a keyed hash of a session's key. The database stores only this."""
    digest = salted_hmac("recognizer.session", session, algorithm="sha256").hexdigest()
    return digest[:40]


def is_sender(request: HttpRequest, submission: Submission) -> bool:
    """Return whether this browser sent the submission."""
    session = request.session.session_key
    return session is not None and submission.session == pseudonym(session)


def address(request: HttpRequest) -> str:
    """Return the network that the request comes from.

    Each trusted proxy appends one entry to X-Forwarded-For. Anybody can write the
    entries before those, so they are ignored.
    """
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(entries) and entries[-proxies].strip():
        return network(entries[-proxies].strip())
    return network(request.META.get("REMOTE_ADDR", ""))


def network(text: str) -> str:
    """Return one subscriber's network: an IPv4 address, or the /64 of an IPv6 address.

    Each subscriber can use any address of their /64.
    """
    try:
        ip = ip_address(text)
    except ValueError:  # a Unix socket has no address
        return text
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))

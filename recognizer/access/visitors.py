"""Who is asking: the address, as far as it can be believed, and the session."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from recognizer.models import Submission


def session_key(request: HttpRequest) -> str:
    if not request.session.session_key:
        request.session.create()
    return str(request.session.session_key)


def pseudonym(session: str) -> str:
    """What is kept of a session: enough to know it again, and no key to it."""
    return salted_hmac("recognizer.session", session, algorithm="sha256").hexdigest()[
        :40
    ]


def is_sender(request: HttpRequest, submission: Submission) -> bool:
    session = request.session.session_key
    return session is not None and submission.session == pseudonym(session)


def address(request: HttpRequest) -> str:
    """Where the request comes from. Each trusted proxy appends one entry; what stands before is hearsay."""
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    claimed = entries[-proxies].strip() if 0 < proxies <= len(entries) else ""
    return network(claimed or request.META.get("REMOTE_ADDR", ""))


def network(text: str) -> str:
    """One subscriber: an IPv4 address, or the /64 of an IPv6 address, in which anyone can pick a new one."""
    try:
        ip = ip_address(text)
    except ValueError:  # a Unix socket has none
        return text
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))

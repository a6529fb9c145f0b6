"""Read typed values from environment variables. An invalid value ends the program.

An empty variable counts as not set.
"""

import os
import sys
from typing import Any

import dj_database_url

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str) -> bool:
    value = text(name, "").lower()
    if value not in TRUE | FALSE:
        sys.exit(f"{name} is '{value}'; use 1 or 0.")
    return value in TRUE


def count(name: str, default: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        sys.exit(f"{name} is '{value}'; use a non-negative integer.")
    return int(value)


def listing(name: str, default: str) -> list[str]:
    parts = [part.strip() for part in text(name, default).split(",")]
    return [part for part in parts if part]


def database(name: str, default: str) -> dict[str, Any]:
    """Return a connection's settings.

    The error message does not repeat the value, which may contain a password.
    """
    url = text(name, default)
    try:
        config = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except ValueError:
        sys.exit(
            f"{name} is not a valid database URL; "
            "use postgres://user:password@host/name."
        )
    return dict(config)

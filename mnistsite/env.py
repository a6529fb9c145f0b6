"""Typed reading of the environment; a value that makes no sense is named, not guessed at.

A variable that is set to nothing counts as not set.
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
        sys.exit(f"{name} is '{value}'; use a whole number, 0 or more.")
    return int(value)


def listing(name: str, default: str) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(name: str, default: str) -> dict[str, Any]:
    """A connection's settings; the value itself is never shown, for it may hold a password."""
    try:
        return dict(
            dj_database_url.parse(
                text(name, default), conn_max_age=600, conn_health_checks=True
            )
        )
    except ValueError:
        sys.exit(
            f"{name} is no address of a database; use postgres://user:password@host/name."
        )

"""Compare what was acknowledged with what is stored."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.torture.senders import Kept
from benchmarks.torture.site import TorturedSite

QUERY = (
    "SELECT submission.uuid, submission.picture, answer.digit, answer.verdict "
    "FROM recognizer_submission AS submission "
    "JOIN recognizer_prediction AS answer ON answer.uuid = submission.answer_id"
)


@dataclass(frozen=True)
class Loss:
    """How many acknowledged drawings are missing or wrong, and how many are double."""

    missing: int
    double: int
    wrong: int
    given_up: int

    def __bool__(self) -> bool:
        return any((self.missing, self.double, self.wrong, self.given_up))


def compare(site: TorturedSite, kept: Kept) -> Loss:
    answers: dict[str, tuple[Any, Any]] = {}
    pictures: Counter[bytes] = Counter()
    for uuid, picture, digit, verdict in rows(site):
        answers[str(UUID(str(uuid)))] = (digit, verdict)
        pictures[hashlib.sha256(bytes(picture)).digest()] += 1
    missing, wrong = 0, 0
    for uuid, told in kept.acknowledged.items():
        if uuid not in answers:
            missing += 1
        elif told and answers[uuid] != (told["digit"], told["verdict"]):
            wrong += 1
    double = sum(count - 1 for count in pictures.values())
    return Loss(missing, double, wrong, kept.given_up)


def rows(site: TorturedSite) -> Iterator[tuple[Any, ...]]:
    if site.cluster:
        with psycopg.connect(site.url) as server:
            yield from server.execute(QUERY)
    else:
        with closing(sqlite3.connect(site.url.removeprefix("sqlite:///"))) as file:
            yield from file.execute(QUERY)

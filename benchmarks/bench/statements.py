"""How many SQL statements a request takes, BEGIN and COMMIT included."""

import base64
import os
import warnings
from collections.abc import Iterable, Iterator
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bench.drawings import pngs
from benchmarks.bench.rows import Row

LIMITS = {"first visit": 14, "known session": 8, "/send": 6, "/guess": 3}
HEADERS = {"secure": True, "HTTP_HOST": "localhost"}


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        set_up(f"sqlite:///{folder}/db.sqlite3")
        for name, count in statements().items():
            yield Row(f"statements, {name}", count, LIMITS[name], "")


def set_up(database: str) -> None:
    import django

    os.environ |= {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "mnistsite.settings",
    }
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def statements() -> dict[str, int]:
    from django.test import Client

    # The site's static files are not needed, and need not be collected.
    warnings.filterwarnings("ignore", "No directory at")
    known = Client()
    return {
        "first visit": count_of_last(Client, "/", 303, range(3)),
        "known session": count_of_last(lambda: known, "/", 303, [0] * 3),
        "/send": count_of_last(Client, "/send", 200, [0] * 3),
        "/guess": count_of_last(lambda: known, "/guess", 200, [0] * 3),
    }


def count_of_last(client: Any, path: str, status: int, addresses: Iterable[int]) -> int:
    """Return the statements of the last request of some. The first ones prepare it."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for png, number in zip(pngs(), addresses, strict=False):
        uri = "data:image/png;base64," + base64.b64encode(png).decode()
        image = SimpleUploadedFile("a.png", png) if path == "/send" else uri
        with CaptureQueriesContext(connection) as queries:
            address = f"10.0.0.{number}"
            answer = client().post(
                path, {"image": image}, REMOTE_ADDR=address, **HEADERS
            )
        if answer.status_code != status:
            raise SystemExit(f"{path} answered {answer.status_code}.")
    return len(queries)

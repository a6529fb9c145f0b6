"""How many SQL statements a request takes, BEGIN and COMMIT included."""

import base64
import os
from collections.abc import Iterator
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

    known = Client()
    return {
        "first visit": count_of_second(Client, "/", 303),
        "known session": count_of_second(lambda: known, "/", 303),
        "/send": count_of_second(Client, "/send", 200),
        "/guess": count_of_second(lambda: known, "/guess", 200),
    }


def count_of_second(client: Any, path: str, status: int) -> int:
    """Return the statements of the second request: the first finds the model's row."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for png in (pngs()[0], pngs()[1]):
        uri = "data:image/png;base64," + base64.b64encode(png).decode()
        image = SimpleUploadedFile("a.png", png) if path == "/send" else uri
        with CaptureQueriesContext(connection) as queries:
            answer = client().post(path, {"image": image}, **HEADERS)
        if answer.status_code != status:
            raise SystemExit(f"{path} answered {answer.status_code}.")
    return len(queries)

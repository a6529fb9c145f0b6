"""Send, claim and delete, and end without closing the database.

python -m tests.production.acknowledge FOLDER [STATEMENT...]

FOLDER gets the files of the database as they were last synced. Prints the claims of the
drawings that are acknowledged and not deleted, as JSON.
"""

import json
import os
import sys
from pathlib import Path

import django
from django.db import connection
from django.test import Client

from tests.power_cut import save_synced_files

COUNT = 5


def main(folder: str, *statements: str) -> None:
    save_synced_files(Path(folder))
    os.environ["DJANGO_SETTINGS_MODULE"] = "mnistsite.settings"
    django.setup()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    sys.stdout.write(json.dumps(send_claim_and_delete()))
    sys.stdout.flush()
    os._exit(0)  # closing the database would sync it


def send_claim_and_delete() -> dict[str, int]:
    client = Client(headers={"host": "localhost"})
    acknowledged = {}
    for number in range(COUNT + 1):
        page = send(client, number)
        done = client.post(f"{page}claim", {"claim": number}, secure=True)
        assert done.status_code == 303
        acknowledged[page.split("/")[2].replace("-", "")] = number
    assert client.post(f"{page}delete", secure=True).status_code == 303
    acknowledged.popitem()
    return acknowledged


def send(client: Client, number: int) -> str:
    """Send a drawing that differs by its number, and return the address of its page."""
    from tests.factories import data_uri, draw, picture_bytes  # needs the settings

    image = data_uri(picture_bytes(draw(line=12 + number)))
    return client.post("/", {"image": image}, secure=True).headers["Location"]


if __name__ == "__main__":
    main(*sys.argv[1:])

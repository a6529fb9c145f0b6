"""Visitors and programs that send drawings until each is acknowledged."""

import base64
import http.client
import io
import random
import re
import threading
import time
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from PIL import Image, ImageDraw

from tests.production.site import MULTIPART, Answer, Site, multipart

SENT_BY_ONE = 15  # drawings of a visitor, below the limit of a minute
PATIENCE = 60  # seconds in which a drawing must be acknowledged


@dataclass
class Kept:
    """What the senders were told, together."""

    # The id of each acknowledged drawing, and its answer where it was told
    acknowledged: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    given_up: int = 0


def draw(rng: random.Random) -> bytes:
    """Return a drawing like no other, as PNG."""
    board = Image.new("L", (120, 120), "white")
    points = [(rng.randrange(15, 105), rng.randrange(15, 105)) for _ in range(6)]
    ImageDraw.Draw(board).line(points, fill="black", width=7, joint="curve")
    buffer = io.BytesIO()
    board.save(buffer, "PNG")
    return buffer.getvalue()


class Sender(threading.Thread):
    """Sends one drawing after the other, and each again until it is acknowledged."""

    def __init__(self, site: Site, kept: Kept, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.kept, self.stop = site, kept, stop
        self.rng = random.Random()
        self.count = 0

    def run(self) -> None:
        while not self.stop.is_set():
            if self.count % SENT_BY_ONE == 0:
                self.become_another()
            self.count += 1
            self.deliver(draw(self.rng))

    def become_another(self) -> None:
        """Come from another address, without cookies."""
        numbers = [str(self.rng.randrange(1, 255)) for _ in range(3)]
        self.address = ".".join(["10", *numbers])

    def deliver(self, picture: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        key = str(uuid.uuid4())
        while time.monotonic() < deadline:
            try:
                if self.send(picture, key):
                    return
            except ConnectionRefusedError:
                self.kept.problems["refused"] += 1
            except (OSError, http.client.HTTPException):
                self.kept.problems["reset"] += 1
            time.sleep(0.1)
        self.kept.given_up += 1

    def send(self, picture: bytes, key: str) -> bool:
        """Send once. Return whether it was acknowledged."""
        raise NotImplementedError

    def note(self, answer: Answer) -> bool:
        self.kept.problems[str(answer.status)] += 1
        return False

    @property
    def proxy(self) -> dict[str, str]:
        """The headers that a proxy adds."""
        return {"X_Forwarded_Proto": "https", "X_Forwarded_For": self.address}

    def ask(self, path: str, method: str, body: bytes | None, **more: str) -> Answer:
        return self.site.ask(path, method, body, **self.proxy, **more)


class Program(Sender):
    """Sends to the API, and retries with the same Idempotency-Key."""

    def send(self, picture: bytes, key: str) -> bool:
        answer = self.site.send(picture, Idempotency_Key=key, **self.proxy)
        if answer.status != 200:
            return self.note(answer)
        told = answer.json()
        self.kept.acknowledged[told["id"]] = told
        return True


class HastyProgram(Program):
    """Now and then, closes the connection before the answer, and sends again."""

    def send(self, picture: bytes, key: str) -> bool:
        if self.rng.random() < 0.3:
            headers = {
                "X-Forwarded-Proto": "https",
                "X-Forwarded-For": self.address,
                "Content-Type": MULTIPART,
                "Idempotency-Key": key,
            }
            with closing(self.site.connect()) as connection:
                connection.request("POST", "/send", multipart(picture), headers)
        return super().send(picture, key)


class Visitor(Sender):
    """Sends the form of the front page, with its cookies."""

    def become_another(self) -> None:
        super().become_another()
        self.cookies: dict[str, str] = {}

    def send(self, picture: bytes, key: str) -> bool:
        if "csrftoken" not in self.cookies:
            self.remember(self.ask("/", "GET", None))
            if "csrftoken" not in self.cookies:
                return False
        image = "data:image/png;base64," + base64.b64encode(picture).decode()
        fields = {"image": image, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        answer = self.ask(
            "/",
            "POST",
            urlencode(fields).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Cookie="; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            Referer=f"https://localhost:{self.site.port}/",
        )
        self.remember(answer)
        if answer.status != 303:
            return self.note(answer)
        self.kept.acknowledged[answer.headers["Location"].split("/")[2]] = None
        return True

    def remember(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            found = re.match("([^=]+)=([^;]*)", line)
            if found:
                self.cookies[found[1]] = found[2]

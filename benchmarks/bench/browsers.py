"""Browsers that send drawings over connections that stay open.

They do little more than write and read bytes, since they share the server's cores.
"""

import base64
import re
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from benchmarks.bench.drawings import pngs

SENT = 15  # drawings by each browser: below the limit of 20 a minute
HEAD = (
    "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n"
    "X-Forwarded-Proto: https\r\nX-Forwarded-For: {address}\r\n"
    "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n"
    "Cookie: {cookies}\r\n\r\n"
)
PART = '--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'

_numbers = count()


class Browser:
    """One connection. After some drawings it is another visitor at another address."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("localhost", port), timeout=60)
        self._file = self._socket.makefile("rb")
        self._sent = 0
        self._become_another()

    def send(self) -> float:
        """Send a drawing. Return how many milliseconds the answer took."""
        if self._sent == SENT:
            self._become_another()
        request = self._request(pngs()[(self._start + self._sent) % len(pngs())])
        self._sent += 1
        start = time.perf_counter()
        self._socket.sendall(request)
        self._read_answer()
        return 1000 * (time.perf_counter() - start)

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _become_another(self) -> None:
        number = next(_numbers)
        self._address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        self._token = f"{number:032}"
        self._cookies = {"csrftoken": self._token}
        self._start, self._sent = number * SENT, 0

    def _request(self, png: bytes) -> bytes:
        uri = "data:image/png;base64," + base64.b64encode(png).decode()
        fields = {"csrfmiddlewaretoken": self._token, "image": uri}
        parts = [PART.format(name=name, value=fields[name]) for name in fields]
        body = "".join(parts) + "--x--\r\n"
        cookies = "; ".join(f"{name}={self._cookies[name]}" for name in self._cookies)
        length = len(body)
        head = HEAD.format(address=self._address, length=length, cookies=cookies)
        return (head + body).encode()

    def _read_answer(self) -> None:
        status, length = self._file.readline(), 0
        while (line := self._file.readline().lower()) != b"\r\n":
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if cookie := re.match(rb"set-cookie: (\w+)=([^;]*)", line):
                self._cookies[cookie[1].decode()] = cookie[2].decode()
        self._file.read(length)
        if b" 302 " not in status and b" 303 " not in status:
            raise SystemExit(f"A drawing was answered with {status.decode()!r}.")


def send_all(browsers: Sequence[Browser], each: int) -> list[float]:
    """Let all browsers send drawings at once. Return the milliseconds of each."""

    def send(browser: Browser) -> list[float]:
        return [browser.send() for _ in range(each)]

    with ThreadPoolExecutor(len(browsers)) as threads:
        return [took for times in threads.map(send, browsers) for took in times]

"""An http client for a site on this machine."""

import http.client
import json
import ssl
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import trustme

MULTIPART = "multipart/form-data; boundary=x"


def multipart(picture: bytes) -> bytes:
    """Return the body of a request to /send."""
    disposition = b'form-data; name="image"; filename="a.png"'
    head = b"--x\r\nContent-Disposition: " + disposition + b"\r\n\r\n"
    return head + picture + b"\r\n--x--\r\n"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A site on a port of this machine, with https when there is an authority."""

    port: int
    authority: trustme.CA | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(self.connect()) as connection:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def send(self, picture: bytes, **headers: str) -> Answer:
        """Send a picture to the API."""
        headers["Content_Type"] = MULTIPART
        return self.ask("/send", "POST", multipart(picture), **headers)

    def connect(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection("localhost", self.port, timeout=60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return http.client.HTTPSConnection(
            "localhost", self.port, timeout=60, context=context
        )

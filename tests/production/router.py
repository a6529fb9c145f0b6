"""A stand-in for Heroku's router: it ends https and adds the X-Forwarded headers."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from tests.production.site import Site

ITS_OWN = {"connection", "transfer-encoding", "content-length"}


@contextmanager
def route_to(inner: Site, authority: trustme.CA) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            callers = [
                *self.headers.get_all("X-Forwarded-For", []),
                str(self.client_address[0]),
            ]
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ITS_OWN
            }
            headers |= {
                "X-Forwarded-For": ", ".join(callers),
                "X-Forwarded-Proto": "https",
            }
            with closing(
                http.client.HTTPConnection("localhost", inner.port, timeout=30)
            ) as connection:
                connection.request(self.command, self.path, body, headers)
                self.answer(connection.getresponse())

        do_GET = do_HEAD = do_POST = forward  # noqa: N815 - the names in http.server

        def answer(self, response: http.client.HTTPResponse) -> None:
            body = response.read()
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ITS_OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Router(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a browser closed the connection: tests look at the page

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with Router(("localhost", 0), Handler) as server:
        # Browsers open connections that they do not use yet. Each TLS handshake runs in
        # its own thread.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(server.server_port, authority)
        server.shutdown()

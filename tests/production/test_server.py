"""The real web server with production settings."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from tests.production.deployment import PROJECT, Deployment, Server
from tests.production.site import Answer


def test_pages_have_security_headers(server: Server) -> None:
    page = server.ask("/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_cookies_are_sent_over_https_only(server: Server) -> None:
    cookies = server.ask("/").headers.get_all("Set-Cookie", [])
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


def test_static_files_are_compressed_and_cached_permanently(server: Server) -> None:
    page = server.ask("/").body.decode()
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page))
    assert addresses
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address)
        file = server.ask(address, Accept_Encoding="gzip, br")
        assert file.status == 200
        assert file.headers["Content-Encoding"] == "br"
        assert "immutable" in file.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["server", "postgresql_server"])
def test_simultaneous_submissions_are_all_answered_and_kept(
    name: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(name)
    three = (PROJECT / "data/three.png").read_bytes()
    with ThreadPoolExecutor(20) as visitors:
        answers = list(visitors.map(server.send, [three] * 20))
    assert [answer.status for answer in answers] == [200] * 20, server.log.read_text()
    readings = [answer.json() for answer in answers]
    assert {reading["digit"] for reading in readings} == {3}
    assert len({tuple(reading["probabilities"]) for reading in readings}) == 1
    pages = {server.ask(f"/s/{reading['id']}/").status for reading in readings}
    assert len({reading["id"] for reading in readings}) == 20
    assert pages == {200}


def test_requests_that_never_end_do_not_block_the_server(server: Server) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "5000"}
    with ExitStack() as stack:
        stalled = [stack.enter_context(closing(server.connect())) for _ in range(8)]
        for connection in stalled:
            connection.request("POST", "/send", b"--x", form)
        assert server.ask("/healthz").status == 200
        assert {connection.getresponse().status for connection in stalled} == {408}


def test_web_concurrency_sets_the_number_of_workers(deployment: Deployment) -> None:
    with deployment.serve(WEB_CONCURRENCY="3") as server:
        pass
    assert server.log.read_text().count("Booting worker") == 3


def test_it_trusts_no_proxy_by_default(deployment: Deployment) -> None:
    def ask(server: Server) -> Answer:
        return server.ask("/", X_Forwarded_Proto="https")

    with (
        deployment.serve() as alone,
        deployment.serve(TRUSTED_PROXIES="1") as behind_one,
    ):
        assert ask(alone).status == 301
        assert ask(alone).headers["Location"] == "https://localhost" + f":{alone.port}/"
        assert ask(behind_one).status == 200


def test_it_does_not_start_with_the_built_in_secret_key(deployment: Deployment) -> None:
    unconfigured = replace(deployment, environment={})
    with (
        pytest.raises(AssertionError, match="SECRET_KEY is not set") as failure,
        unconfigured.serve(),
    ):
        pass
    assert "Traceback" not in str(failure.value)


def test_other_host_names_are_refused(server: Server) -> None:
    assert server.ask("/", Host="elsewhere.example").status == 400

"""The database stops while the site runs."""

from contextlib import ExitStack

import trustme

from tests import postgresql
from tests.production.deployment import PROJECT, Deployment


def test_pages_say_that_the_database_is_unavailable_and_the_log_says_why(
    deployment: Deployment, authority: trustme.CA
) -> None:
    three = (PROJECT / "data/three.png").read_bytes()
    with ExitStack() as database:
        url = database.enter_context(postgresql.server())
        deployment.run(deployment.procfile("release"), DATABASE_URL=url)
        with deployment.serve(authority, DATABASE_URL=url) as site:
            submission = site.send(three).json()["id"]
            database.close()

            page = site.ask(f"/s/{submission}/")
            assert page.status == 503
            assert b"No stored drawing is lost" in page.body
            answer = site.send(three)
            assert (answer.status, list(answer.json())) == (503, ["error"])
            assert site.ask("/healthz").status == 503
            assert site.ask("/").status == 200
            assert "Traceback" in site.log.read_text()

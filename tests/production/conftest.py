from collections.abc import Iterator

import pytest
import trustme

from tests.production.deployment import Deployment, Server, deploy


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A copy of the project with static files and an empty SQLite database."""
    return deploy(tmp_path_factory.mktemp("deployment"))


@pytest.fixture(scope="session")
def server(deployment: Deployment, authority: trustme.CA) -> Iterator[Server]:
    with deployment.serve(authority) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server(
    deployment: Deployment, authority: trustme.CA, postgresql_url: str
) -> Iterator[Server]:
    deployment.run(deployment.procfile("release"), DATABASE_URL=postgresql_url)
    with deployment.serve(authority, DATABASE_URL=postgresql_url) as server:
        yield server

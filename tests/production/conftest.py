from collections.abc import Iterator

import pytest
import trustme

from tests.production.deployment import PROJECT, Deployment, Server, copy_project


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A copy of the project with static files and an empty SQLite database."""
    folder = tmp_path_factory.mktemp("deployment")
    copy_project(folder)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    deployment = Deployment(folder, {})
    deployment.run("python manage.py collectstatic --noinput")
    deployment.run(deployment.procfile("release"))
    secret_key = "a long text that only this test and its server know, nobody else"
    deployment.environment["SECRET_KEY"] = secret_key
    return deployment


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

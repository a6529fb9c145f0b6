"""A copy of the project, run as the Procfile says, with its own environment."""

import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from tests.production.site import Site

PROJECT = Path(__file__).resolve().parents[2]


SECRET_KEY = "a long text that only this program and its server know, nobody else"


@dataclass
class Server(Site):
    log: Path = Path("/dev/null")
    pid: int = 0  # of the process that the Procfile names


@dataclass
class Deployment:
    folder: Path
    environment: dict[str, str]
    python: Path = field(default=Path(sys.executable))

    def run(self, command: str, **environment: str) -> str:
        """Run a command that must succeed, and return what it prints."""
        done = subprocess.run(
            shlex.split(command),
            cwd=self.folder,
            env=self._complete(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def serve(
        self, authority: trustme.CA | None = None, **environment: str
    ) -> Iterator[Server]:
        """Run the web command. It must stop without errors when it is told to."""
        port = free_port()
        server = Server(port, authority, log=self.folder / f"{port}.log")
        if authority:
            certificate = self.folder / f"{port}.pem"
            authority.issue_cert(
                "localhost"
            ).private_key_and_cert_chain_pem.write_to_path(str(certificate))
            environment["GUNICORN_CMD_ARGS"] = (
                f"--certfile={certificate} --keyfile={certificate}"
            )
        process = self.start(server, **environment)
        server.pid = process.pid
        try:
            wait_for(server, process)
            yield server
        finally:
            process.terminate()
            status = process.wait(timeout=30)
        assert status == 0, server.log.read_text()

    def start(self, server: Server, **environment: str) -> "subprocess.Popen[bytes]":
        """Start the web command on the server's port, with its log."""
        environment["PORT"] = str(server.port)
        with server.log.open("ab") as output:
            return subprocess.Popen(
                shlex.split(self.procfile("web")),
                cwd=self.folder,
                env=self._complete(environment),
                stdout=output,
                stderr=output,
            )

    def procfile(self, name: str) -> str:
        lines = (self.folder / "Procfile").read_text().splitlines()
        return dict(line.split(": ", 1) for line in lines)[name]

    def _complete(self, environment: dict[str, str]) -> dict[str, str]:
        path = f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            **self.environment,
            **environment,
        }


def deploy(folder: Path) -> Deployment:
    """Copy the project, with static files and an empty SQLite database."""
    copy_project(folder)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    deployment = Deployment(folder, {})
    deployment.run("python manage.py collectstatic --noinput")
    deployment.run(deployment.procfile("release"))
    deployment.environment["SECRET_KEY"] = SECRET_KEY
    return deployment


def copy_project(folder: Path) -> None:
    """Copy the files that git tracks or would add, with their current contents."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(
        command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    for name in filter(None, listing.split("\0")):
        if (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.ask("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"The server does not answer:\n{server.log.read_text()}")

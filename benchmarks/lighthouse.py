"""Print Lighthouse's scores of the production server's pages in the phone profile.

python -m benchmarks.lighthouse
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import trustme

from tests.browser import chromium
from tests.production.deployment import PROJECT, Server, deploy

HERE = Path(__file__).parent
FLAGS = ["--headless=new", "--ignore-certificate-errors", *chromium.QUIET]


def measure(server: Server, path: str) -> dict[str, int]:
    flags = " ".join(FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else []))
    command = [
        "npx",
        "lighthouse",
        server.url + path,
        "--quiet",
        "--output=json",
        f"--chrome-flags={flags}",
    ]
    environment = dict(os.environ)
    found = chromium.find()
    if found:
        environment["CHROME_PATH"] = found
    done = subprocess.run(
        command, cwd=HERE, env=environment, stdout=subprocess.PIPE, check=True
    )
    report = json.loads(done.stdout)
    show_faults(path, report)
    return {
        name: round(100 * category["score"])
        for name, category in report["categories"].items()
    }


def show_faults(path: str, report: dict[str, dict[str, dict[str, object]]]) -> None:
    """Print the failed audits to standard error, without those about speed."""
    for name, audit in report["audits"].items():
        if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary":
            print(f"{path}: {name}: {audit['title']}", file=sys.stderr)


def main() -> None:
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        deploy(Path(folder)).serve(trustme.CA()) as server,
    ):
        answer = server.send((PROJECT / "data/three.png").read_bytes()).json()
        result = f"/s/{answer['id']}/"
        for name, path in {
            "/": "/",
            "result": result,
            "how": result + "how/",
            "/about/": "/about/",
        }.items():
            print(name, measure(server, path), flush=True)


if __name__ == "__main__":
    main()

"""Attack the site on SQLite and on PostgreSQL, and print what was lost.

python -m benchmarks.torture [--seconds N]

The exit status is 1 if an acknowledged drawing is missing, double or has another
answer, or if a drawing was not acknowledged in a minute.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.torture.attacks import ATTACKS
from benchmarks.torture.rounds import Round, postgresql_site, sqlite_site, torture
from tests.production.deployment import deploy

SECONDS = 18  # of each attack: five minutes in all
COLUMNS = "times | acknowledged | reset | refused | 5xx | missing | double | wrong"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torture")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="of each attack (%(default)s)"
    )
    seconds = parser.parse_args().seconds
    lost = False
    print(f"| database | attack | {COLUMNS} |")
    print("|---|---|" + "---:|" * len(COLUMNS.split("|")))
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        deployment = deploy(Path(folder))
        for open_site in (sqlite_site, postgresql_site):
            with open_site(deployment) as site:
                for name, attack in ATTACKS[site.database].items():
                    round_ = torture(site, attack, seconds)
                    lost = lost or bool(round_.loss)
                    print(f"| {site.database} | {name} | {cells(round_)} |", flush=True)
    return int(lost)


def cells(round_: Round) -> str:
    kept, loss = round_.kept, round_.loss
    errors = sum(count for name, count in kept.problems.items() if name.startswith("5"))
    numbers = [
        round_.times,
        len(kept.acknowledged),
        kept.problems["reset"],
        kept.problems["refused"],
        errors,
        loss.missing + loss.given_up,
        loss.double,
        loss.wrong,
    ]
    return " | ".join(str(number) for number in numbers)


if __name__ == "__main__":
    sys.exit(main())

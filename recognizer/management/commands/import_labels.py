import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from recognizer.exchange.errors import ExchangeError
from recognizer.exchange.label_names import name_of_label, parse_label
from recognizer.exchange.tables import parse_id, read_table
from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import drawings
from recognizer.management.progress import progress
from recognizer.management.users import find_user
from recognizer.models import Submission
from recognizer.reviewing.labelling import Wanted, set_labels

BATCH = 500
MOST_ERRORS = 20  # that are shown


@dataclass(frozen=True)
class Line:
    """A label in the file."""

    number: int
    submission: UUID
    label: int


class Command(CommandWithExamples):
    help = (
        "Set the labels that stand in a CSV file with the columns 'id' and 'label'. The "
        "whole file is checked first: nothing is stored when a line of it is wrong."
    )

    examples = """\
  manage.py import_labels labels.csv --by anna
  manage.py import_labels labels.csv --by anna --overwrite
  heroku run --no-tty 'python manage.py import_labels - --by anna' < labels.csv

labels: 0 to 9, not_a_digit, several, cannot_tell. Lines without a label are passed over.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a CSV file, or - for standard input")
        parser.add_argument(
            "--by",
            required=True,
            metavar="USERNAME",
            help="who is named in the history of the labels",
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="change the labels of drawings that are labelled otherwise",
        )

    def handle(self, **options: Any) -> None:
        by = find_user(options["by"])
        try:
            lines = read_labels(options["file"])
        except ExchangeError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        self._store(lines, by, options["overwrite"])

    def _store(self, lines: Sequence[Line], by: Any, overwrite: bool) -> None:
        saved, conflicts, missing = 0, 0, 0
        remaining = iter(progress(lines, len(lines)))
        while batch := list(islice(remaining, BATCH)):
            outcome = set_labels(wanted_labels(batch, overwrite), by)
            lines_of = {line.submission: line for line in batch}
            for uuid in outcome.missing:
                self.stdout.write(
                    f"Line {lines_of[uuid].number}: there is no drawing {uuid}. It may "
                    "have been deleted."
                )
            for submission in outcome.conflicts:
                self.stdout.write(
                    describe_conflict(lines_of[submission.pk], submission)
                )
            saved += len(outcome.saved)
            conflicts += len(outcome.conflicts)
            missing += len(outcome.missing)
        self.stdout.write(summary(saved, conflicts, missing))


def read_labels(file: str) -> list[Line]:
    """Return the labels in a file. Raises ExchangeError, with a line for each error."""
    lines: list[Line] = []
    errors: list[str] = []
    seen: dict[UUID, int] = {}
    with open_lines(file) as text:
        for number, cells in read_table(text, ["id", "label"]):
            try:
                uuid, label = parse_id(cells["id"]), parse_label(cells["label"])
                if uuid in seen:
                    raise ExchangeError(f"{uuid} is in line {seen[uuid]} already.")
            except ExchangeError as error:
                errors.append(f"Line {number}: {error}")
                continue
            seen[uuid] = number
            if label is not None:
                lines.append(Line(number, uuid, label))
    if errors:
        raise ExchangeError("\n".join(["Nothing was stored.", *shortened(errors)]))
    return lines


def open_lines(file: str) -> Any:
    """Open a file, or standard input for -, to be read in lines of bytes."""
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")


def shortened(errors: Sequence[str]) -> Iterator[str]:
    yield from errors[:MOST_ERRORS]
    if len(errors) > MOST_ERRORS:
        yield f"And {len(errors) - MOST_ERRORS} more."


def wanted_labels(lines: Iterable[Line], overwrite: bool) -> list[Wanted]:
    """Return the wanted labels. Only with `overwrite` may they change a label."""
    shown: dict[UUID, int | None] = {}
    if overwrite:
        ids = [line.submission for line in lines]
        shown.update(Submission.objects.filter(pk__in=ids).values_list("pk", "label"))
    return [
        Wanted(line.submission, shown.get(line.submission), line.label)
        for line in lines
    ]


def describe_conflict(line: Line, submission: Submission) -> str:
    there, wanted = name_of_label(submission.label), name_of_label(line.label)
    return (
        f"Line {line.number}: {submission.pk} is labelled {there}, and the file says "
        f"{wanted}."
    )


def summary(saved: int, conflicts: int, missing: int) -> str:
    sentences = [
        f"{drawings(saved)} {'has' if saved == 1 else 'have'} the label of the file."
    ]
    if conflicts:
        verb = "is" if conflicts == 1 else "are"
        sentences.append(f"{conflicts} {verb} labelled otherwise, which was left.")
    if missing:
        verb = "is" if missing == 1 else "are"
        sentences.append(f"{missing} {verb} not in the database.")
    return " ".join(sentences)

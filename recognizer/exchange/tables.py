"""CSV files: the table of an export, and tables that people edit in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from recognizer.exchange.errors import ExchangeError
from recognizer.exchange.label_names import name_of_label, parse_claim, parse_label

SEPARATORS = ",;\t"  # spreadsheets write semicolons in many countries
_UTF_8_MARK = b"\xef\xbb\xbf"
_YES_OR_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Row:
    """A drawing in the table of an export.

    `label` and `claim` are classes, or None; `created` has a time zone.
    """

    id: UUID
    label: int | None
    claim: int | None
    verdict: str
    source: str
    kept_aside: bool
    created: datetime


COLUMNS = tuple(field.name for field in fields(Row))


def format_row(row: Row) -> list[str]:
    """Return the cells of a row.

    Every cell is an id, a date or one of a few fixed words. None of them starts with a
    character that makes a spreadsheet take it for a formula.
    """
    return [
        str(row.id),
        name_of_label(row.label),
        name_of_label(row.claim),
        row.verdict,
        row.source,
        "yes" if row.kept_aside else "no",
        row.created.astimezone(UTC).isoformat(timespec="microseconds"),
    ]


def parse_row(cells: dict[str, str]) -> Row:
    """Return the row that was written by `format_row`. Raises ExchangeError."""
    if cells["kept_aside"] not in _YES_OR_NO:
        raise ExchangeError("The column kept_aside holds neither 'yes' nor 'no'.")
    return Row(
        parse_id(cells["id"]),
        parse_label(cells["label"]),
        parse_claim(cells["claim"]),
        cells["verdict"],
        cells["source"],
        _YES_OR_NO[cells["kept_aside"]],
        _parse_time(cells["created"]),
    )


def parse_id(text: str) -> UUID:
    """Return the id of a drawing. Raises ExchangeError."""
    try:
        return UUID(text)
    except ValueError as error:
        raise ExchangeError(f"{text[:40]!r} is not the id of a drawing.") from error


def read_table(
    lines: Iterable[bytes], columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line, from 2, with the wanted cells by column.

    The first line names the columns; others than the wanted ones are passed over. The
    text is UTF-8, and commas, semicolons or tabs separate the cells. Empty lines are
    passed over. Raises ExchangeError with the number of the line.
    """
    text = _decode(lines)
    header = next(text, "")
    separator = max(SEPARATORS, key=header.count)
    places = _find_columns(next(csv.reader([header], delimiter=separator), []), columns)
    reader = csv.reader(text, delimiter=separator, strict=True)
    while (cells := _next_cells(reader)) is not None:
        number = reader.line_num + 1  # the reader has not seen the first line
        if not "".join(cells).strip():
            continue
        if len(cells) <= max(places.values()):
            raise ExchangeError(f"Line {number}: some columns are missing.")
        yield number, {name: cells[place].strip() for name, place in places.items()}


def _decode(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        data = line.removeprefix(_UTF_8_MARK) if number == 1 else line
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise ExchangeError(
                f"Line {number}: this is not UTF-8. Save the file as 'CSV UTF-8'."
            ) from error
        if "\0" in text:  # UTF-16 without a mark, or no text at all
            raise ExchangeError(
                f"Line {number}: this is not text. Save the file as 'CSV UTF-8'."
            )
        yield text


def _find_columns(header: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    for column in columns:
        if names.count(column) != 1:
            how_many = "there twice" if column in names else "not there"
            raise ExchangeError(
                f"Line 1: the column '{column}' is {how_many}. "
                f"The first line must name the columns: {', '.join(columns)}."
            )
    return {column: names.index(column) for column in columns}


def _next_cells(reader: Any) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        number = reader.line_num + 1
        raise ExchangeError(f"Line {number}: this is not CSV ({error}).") from error


def _parse_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ExchangeError(f"{text[:40]!r} is not a date with a time.") from error

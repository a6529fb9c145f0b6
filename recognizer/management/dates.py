from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime


def parse_date(text: str) -> datetime:
    """Return the first moment of a day, in UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(
            f"{text!r} is not a date. Write it as year-month-day, for example "
            "2026-11-01."
        ) from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def add_since(parser: ArgumentParser) -> None:
    """Add the option --since, which chooses drawings by the day on which they were sent."""
    parser.add_argument(
        "--since",
        type=parse_date,
        metavar="DATE",
        help="only drawings sent on this day (UTC) or later, for example 2026-11-01",
    )

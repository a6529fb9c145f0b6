"""The tables of an evaluation, as text. Each test set has a row for each model."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recognizer.learning.measuring.evaluation import COLUMNS, Result
from recognizer.learning.measuring.statistics import mcnemar
from recognizer.reading.constants import DIGITS

Rows = Sequence[Sequence[Result]]  # for each test set a result for each model
REFUSALS = ("not_a_digit", "several", "unsure")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Align rows of text in columns: the first two to the left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[:2] = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def digits_table(names: Sequence[str], results: Rows) -> str:
    """Return accuracy, refusals and calibration error on sets of digits."""
    head = ["pictures", "correct", "worst digit", "refused", "calibration error"]
    lines = [["set", "condition", "model", *head]]
    for name, result in _named(names, results):
        by_digit = result.accuracy_by_digit
        worst = min(by_digit, key=lambda digit: by_digit[digit])
        lines.append(
            [
                *_first_columns(name, result),
                str(len(result.labels)),
                _percent(result.accuracy),
                f"{worst}: {_percent(by_digit[worst])}",
                _percent(result.refused),
                f"{result.calibration_error:.4f}",
            ]
        )
    return table(lines)


def accuracy_table(names: Sequence[str], results: Rows) -> str:
    """Return the accuracy of each digit in percent."""
    lines = [["set", "condition", "model", *map(str, range(DIGITS))]]
    for name, result in _named(names, results):
        by_digit = result.accuracy_by_digit
        cells = []
        for digit in range(DIGITS):
            has_digit = digit in by_digit
            cells.append(f"{100 * by_digit[digit]:.1f}" if has_digit else ".")
        lines.append([*_first_columns(name, result), *cells])
    return table(lines)


def others_table(names: Sequence[str], results: Rows) -> str:
    """Return the share of each refusal on sets without single digits."""
    lines = [["set", "condition", "model", "pictures", "refused", *REFUSALS]]
    for name, result in _named(names, results):
        total = len(result.labels)
        counts = [result.verdicts.get(verdict, 0) for verdict in REFUSALS]
        shares = [_percent(count / total) for count in counts]
        refused = _percent(result.refused)
        lines.append([*_first_columns(name, result), str(total), refused, *shares])
    return table(lines)


def confusion_table(counts: NDArray[np.integer]) -> str:
    """Return a confusion matrix (digits x COLUMNS) with a dot for 0."""
    lines = [["", "", *COLUMNS]]
    for digit, row in enumerate(counts):
        cells = [str(count) if count else "." for count in row]
        lines.append([str(digit), "", *cells])
    return table(lines)


def difference_table(names: Sequence[str], results: Rows) -> str:
    """Return how often only one of two models is correct on sets of digits."""
    one, other = names
    lines = [
        [
            "set",
            "condition",
            f"only {one} correct",
            f"only {other} correct",
            "p (McNemar)",
        ]
    ]
    for first, second in results:
        only_first, only_second, p = mcnemar(first.right, second.right)
        test = first.test
        counts = [str(only_first), str(only_second)]
        lines.append([test.name, test.condition, *counts, f"{p:.2g}"])
    return table(lines)


def _named(names: Sequence[str], results: Rows) -> Iterable[tuple[str, Result]]:
    for row in results:
        yield from zip(names, row, strict=True)


def _first_columns(name: str, result: Result) -> list[str]:
    return [result.test.name, result.test.condition, name]


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"

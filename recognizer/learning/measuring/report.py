"""The results of an evaluation as text, JSON and pictures.

`results` has a row per test set, with a result per model.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recognizer.learning.measuring.evaluation import COLUMNS, Result, mcnemar, table
from recognizer.learning.measuring.plots import plot_confusion

Rows = Sequence[Sequence[Result]]


def as_json(names: Sequence[str], results: Rows) -> str:
    """Return a JSON object per line: for each test set one by model and, of two, their difference."""
    objects: list[dict[str, Any]] = []
    for row in results:
        objects += [
            {"model": n} | result.as_dict()
            for n, result in zip(names, row, strict=True)
        ]
        if len(row) == 2 and row[0].has_digits:
            objects.append({"models": list(names)} | _compared(*row))
    return "\n".join(map(json.dumps, objects))


def _compared(first: Result, second: Result) -> dict[str, Any]:
    only_first, only_second, p = mcnemar(first.right, second.right)
    sets = {"set": first.test.name, "condition": first.test.condition}
    return sets | {
        "only_first_right": only_first,
        "only_second_right": only_second,
        "mcnemar_p": p,
    }


def as_text(names: Sequence[str], results: Rows) -> str:
    """Return tables: digits, each by itself, what is none, confusions and, of two models, the difference."""
    digits = [row for row in results if row[0].has_digits]
    others = [row for row in results if not row[0].has_digits]
    parts = [
        _digits(names, digits),
        _by_digit(names, digits),
        _others(names, others),
        *_confusions(names, digits),
    ]
    return "\n\n".join(part for part in [*parts, _difference(names, digits)] if part)


def plot(names: Sequence[str], results: Rows, folder: Path) -> None:
    """Write a confusion matrix per model and set of digits."""
    for index, name in enumerate(names):
        for group, counts in _summed(
            [row[index] for row in results if row[index].has_digits]
        ).items():
            plot_confusion(
                counts, COLUMNS, f"{name}: {group}", folder / f"{name}-{group}.png"
            )


def _digits(names: Sequence[str], results: Rows) -> str:
    head = [
        "set",
        "condition",
        "model",
        "digits",
        "right",
        "least digit",
        "not 'digit'",
        "calibration error",
    ]
    lines = [
        _digit_line(n, r) for row in results for n, r in zip(names, row, strict=True)
    ]
    return table([head, *lines]) if lines else ""


def _by_digit(names: Sequence[str], results: Rows) -> str:
    """Return the accuracy of each digit, in per cent."""
    lines = [
        [
            r.test.name,
            r.test.condition,
            n,
            *(_rounded(r.accuracy_by_digit.get(d)) for d in range(10)),
        ]
        for row in results
        for n, r in zip(names, row, strict=True)
    ]
    return (
        table([["set", "condition", "model", *map(str, range(10))], *lines])
        if lines
        else ""
    )


def _rounded(share: float | None) -> str:
    return "." if share is None else f"{100 * share:.1f}"


def _digit_line(name: str, result: Result) -> list[str]:
    by_digit = result.accuracy_by_digit
    least = min(by_digit, key=lambda digit: by_digit[digit])
    return [
        *(
            result.test.name,
            result.test.condition,
            name,
            str(len(result.labels)),
            _percent(result.accuracy),
        ),
        *(
            f"{least}: {_percent(by_digit[least])}",
            _percent(result.refused),
            f"{result.calibration_error:.4f}",
        ),
    ]


def _others(names: Sequence[str], results: Rows) -> str:
    head = [
        "set",
        "condition",
        "model",
        "pictures",
        "not 'digit'",
        "not_a_digit",
        "several",
        "unsure",
    ]
    lines = [
        _other_line(n, r) for row in results for n, r in zip(names, row, strict=True)
    ]
    return table([head, *lines]) if lines else ""


def _other_line(name: str, result: Result) -> list[str]:
    total = len(result.labels)
    shares = [
        _percent(result.verdicts.get(verdict, 0) / total)
        for verdict in ("not_a_digit", "several", "unsure")
    ]
    return [
        result.test.name,
        result.test.condition,
        name,
        str(total),
        _percent(result.refused),
        *shares,
    ]


def _confusions(names: Sequence[str], results: Rows) -> list[str]:
    return [
        f"{name}, {group}: drawn (down) and read (across)\n" + _matrix(counts)
        for index, name in enumerate(names)
        for group, counts in _summed([row[index] for row in results]).items()
    ]


def _summed(results: Sequence[Result]) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for result in results:
        sums[result.test.name] = sums.get(result.test.name, 0) + result.confusion
    return sums


def _matrix(counts: Any) -> str:
    lines = [
        [str(digit), "", *(str(c) if c else "." for c in row)]
        for digit, row in enumerate(counts)
    ]
    return table([["", "", *COLUMNS], *lines])


def _difference(names: Sequence[str], results: Rows) -> str:
    if len(names) < 2 or not results:
        return ""
    head = [
        "set",
        "condition",
        f"only {names[0]} right",
        f"only {names[1]} right",
        "p (McNemar)",
    ]
    lines = []
    for row in results:
        *words, p = _compared(*row).values()
        lines.append([*map(str, words), f"{p:.2g}"])
    return table([head, *lines])


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"

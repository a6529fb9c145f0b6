"""A row of the table: what was measured, and the most that it should be."""

from dataclasses import dataclass

HEAD = "| what | measured | at most | of it |\n|---|---:|---:|---:|"


@dataclass(frozen=True)
class Row:
    what: str
    measured: float
    limit: float
    unit: str = "ms"

    @property
    def is_above(self) -> bool:
        return self.measured > self.limit

    def __str__(self) -> str:
        share = f"{self.measured / self.limit:.0%}"
        words = f"{share}, above" if self.is_above else share
        measured, limit = (
            f"{n:.3g} {self.unit}".strip() for n in (self.measured, self.limit)
        )
        return f"| {self.what} | {measured} | {limit} | {words} |"

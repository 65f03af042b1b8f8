"""Medians and tails of what was measured, as a table and as data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds, measured `n` times."""

    p50: float
    p95: float
    worst: float
    n: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Figure":
        """Of at least one measurement."""
        p50, p95, worst = (float(np.percentile(seconds, rank)) * 1000 for rank in (50, 95, 100))
        return cls(p50, p95, worst, len(seconds))

    def to_json(self) -> dict[str, float]:
        return {"p50": round(self.p50, 1), "p95": round(self.p95, 1), "n": self.n}


def milliseconds(seconds: Sequence[float]) -> list[float]:
    """As data."""
    return [round(each * 1000, 1) for each in seconds]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `budget` is what the design asks of it."""

    what: str
    figure: Figure
    budget: str = ""


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    for heading in ("p50", "p95", "worst", "n", "budget"):
        table.add_column(heading, justify="right")
    for row in rows:
        times = (row.figure.p50, row.figure.p95, row.figure.worst)
        cells = (f"{time:.0f} ms" for time in times)
        table.add_row(row.what, *cells, str(row.figure.n), row.budget)
    Console(width=120).print(table)

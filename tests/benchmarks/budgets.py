"""What the design asks of turns, and what was measured. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.providers.base import Json


@dataclass(frozen=True, slots=True)
class Budget:
    """`value` of what was measured, beside its `limit`; `least` says that less is too little."""

    what: str
    value: float
    limit: float
    unit: str
    least: bool = False

    @property
    def kept(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit

    @property
    def share(self) -> float:
        """How much of the budget is used up."""
        if self.least:
            return self.limit / self.value if self.value > 0 else float("inf")
        return self.value / self.limit


MEASURES = (
    ("answer, embedded default, p50", ("answer_ms", "p50"), 700.0, "ms"),
    ("answer, embedded default, p95", ("answer_ms", "p95"), 1000.0, "ms"),
    ("interruption → silence, p95", ("barge_in_ms", "p95"), 200.0, "ms"),
    ("gateway's own share, p95", ("gateway_share_ms", "p95"), 40.0, "ms"),
    ("cached phrase → wire, p99", ("cache_hit_ms", "p99"), 2.0, "ms"),
    ("turns cut off", ("cut_off_share",), 0.05, "%"),
    ("sentences lost to noise", ("lost_to_noise_share",), 0.0, "%"),
    ("saved by streaming (at least)", ("streaming_saves_ms",), 400.0, "least"),
)


def budgets(results: Mapping[str, Json]) -> Iterator[Budget]:
    """Of all that has been measured."""
    for what, path, limit, unit in MEASURES:
        found: Json = results
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, int | float):
            scale = 100.0 if unit == "%" else 1.0
            least = unit == "least"
            shown = "ms" if least else unit
            yield Budget(what, float(found) * scale, limit * scale, shown, least)

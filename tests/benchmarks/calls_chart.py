"""What a call costs by part, and how long callers wait, by how many there are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tests.benchmarks.crowd import Stage

BUDGET_MS = 5.0
"""200 calls per core."""


def draw(
    stages: Sequence[Stage], parts: Sequence[Mapping[str, float]], limit: float, file: Path
) -> None:
    """The picture as PNG; `limit` is how many seconds the 95th percentile of turns may be. Less
    than ten calls are left out of the costs: they pay for the clock."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    cost, wait = figure.subplots(1, 2)
    many = [(stage, part) for stage, part in zip(stages, parts, strict=True) if stage.calls >= 10]
    places, base = np.arange(len(many)), np.zeros(len(many))
    last = many[-1][1] if many else {}
    for name in sorted(last, key=lambda each: -last[each]):
        heights = np.array([part.get(name, 0.0) for _, part in many])
        cost.bar(places, heights, 0.6, base, label=name)
        base += heights
    cost.axhline(BUDGET_MS, color="grey", linestyle=":", label="200 calls per core")
    cost.set_xticks(places, [str(stage.calls) for stage, _ in many])
    cost.set(xlabel="calls at once", ylabel="CPU ms per call-second", title="Cost")
    cost.set_ylim(0, 1.6 * max([BUDGET_MS, *base]))
    cost.legend(fontsize="small", loc="upper right", ncols=2)
    every = np.arange(len(stages))
    for rank in (50, 95):
        waits = [np.percentile(stage.latencies or [np.nan], rank) * 1000 for stage in stages]
        wait.plot(every, waits, marker="o", label=f"p{rank}")
    wait.axhline(limit * 1000, color="grey", linestyle=":", label="p95 of ten + 100")
    wait.set_xticks(every, [str(stage.calls) for stage in stages])
    wait.set(xlabel="calls at once", ylabel="ms", title="Question's end to answer")
    wait.set_ylim(bottom=0)
    wait.legend(fontsize="small", loc="lower right")
    figure.savefig(file, dpi=110)

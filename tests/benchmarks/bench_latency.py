"""How long callers wait for the agent: `make bench-latency`.

    python -m tests.benchmarks.bench_latency [TURNS]

Writes build/bench/latency.json and latency.png. Each scenario adds its own keys to the file.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.providers.base import Json
from tests.benchmarks import latency_chart
from tests.benchmarks.answers import ask, questions, waterfall
from tests.benchmarks.figures import Figure, Row, show
from tests.benchmarks.house import house

TURNS = 30
OUTPUT = Path("build/bench")


async def embedded_default(turns: int, output: Path) -> Mapping[str, Json]:
    """A real phone asks; `answer_ms`, and the picture of where the time goes."""
    async with house() as parts:
        asked = await ask(parts, questions(turns))
        await parts.gateway.stop()
        (record,) = parts.gateway.call_records()
    latencies = [turn.latency for turn in asked if turn.latency is not None]
    latency_chart.draw(latencies, waterfall(record), output / "latency.png")
    figure = Figure.of(latencies)
    show(
        f"{turns} questions on a real phone, embedded default",
        [Row("end of speech → first word at the ear", figure, "p50 ≤ 700, p95 ≤ 1000 ms")],
    )
    for turn in asked:
        if turn.latency is None:
            click.echo(f"no answer to {turn.question}")
    return {"answer_ms": figure.to_json(), "unanswered": turns - figure.n}


async def measure(turns: int, output: Path) -> Mapping[str, Json]:
    """All scenarios, one after the other."""
    return {**await embedded_default(turns, output)}


@click.command()
@click.argument("turns", type=click.IntRange(1), default=TURNS)
def main(turns: int) -> None:
    """Measure answers on TURNS questions and write latency.json and latency.png."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    results = asyncio.run(measure(turns, OUTPUT))
    (OUTPUT / "latency.json").write_text(json.dumps(results, indent=2) + "\n")
    click.echo(f"{OUTPUT}/latency.json, {OUTPUT}/latency.png")


if __name__ == "__main__":
    main()

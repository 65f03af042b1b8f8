"""How long callers wait for the agent, and how it takes turns with them: `make bench-latency`.

    python -m tests.benchmarks.bench_latency [--turns 30] [--calls 50] [PART ...]

Writes build/bench/latency.json and latency.png. Each part adds its own keys to the file; without
one named, all are measured, one after the other.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path

import click

from gateway.providers.base import Json
from tests.benchmarks import latency_chart
from tests.benchmarks.agents import Results, Wanted
from tests.benchmarks.machine import uncollected
from tests.benchmarks.parts_turns import disturbances, hesitations, interruptions
from tests.benchmarks.parts_waits import (
    early_start,
    embedded_default,
    gateway_share,
    speech_cache,
    streaming,
)

OUTPUT = Path("build/bench")

PARTS: Mapping[str, Callable[[Wanted], Coroutine[None, None, Results]]] = {
    "answers": embedded_default,
    "interruptions": interruptions,
    "disturbances": disturbances,
    "hesitations": hesitations,
    "streaming": streaming,
    "early-start": early_start,
    "cache": speech_cache,
    "share": gateway_share,
}


def measure(parts: Sequence[str], wanted: Wanted, file: Path) -> None:
    """One part after the other; what each has found is in the file at once."""
    results: dict[str, Json] = json.loads(file.read_text()) if file.exists() else {}
    for part in parts:
        began = time.monotonic()
        with uncollected():
            results.update(asyncio.run(PARTS[part](wanted)))
        file.write_text(json.dumps(results, indent=2) + "\n")
        latency_chart.draw(results, file.with_suffix(".png"))
        click.echo(f"{part}: {time.monotonic() - began:.0f} s\n")


@click.command()
@click.option("--turns", type=click.IntRange(1), default=30, help="Answers that are measured.")
@click.option("--calls", type=click.IntRange(1), default=50, help="At once, for `share`.")
@click.argument("parts", type=click.Choice(list(PARTS)), nargs=-1)
def main(turns: int, calls: int, parts: tuple[str, ...]) -> None:
    """Measure PARTS (all of them) and write latency.json and latency.png."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / "latency.json"
    if not parts:
        file.unlink(missing_ok=True)
    measure(parts or tuple(PARTS), Wanted(turns, calls), file)
    click.echo(f"{file}, {OUTPUT}/latency.png")


if __name__ == "__main__":
    main()

"""What callers hear when providers fail: `make bench-chaos`.

    python -m tests.benchmarks.bench_chaos [--calls 8] [--lanes 2]

Two providers of each kind behind lines that go bad (tests/benchmarks/chaos.py), real Asterisk and
SDKs. Every provider is killed, hung, slowed, made to lie and made to refuse, at the stages of a
turn, and both of a kind are killed. Writes build/bench/chaos.json and chaos.md; exit status 1 if
one caller hears neither an answer nor an apology nor a person.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from gateway.providers.base import Json
from tests.benchmarks.chaos import Outcome, Result, Scenario, private_scene, scenarios

OUTPUT = Path("build/bench")
CALLS = 8
LANES = 2
BETWEEN = 1.2
"""Seconds for circuit breakers to be ready for the next scenario."""
COLUMNS = (
    *("what goes wrong", "calls", *(outcome.value for outcome in Outcome)),
    *("first sound p50", "extra", "worst", "longest silence"),
)


async def lane(wanted: Sequence[Scenario], calls: int) -> Sequence[Result]:
    """Scenario after scenario in a house of their own."""
    async with private_scene() as scene:
        for scenario in wanted:
            result = await scene.play(scenario, calls)
            click.echo(f"{scenario.name}: {len(result.calls)} calls")
            await asyncio.sleep(BETWEEN)
        return await scene.judged()


async def chaos(calls: int, lanes: int) -> Sequence[Result]:
    """All scenarios, in as many houses at the same time."""
    every = list(scenarios())
    async with asyncio.TaskGroup() as tasks:
        work = [tasks.create_task(lane(every[each::lanes], calls)) for each in range(lanes)]
    found = {result.scenario.name: result for task in work for result in task.result()}
    return [found[scenario.name] for scenario in every]


def delays_of(result: Result) -> Sequence[float]:
    """From the end of each caller's question to the first sound; infinite where none came."""
    return [float("inf") if call.delay is None else call.delay for call in result.calls]


def row(result: Result, usual: float) -> Sequence[str]:
    """One line of the table; `usual` is the delay where nothing is wrong."""
    counts = Counter(result.outcomes.values())
    delays = delays_of(result)
    typical = median(delays)
    times = (f"{typical:.2f} s", f"{typical - usual:+.2f} s", f"{max(delays):.2f} s")
    silence = max(call.silence for call in result.calls)
    return (
        *(result.scenario.name, str(len(result.calls))),
        *(str(counts[outcome] or "") for outcome in Outcome),
        *times,
        f"{silence:.2f} s",
    )


def to_json(result: Result) -> Json:
    return {
        "scenario": result.scenario.name,
        "outcomes": dict(Counter(outcome.value for outcome in result.outcomes.values())),
        "first_sound": [
            None if call.delay is None else round(call.delay, 3) for call in result.calls
        ],
        "longest_silence": [round(call.silence, 3) for call in result.calls],
    }


@click.command()
@click.option("--calls", default=CALLS, help="In each scenario.")
@click.option("--lanes", default=LANES, help="Houses at the same time.")
def main(calls: int, lanes: int) -> None:
    """Have everything fail, and write down what callers heard."""
    results = asyncio.run(chaos(calls, lanes))
    usual = median(delays_of(results[0]))
    rows = [row(result, usual) for result in results]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "chaos.json").write_text(json.dumps([to_json(each) for each in results], indent=2))
    lines = [COLUMNS, ["---", *["--:"] * (len(COLUMNS) - 1)], *rows]
    (OUTPUT / "chaos.md").write_text("".join(f"| {' | '.join(line)} |\n" for line in lines))
    table = Table(title=f"{sum(len(each.calls) for each in results)} calls")
    for index, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if index else "left")
    for each in rows:
        table.add_row(*each)
    Console(width=140).print(table)
    if any(Outcome.NOTHING in each.outcomes.values() for each in results):
        sys.exit("a caller heard nothing")


if __name__ == "__main__":
    main()

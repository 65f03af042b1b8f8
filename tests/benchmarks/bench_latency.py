"""How long callers wait for the agent, and how it takes turns with them: `make bench-latency`.

    python -m tests.benchmarks.bench_latency [--turns 30] [PART ...]

Writes build/bench/latency.json and latency.png. Each part adds its own keys to the file; without
one named, all are measured, one after the other.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from gateway.demo.gateway_process import Tables
from gateway.lab.redis import PrivateRedis
from gateway.providers.base import Json
from gateway.store.redis import connected
from tests.benchmarks import latency_chart
from tests.benchmarks.answers import ask, questions, waterfall
from tests.benchmarks.cached import decide
from tests.benchmarks.disturbances import QUESTION, SOUNDS, disturb
from tests.benchmarks.figures import Figure, Row, milliseconds, show
from tests.benchmarks.heard_truth import beliefs
from tests.benchmarks.hesitations import hesitate
from tests.benchmarks.house import KEY, House, house, scripted
from tests.benchmarks.interruptions import interrupt
from tests.benchmarks.known_speech import Repertoire, spoken
from tests.benchmarks.records import said_by_callers, thrown_away
from tests.benchmarks.scripted_model import ScriptedModel, scripted_model
from tests.benchmarks.share import SET_SECONDS, share
from tests.benchmarks.texts import LONG_ANSWERS, SHORT_ANSWER
from tests.benchmarks.waits import three_sentences, wait

OUTPUT = Path("build/bench")
Results = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`turns` answers are measured, `calls` at once share a gateway."""

    turns: int
    calls: int


async def embedded_default(wanted: Wanted) -> Results:
    """A real phone asks; `answer_ms`, and the picture of where the time goes."""
    async with house() as parts:
        asked = await ask(parts, questions(wanted.turns))
        await parts.gateway.stop()
        (record,) = parts.gateway.call_records()
    latencies = [turn.latency for turn in asked if turn.latency is not None]
    figure = Figure.of(latencies)
    show(
        f"{wanted.turns} questions on a real phone, embedded default",
        [Row("end of speech → first word at the ear", figure, "p50 ≤ 700, p95 ≤ 1000 ms")],
    )
    for turn in asked:
        if turn.latency is None:
            click.echo(f"no answer to {turn.question}")
    return {
        "answer_ms": figure.to_json(),
        "unanswered": wanted.turns - figure.n,
        "answers_ms": milliseconds(latencies),
        "stages_ms": {name: milliseconds(times) for name, times in waterfall(record).items()},
    }


CALLS = 4
"""Phones that speak at once where a part has many turns: they do not notice each other."""


async def interruptions(_wanted: Wanted) -> Results:
    """`barge_in_ms`, and heard truth on the same interrupted turns."""
    async with _known_agent() as (parts, repertoire, folder):
        address = parts.asterisk.sip_address
        found = await interrupt(address, repertoire, folder, calls=CALLS, each=27)
        await parts.gateway.stop()
        records = parts.gateway.call_records()
    truths = [
        belief
        for record in records
        for belief in beliefs(record, found.runs[str(record["caller"])], repertoire)
    ]
    figure = Figure.of(found.reactions)
    errors = [truth.error for truth in truths]
    show(
        f"interrupted {figure.n} times by a human voice, {CALLS} phones",
        [Row("caller's onset → silence at the ear", figure, "p95 ≤ 200 ms")],
    )
    exact, near = errors.count(0), sum(error <= 1 for error in errors)
    click.echo(
        f"heard by the record and by the wire, {len(errors)} interrupted turns: {exact} the same, "
        f"{near} within one word, worst {max(errors)}; not interrupted: {found.missed}"
    )
    for truth in truths:
        if truth.error > 1:
            click.echo(f"  {truth.believed} words, truly {truth.truly}, of: {truth.said}")
    return {
        "barge_in_ms": figure.to_json(),
        "heard_truth": {"turns": len(errors), "within_one_word": near, "worst": max(errors)},
    }


async def disturbances(_wanted: Wanted) -> Results:
    """`lost_to_noise_share`."""
    async with _known_agent() as (parts, repertoire, folder):
        address = parts.asterisk.sip_address
        each = -(-SOUNDS // CALLS)
        found = await disturb(address, repertoire, folder, calls=CALLS, each=each)
        await parts.gateway.stop()
        taken = said_by_callers(parts.gateway.call_records()) - {QUESTION}
    lost = [each.sound for each in found if each.lost]
    click.echo(f"{len(found)} coughs, noises and signs of listening: {len(lost)} lost the sentence")
    if lost:
        click.echo(f"lost to: {', '.join(lost)}; understood: {taken}")
    show("", [Row("the agent is not heard for", Figure.of([each.silence for each in found]))])
    return {"lost_to_noise_share": len(lost) / len(found), "noises": len(found)}


async def hesitations(_wanted: Wanted) -> Results:
    """`cut_off_share`, and how long those wait who think while they speak."""
    async with _brief_agent({}) as (parts, _model, folder):
        found = await hesitate(parts.asterisk.sip_address, folder, calls=CALLS)
        await parts.gateway.stop()
        thrown = thrown_away(parts.gateway.call_records())
    cut = [each.sentence for each in found if each.cut_off]
    click.echo(f"{len(found)} sentences with pauses: {len(cut)} answered before their end")
    for sentence in cut:
        click.echo(f"  {sentence}")
    latency = Figure.of([each.latency for each in found if each.latency is not None])
    show("", [Row("end of speech → first word, a human voice", latency)])
    return {
        "cut_off_share": round(len(cut) / len(found), 4),
        "hesitations": len(found),
        "human_voice_ms": latency.to_json(),
        "early_start_thrown_away": thrown,
    }


async def streaming(_wanted: Wanted) -> Results:
    """`streaming_saves_ms`: the model's words one by one, or all at the end."""
    async with _brief_agent({}, list(three_sentences())) as (parts, model, folder):
        address = parts.asterisk.sip_address
        on = Figure.of((await wait(address, folder, calls=CALLS, each=7)).seconds)
        model.whole = True
        off = Figure.of((await wait(address, folder, calls=CALLS, each=7)).seconds)
    show(
        "three sentences by a model at 40 tokens/s",
        [Row("sentence by sentence", on), Row("the whole answer at once", off)],
    )
    saved = off.p50 - on.p50
    click.echo(f"streaming saves {saved:.0f} ms (budget: at least 400)")
    return {
        "streaming_saves_ms": round(saved, 1),
        "streaming_on_ms": on.to_json(),
        "streaming_off_ms": off.to_json(),
    }


async def early_start(_wanted: Wanted) -> Results:
    """What it saves to have the model begin before the turn is certain."""
    figures = {}
    for early in (True, False):
        settings: Tables = {"llm": {"early_start": early}}
        async with _brief_agent(settings, list(three_sentences()), first=0.25) as found:
            parts, model, folder = found
            waited = await wait(parts.asterisk.sip_address, folder, calls=CALLS, each=7)
            figures[early] = Figure.of(waited.seconds), model.requests / len(waited.seconds)
    (on, asked), (off, asked_late) = figures[True], figures[False]
    show(
        "a model that takes 250 ms to its first token",
        [Row("asked when the turn is likely over", on), Row("asked when it is certain", off)],
    )
    click.echo(
        f"early start saves {off.p50 - on.p50:.0f} ms for {asked:.2f} requests a turn "
        f"instead of {asked_late:.2f}"
    )
    return {
        "early_start_saves_ms": round(off.p50 - on.p50, 1),
        "early_start_requests_per_turn": round(asked, 3),
    }


async def speech_cache(_wanted: Wanted) -> Results:
    """`cache_hit_ms`: from the decision to the wire, on a hit in memory and in Redis."""
    found = await decide()
    memory, redis, miss = (Figure.of(each) for each in (found.memory, found.redis, found.miss))
    show(
        "decision to say a phrase → its first packet",
        [
            Row("hit in memory", memory, "p99 ≤ 2 ms"),
            Row("hit in Redis", redis),
            Row("miss: the embedded voice makes it", miss),
        ],
    )
    p99 = float(np.percentile(found.memory, 99)) * 1000
    click.echo(f"hit in memory: p99 {p99:.2f} ms, {len(found.memory)} times")
    return {
        "cache_hit_ms": {"p99": round(p99, 2), "p50": round(memory.p50, 2), "n": memory.n},
        "cache_redis_hit_ms": {
            "p99": round(float(np.percentile(found.redis, 99)) * 1000, 2),
            **redis.to_json(),
        },
        "cache_miss_ms": miss.to_json(),
    }


async def gateway_share(wanted: Wanted) -> Results:
    """`gateway_share_ms`: voice to voice, less what the providers were told to take."""
    found = await share(wanted.calls, seconds=60.0)
    figure = Figure.of(found.seconds)
    show(
        f"{wanted.calls} calls at once, providers that take {SET_SECONDS * 1000:.0f} ms in all",
        [Row("the gateway's own share of a turn", figure, "p95 ≤ 40 ms")],
    )
    click.echo(f"unanswered: {found.unanswered}; the tap took {found.tap * 1000:.1f} ms at most")
    return {"gateway_share_ms": figure.to_json(), "gateway_share_calls": wanted.calls}


@asynccontextmanager
async def _brief_agent(
    settings: Tables, answers: Sequence[str] = (SHORT_ANSWER,), *, first: float = 0.15
) -> AsyncIterator[tuple[House, ScriptedModel, Path]]:
    """An agent whose scripted model gives `answers` in turn."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-")))
        model = await stack.enter_async_context(scripted_model(answers, first=first))
        tables = scripted(model.address)
        merged = {name: {**tables.get(name, {}), **settings.get(name, {})} for name in tables}
        yield (
            await stack.enter_async_context(house(settings=merged, environment=KEY)),
            model,
            folder,
        )


@asynccontextmanager
async def _known_agent() -> AsyncIterator[tuple[House, Repertoire, Path]]:
    """An agent that gives long answers, every frame of which is known."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-")))
        redis = await stack.enter_async_context(PrivateRedis())
        store = await stack.enter_async_context(connected(redis.url, time.monotonic))
        repertoire = await spoken(LONG_ANSWERS, store)
        model = await stack.enter_async_context(scripted_model(LONG_ANSWERS, first=0.15))
        settings = {**scripted(model.address), "store": {"redis_url": redis.url}}
        parts = await stack.enter_async_context(house(settings=settings, environment=KEY))
        yield parts, repertoire, folder


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

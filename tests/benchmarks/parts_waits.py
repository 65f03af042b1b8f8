"""The parts of the latency benchmark that are about waiting for an answer."""

import click
import numpy as np

from gateway.demo.gateway_process import Tables
from tests.benchmarks.agents import FEW_CALLS, Results, Wanted, brief_agent
from tests.benchmarks.answers import ask, questions, waterfall
from tests.benchmarks.cached import decide
from tests.benchmarks.figures import Figure, Row, milliseconds, show
from tests.benchmarks.house import house
from tests.benchmarks.machine import lateness
from tests.benchmarks.share import SET_SECONDS, share
from tests.benchmarks.waits import three_sentences, wait


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


async def streaming(_wanted: Wanted) -> Results:
    """`streaming_saves_ms`: the model's words one by one, or all at the end."""
    async with brief_agent({}, list(three_sentences())) as (parts, model, folder):
        address = parts.asterisk.sip_address
        on = Figure.of((await wait(address, folder, calls=FEW_CALLS, each=7)).seconds)
        model.whole = True
        off = Figure.of((await wait(address, folder, calls=FEW_CALLS, each=7)).seconds)
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
        async with brief_agent(settings, list(three_sentences()), first=0.25) as found:
            parts, model, folder = found
            waited = await wait(parts.asterisk.sip_address, folder, calls=FEW_CALLS, each=7)
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
    before = lateness()
    found = await decide()
    late = max(before[1], lateness()[1])
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
    click.echo(
        f"hit in memory: p99 {p99:.2f} ms, {len(found.memory)} times; a thread that only sleeps "
        f"is woken {late:.2f} ms late here (p99)"
    )
    return {
        "cache_hit_ms": {"p99": round(p99, 2), "p50": round(memory.p50, 2), "n": memory.n},
        "cache_redis_hit_ms": {
            "p99": round(float(np.percentile(found.redis, 99)) * 1000, 2),
            **redis.to_json(),
        },
        "cache_miss_ms": miss.to_json(),
        "machine_late_ms": {"p99": round(late, 2)},
    }


async def gateway_share(wanted: Wanted) -> Results:
    """`gateway_share_ms`: voice to voice, less what the providers were told to take."""
    found = await share(wanted.calls, seconds=45.0)
    figure = Figure.of(found.seconds)
    show(
        f"{wanted.calls} calls at once, providers that take {SET_SECONDS * 1000:.0f} ms in all",
        [Row("the gateway's own share of a turn", figure, "p95 ≤ 40 ms")],
    )
    click.echo(f"unanswered: {found.unanswered}; the tap took {found.tap * 1000:.1f} ms at most")
    if not found.whole:
        click.echo(f"calls ended before their time: {dict(found.ends)}")
    return {"gateway_share_ms": figure.to_json(), "gateway_share_calls": wanted.calls}

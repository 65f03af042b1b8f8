"""The parts of the latency benchmark that are about waiting for an answer."""

import os
from dataclasses import dataclass

import click
import numpy as np

from gateway.demo.gateway_process import Tables
from gateway.providers.base import Json
from tests.benchmarks.agents import FEW_CALLS, Results, Wanted, brief_agent
from tests.benchmarks.answers import ask, questions, waterfall
from tests.benchmarks.cached import decide
from tests.benchmarks.figures import Figure, Row, milliseconds, show
from tests.benchmarks.house import house
from tests.benchmarks.machine import lateness
from tests.benchmarks.set_delays import scripted_ear
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
    """What it saves to have the model begin before the turn is certain: with a recogniser that
    streams, as in the cloud, and with the embedded one."""
    found: dict[str, Saved] = {}
    async with scripted_ear(SAID, STREAMED_TEXT) as ear:
        found["streaming"] = await _saved(
            {"stt": {"provider": "deepgram"}, "deepgram": {"base_url": ear}}
        )
    found["embedded"] = await _saved({})
    show(
        f"a model that takes {SLOW_MODEL * 1000:.0f} ms to its first token, asked when the turn is "
        "likely over, or when it is certain",
        [
            Row(f"{ear} recogniser, {when}", figure)
            for ear, saved in found.items()
            for when, figure in (("likely", saved.on), ("certain", saved.off))
        ],
    )
    for name, saved in found.items():
        click.echo(
            f"early start saves {saved.milliseconds:.0f} ms with a recogniser that is {name}, for "
            f"{saved.requests:.2f} requests a turn instead of {saved.requests_late:.2f}"
        )
    streaming = found["streaming"]
    return {
        "early_start_saves_ms": round(streaming.milliseconds, 1),
        "early_start_requests_per_turn": round(streaming.requests, 3),
        "early_start": {name: saved.to_json() for name, saved in found.items()},
    }


SLOW_MODEL = 0.4
"""Seconds to the first token: a model in the cloud."""
STREAMED_TEXT = 0.25
"""Seconds from the last sound to the text of it, of a recogniser in the cloud that was told of
the pause."""
SAID = (
    "When do you open?",
    "I need to renew my prescription.",
    "I could come on Tuesday or on Wednesday,",
)
"""A question, a statement, and what may go on: the sooner a turn is certain, the less is saved."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Waits with and without early start, and requests to the model for each turn."""

    on: Figure
    off: Figure
    requests: float
    requests_late: float

    @property
    def milliseconds(self) -> float:
        return self.off.p50 - self.on.p50

    def to_json(self) -> dict[str, Json]:
        return {
            "saves_ms": round(self.milliseconds, 1),
            "on_ms": self.on.to_json(),
            "off_ms": self.off.to_json(),
            "requests_per_turn": round(self.requests, 3),
            "requests_per_turn_off": round(self.requests_late, 3),
        }


async def _saved(settings: Tables) -> Saved:
    measured = {early: await _waited(settings, early_start=early) for early in (True, False)}
    (on, requests), (off, requests_late) = measured[True], measured[False]
    return Saved(on, off, requests, requests_late)


async def _waited(settings: Tables, *, early_start: bool) -> tuple[Figure, float]:
    tables: Tables = {**settings, "llm": {"early_start": early_start}}
    async with brief_agent(tables, list(three_sentences()), first=SLOW_MODEL) as found:
        parts, model, folder = found
        waited = await wait(parts.asterisk.sip_address, folder, calls=FEW_CALLS, each=7)
        return Figure.of(waited.seconds), model.requests / len(waited.seconds)


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
    found = await share(wanted.calls, seconds=60.0)
    figure = Figure.of(found.seconds)
    show(
        f"{wanted.calls} calls at once, providers that take {SET_SECONDS * 1000:.0f} ms in all",
        [Row("the gateway's own share of a turn", figure, "p95 ≤ 40 ms")],
    )
    click.echo(f"unanswered: {found.unanswered}; the tap took {found.tap * 1000:.1f} ms at most")
    busy = ", ".join(f"{part} {cores:.2f}" for part, cores in found.cores.items())
    click.echo(f"cores kept busy: {busy}, of {os.cpu_count()}")
    if not found.whole:
        click.echo(f"calls ended before their time: {dict(found.ends)}")
    return {
        "gateway_share_ms": figure.to_json(),
        "gateway_share_calls": wanted.calls,
        "gateway_share_cores": {part: round(cores, 2) for part, cores in found.cores.items()},
    }

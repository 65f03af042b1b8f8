"""A caller is heard to the end, whatever happens to the recognisers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.providers.base import Transcript, YesOrNo
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.ears import SteadyEar
from gateway.providers.resilience.hearing import Hearing
from gateway.providers.resilience.limiter import Limit
from tests.fakes.providers import HANGS, ScriptedEar, candidates

pytestmark = pytest.mark.virtual_time

DOWN = ProviderUnavailable("x", "down")
FRAME = np.zeros(160, np.float32)


class Caller:
    """Speaks into an ear and reads what comes of it."""

    def __init__(self, ear: Hearing) -> None:
        self.ear = ear
        self.transcripts: list[Transcript] = []

    async def speaks(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.ear.feed(FRAME)
            await asyncio.sleep(0.02)

    async def says(self, seconds: float) -> None:
        """A whole turn: onset, speech, pause, and the end when its transcript has come."""
        number = self.ear.begin()
        await self.speaks(seconds)
        self.ear.pause()
        # virtual time: nothing is polled for real
        while not any(each.segment == number for each in self.transcripts):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        self.ear.end()
        await asyncio.sleep(0.2)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.transcripts if not each.final]


@asynccontextmanager
async def calling(
    *ears: ScriptedEar, limit: Limit | None = None, metrics: Metrics | None = None
) -> AsyncIterator[Caller]:
    made = candidates(Kind.STT, *ears, limit=limit, metrics=metrics)
    steady = SteadyEar(made, Board(clock=made[0].health.clock))
    async with steady.open(language="en-US", keyterms=("Riverside",)) as hearing:
        caller = Caller(hearing)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_read(caller))
            await asyncio.sleep(0.01)
            try:
                yield caller
            finally:
                reading.cancel()
    assert not any(ear.running for ear in ears)
    assert not any(each.health.limiter.inside for each in made)


async def _read(caller: Caller) -> None:
    async for transcript in caller.ear.transcripts():
        caller.transcripts.append(transcript)


async def lost(start: Callable[[], Awaitable[None]]) -> BaseException:
    with pytest.raises(BaseExceptionGroup) as caught:
        await start()
    error = caught.value.exceptions[0]
    return error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error


async def test_one_ear_hears_turn_after_turn() -> None:
    ear = ScriptedEar("ear")
    async with calling(ear) as caller:
        for seconds in (1.0, 2.0):
            await caller.says(seconds)
    assert caller.texts == ["ear 1.00", "ear 2.00"]
    assert ear.requests == [("en-US", ("Riverside",))]


async def test_one_that_does_not_open_is_passed_over() -> None:
    first, second = ScriptedEar("first", [DOWN]), ScriptedEar("second")
    async with calling(first, second) as caller:
        await caller.says(1.0)
    assert caller.texts == ["second 1.00"]


async def test_a_stream_that_dies_in_mid_word_is_replaced_and_hears_all_of_it() -> None:
    first, second = ScriptedEar("first", [0.5, DOWN]), ScriptedEar("second")
    async with calling(first, second) as caller:
        await caller.says(1.0)
        await caller.says(1.0)
    assert caller.texts == ["second 1.00", "second 1.00"]
    assert [each.segment for each in caller.transcripts if not each.final] == [1, 2]


async def test_a_stream_that_dies_while_its_text_is_awaited_is_replaced_and_asked() -> None:
    first, second = ScriptedEar("first", [1.05, DOWN]), ScriptedEar("second")
    async with calling(first, second) as caller:
        await caller.says(1.0)
    assert caller.texts == ["second 1.00"]


async def test_one_that_hangs_is_replaced() -> None:
    first, second = ScriptedEar("first", [HANGS]), ScriptedEar("second")
    loop = asyncio.get_running_loop()
    async with calling(first, second) as caller:
        await caller.says(1.0)
        assert loop.time() == pytest.approx(3.3, abs=0.2)
    assert caller.texts == ["second 1.00"]


async def test_each_ear_hears_at_its_own_rate() -> None:
    first, wide = ScriptedEar("first", [0.5, DOWN]), ScriptedEar("wide", rate=16_000)
    async with calling(first, wide) as caller:
        await caller.says(1.0)
        await caller.says(1.0)
    assert [text.split()[0] for text in caller.texts] == ["wide", "wide"]
    assert [each.audio_end for each in caller.transcripts] == pytest.approx([1.0] * 4, abs=0.02)


async def test_a_stream_that_was_good_for_long_is_opened_again_at_the_same_ear() -> None:
    first = ScriptedEar("first", [9.0, DOWN], ())
    metrics = Metrics()
    async with calling(first, ScriptedEar("second"), metrics=metrics) as caller:
        await caller.says(1.0)
        await asyncio.sleep(9.0)
        await caller.says(1.0)
    assert caller.texts == ["first 1.00", "first 1.00"]
    name, labels = "voice_gateway_provider_streams_reopened_total", {"provider": "first"}
    assert metrics.registry.get_sample_value(name, labels) == 1


async def test_a_long_call_outlives_the_limit_of_a_stream_between_its_turns() -> None:
    ear = ScriptedEar("ear")
    ear.stream_limit = 300.0
    async with calling(ear) as caller:
        for _ in range(60):
            await caller.says(2.0)
            await asyncio.sleep(10.0)
    assert caller.texts == ["ear 2.00"] * 60
    # 12.3 s a turn: a new stream every 240 s, none of them in the middle of a turn
    assert len(ear.requests) == 4


async def test_a_caller_who_does_not_stop_is_replayed_at_the_limit() -> None:
    ear = ScriptedEar("ear")
    ear.stream_limit = 20.0
    async with calling(ear) as caller:
        await asyncio.sleep(10.0)
        await caller.says(15.0)
    assert caller.texts == ["ear 15.00"]
    assert len(ear.requests) == 2


async def test_of_very_long_speech_the_end_is_replayed() -> None:
    first, second = ScriptedEar("first", [38.0, DOWN]), ScriptedEar("second")
    async with calling(first, second) as caller:
        await caller.says(40.0)
    (transcript, _) = caller.transcripts
    assert transcript.audio_end == pytest.approx(40.0, abs=0.1)


async def test_what_was_expected_is_told_to_the_next_one() -> None:
    first, second = ScriptedEar("first", [0.5, DOWN]), ScriptedEar("second")
    async with calling(first, second) as caller:
        caller.ear.expect(YesOrNo())
        await caller.says(1.0)
    assert second.streams[0].expected == [YesOrNo()]


async def test_when_no_ear_is_left_the_error_is_the_last_ones() -> None:
    async def call() -> None:
        refused = ProviderRefused("second", "key")
        async with calling(
            ScriptedEar("first", [DOWN]), ScriptedEar("second", [refused])
        ) as caller:
            await caller.says(1.0)

    assert isinstance(await lost(call), ProviderRefused)


async def test_the_only_ear_is_tried_twice() -> None:
    ear = ScriptedEar("only", [HANGS])

    async def call() -> None:
        async with calling(ear) as caller:
            await caller.says(1.0)

    assert isinstance(await lost(call), ProviderTimeout)
    assert len(ear.requests) == 2


async def test_calls_beyond_a_keys_limit_are_heard_by_the_next() -> None:
    first, second = ScriptedEar("first"), ScriptedEar("second")
    made = candidates(Kind.STT, first, second, limit=Limit(concurrent=1))
    steady = SteadyEar(made, Board(clock=made[0].health.clock))
    async with steady.open(language="en"), steady.open(language="en"):
        await asyncio.sleep(1.0)
        assert (first.running, second.running) == (1, 1)

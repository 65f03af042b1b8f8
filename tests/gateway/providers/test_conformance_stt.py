"""What every ear promises: the real SDKs against local servers, and the embedded one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import Samples, SpeechToText, Transcriber, Transcript
from gateway.providers.moonshine import Moonshine
from tests.gateway.providers.vendor_ears import EARS, KEY, CloudEar, Ear, EarServer
from tests.vendors.conduct import CROWD, connections
from tests.waiting import until

FRAME = 0.02
WORDS = ("good", "morning", "anna")


@pytest.fixture(params=EARS)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ear:
    """With all the time a busy machine may need; a test of a vendor that hangs takes it back."""
    chosen = EARS[cast(str, request.param)]
    for deadline in chosen.deadlines:
        monkeypatch.setattr(deadline, 60.0)
    return chosen


@asynccontextmanager
async def hearing(
    vendor: Ear, *words: str, rate: int = 8_000
) -> AsyncIterator[tuple[CloudEar, EarServer]]:
    """Nothing is left behind: no task, and no connection at the server."""
    tasks = asyncio.all_tasks()
    async with vendor.serving(*words) as server:
        stt = vendor.make(server.address, rate)
        try:
            yield stt, server
            await until(lambda: server.open == 0)
        finally:
            await stt.close()
        await until(lambda: connections(server) == 0)
    await until(lambda: asyncio.all_tasks() <= tasks)


def sound(seconds: float, rate: int) -> Samples:
    time = np.arange(int(seconds * rate)) / rate
    return (0.4 * np.sin(2 * np.pi * 300 * time + 0.3)).astype(np.float32)


def silence(seconds: float, rate: int) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


def feed(ear: Transcriber, samples: Samples, rate: int) -> None:
    for frame in np.array_split(samples, max(int(len(samples) / rate / FRAME), 1)):
        ear.feed(frame)


async def collect(ear: Transcriber, heard: list[Transcript]) -> None:
    async for transcript in ear.transcripts():
        heard.append(transcript)


async def listen(
    stt: SpeechToText, script: Sequence[Callable[[Transcriber], object]], enough: int = 1
) -> list[Transcript]:
    """What was heard of `script` until the `enough`-th final transcript."""
    heard: list[Transcript] = []
    async with stt.open(language="en-US") as ear, asyncio.timeout(60):
        for step in script:
            step(ear)
        async for transcript in ear.transcripts():
            heard.append(transcript)
            if sum(each.final for each in heard) >= enough:
                break
    return heard


def saying(seconds: float, rate: int) -> list[Callable[[Transcriber], object]]:
    return [
        lambda ear: ear.begin(),
        lambda ear: feed(ear, sound(seconds, rate), rate),
        lambda ear: ear.pause(),
        lambda ear: ear.end(),
    ]


# --- what is heard ------------------------------------------------------------------------------


async def test_words_come_while_they_are_spoken_and_become_final(vendor: Ear) -> None:
    async with hearing(vendor, *WORDS) as (stt, _):
        heard = await listen(stt, saying(0.65, stt.rate))
    said = [vendor.joint.join(words) for words in (WORDS[:1], WORDS[:2], WORDS)]
    if vendor.streams:
        assert [each.text for each in heard[:3]] == said
    assert not any(each.final for each in heard[:-1])
    assert heard[-1].text == said[-1]
    assert heard[-1].audio_end == pytest.approx(0.65, abs=FRAME)
    assert heard[-1].confidence is None or heard[-1].confidence > 0.5
    assert {each.segment for each in heard} == {1}


async def test_speech_that_goes_on_after_a_pause_is_the_same_segment(vendor: Ear) -> None:
    async with hearing(vendor, "one", "two", "three", "four") as (stt, _):
        first, second = saying(0.45, stt.rate)[:3], saying(0.45, stt.rate)[1:]
        heard = await listen(stt, [*first, *second])
    after = ("one", "two") if vendor.alone else ("three", "four")
    assert heard[-1].text == vendor.joint.join(("one", "two", *after))
    assert [each.final for each in heard] == [False] * (len(heard) - 1) + [True]


async def test_segments_begin_anew(vendor: Ear) -> None:
    async with hearing(vendor, "yes", "no") as (stt, _):
        between = [lambda ear: feed(ear, sound(0.5, stt.rate), stt.rate)]
        script = [*between, *saying(0.25, stt.rate), *between, *saying(0.45, stt.rate)]
        heard = await listen(stt, script, enough=2)
    finals = [each for each in heard if each.final]
    assert [each.segment for each in finals] == [1, 2]
    assert len(finals[0].text) < len(finals[1].text)
    assert finals[1].audio_end == pytest.approx(0.45, abs=FRAME)


async def test_only_segments_are_sent_and_charged(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        between = [lambda ear: feed(ear, sound(2.0, stt.rate), stt.rate)]
        await listen(stt, [*between, *saying(0.25, stt.rate), *between])
        assert server.heard_seconds == pytest.approx(0.25 + vendor.tail, abs=FRAME)


async def test_wideband_where_the_next_ear_needs_it(vendor: Ear) -> None:
    for rate in vendor.rates:
        async with hearing(vendor, *WORDS, rate=rate) as (stt, _):
            assert stt.rate == rate
            heard = await listen(stt, saying(0.45, rate))
        assert heard[-1].text == vendor.joint.join(WORDS[:2])
        assert heard[-1].audio_end == pytest.approx(0.45, abs=FRAME)


async def test_any_script(vendor: Ear) -> None:
    async with hearing(vendor, "Grüß", "señora", "您好") as (stt, _):
        heard = await listen(stt, saying(0.65, stt.rate))
    assert heard[-1].text == vendor.joint.join(("Grüß", "señora", "您好"))


async def test_silence_is_a_transcript_without_words(vendor: Ear) -> None:
    async with hearing(vendor, "never") as (stt, _):
        script = [
            lambda ear: ear.begin(),
            lambda ear: feed(ear, silence(1.0, stt.rate), stt.rate),
            lambda ear: ear.end(),
        ]
        assert {each.text for each in await listen(stt, script)} == {""}


async def test_a_segment_without_audio_is_final_at_once(vendor: Ear) -> None:
    async with hearing(vendor, "never") as (stt, _):
        heard = await listen(stt, [lambda ear: ear.begin(), lambda ear: ear.end()])
    assert [(each.text, each.final) for each in heard] == [("", True)]


async def test_fifty_calls_at_once(vendor: Ear) -> None:
    async with hearing(vendor, *WORDS) as (stt, _):
        script = saying(0.65, stt.rate)
        everything = await asyncio.gather(*(listen(stt, script) for _ in range(50)))
    assert [heard[-1].text for heard in everything] == [vendor.joint.join(WORDS)] * 50


async def test_nobody_waits_for_the_calls_of_others_to_end(vendor: Ear) -> None:
    async with hearing(vendor, *WORDS) as (stt, server), AsyncExitStack() as calls:
        server.conduct.delay = 0.0 if vendor.streams else 60.0
        for _ in range(CROWD):
            ear = await calls.enter_async_context(stt.open(language="en-US"))
            ear.begin()
            feed(ear, sound(0.25, stt.rate), stt.rate)
            if not vendor.streams:
                ear.pause()
        await until(lambda: server.open == CROWD)


async def test_a_long_turn_is_heard_whole(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        heard = await listen(stt, saying(25.05, stt.rate))
        assert server.heard_seconds == pytest.approx(25.05 + vendor.tail, abs=FRAME)
    assert heard[-1].text.count("yes") == 125
    assert heard[-1].audio_end == pytest.approx(25.05, abs=FRAME)


async def test_what_cannot_be_sent_is_bounded_and_counted(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, _), stt.open(language="en-US") as ear:
        ear.begin()
        feed(ear, sound(35.0, stt.rate), stt.rate)
        assert ear.dropped_seconds == pytest.approx(5.0, abs=2 * FRAME)


# --- what is asked ------------------------------------------------------------------------------


async def test_the_key_is_sent_and_shown_nowhere(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        server.conduct.status = 401
        with pytest.raises(ProviderRefused) as caught:
            await stt.warm()
        assert KEY in server.conduct.keys[0]
    assert KEY not in f"{caught.value!r} {stt!r} {vars(stt)}"


# --- what fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefused),
        (401, ProviderRefused),
        (402, ProviderRefused),
        (429, ProviderRateLimited),
        (503, ProviderUnavailable),
        (504, ProviderTimeout),
    ],
)
async def test_what_a_refusal_means(vendor: Ear, status: int, error: type[ProviderError]) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        server.conduct.status, server.conduct.retry_after = status, 7
        for refused in (stt.warm(), listen(stt, saying(0.25, stt.rate))):
            with pytest.raises(ProviderError) as caught:
                await refused
            assert type(caught.value) is error
            assert "private words" not in str(caught.value)
            if isinstance(caught.value, ProviderRateLimited):
                assert caught.value.retry_after == 7


async def test_nobody_is_there(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        await server.stop()
        for asked in (stt.warm(), listen(stt, saying(0.25, stt.rate))):
            with pytest.raises(ProviderUnavailable):
                await asked


async def test_a_vendor_that_hangs(vendor: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    for deadline in vendor.deadlines:
        monkeypatch.setattr(deadline, 0.1)
    async with hearing(vendor, "yes") as (stt, server):
        server.conduct.delay = 60.0
        with pytest.raises(ProviderTimeout):
            await listen(stt, saying(0.25, stt.rate))


async def test_a_connection_that_breaks_is_an_error_of_transcripts_only(vendor: Ear) -> None:
    async with hearing(vendor, *WORDS) as (stt, server):
        server.conduct.cut_after = 1
        heard: list[Transcript] = []
        async with stt.open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(0.65, stt.rate), stt.rate)
            ear.pause()
            with pytest.raises(ProviderUnavailable):
                await collect(ear, heard)
            feed(ear, sound(0.1, stt.rate), stt.rate)
            ear.end()
    assert [each.text for each in heard] == (["good"] if vendor.streams else [])


async def test_an_error_of_the_call_leaves_as_it_came(vendor: Ear) -> None:
    async with hearing(vendor, "good", "morning") as (stt, server):
        server.conduct.cut_after = 1
        with pytest.raises(ProviderUnavailable):
            await listen(stt, saying(0.45, stt.rate))


async def test_what_is_not_understood(vendor: Ear) -> None:
    for nonsense in vendor.nonsense:
        async with hearing(vendor, "yes") as (stt, server):
            server.conduct.instead = nonsense
            with pytest.raises(ProviderUnavailable) as caught:
                await listen(stt, saying(0.25, stt.rate))
        assert "private words" not in str(caught.value)


async def test_leaving_closes_the_connection_at_once(vendor: Ear) -> None:
    async with hearing(vendor, "yes") as (stt, server):
        async with stt.open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(3.0, stt.rate), stt.rate)
            server.conduct.delay = 60.0
            ear.pause()
            await until(lambda: server.open == 1)
        await until(lambda: server.open == 0)


# --- the embedded one ---------------------------------------------------------------------------


async def test_the_embedded_ear_keeps_the_same_promises(tmp_path: Path) -> None:
    stt = Moonshine(cache=tmp_path, workers=1)
    script = [
        lambda ear: ear.begin(),
        lambda ear: feed(ear, silence(1.0, stt.rate), stt.rate),
        lambda ear: ear.end(),
    ]
    heard = await listen(stt, script)
    assert [(each.segment, each.final) for each in heard] == [(1, True)]
    with pytest.raises(ProviderRefused):
        async with stt.open(language="de-DE"):
            pass

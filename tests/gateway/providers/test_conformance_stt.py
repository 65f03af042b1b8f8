"""What every ear promises: the real SDKs against local servers, and the embedded one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

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
from gateway.providers.deepgram import Deepgram
from gateway.providers.moonshine import Moonshine
from tests.vendors import deepgram
from tests.vendors.conduct import until
from tests.vendors.deepgram import DeepgramServer

KEY = "sk-very-secret"
FRAME = 0.02


@asynccontextmanager
async def hearing(*words: str) -> AsyncIterator[tuple[SpeechToText, DeepgramServer]]:
    """Nothing is left behind: no task, and no connection at the server."""
    tasks = asyncio.all_tasks()
    async with deepgram.serving(*words) as server:
        yield Deepgram(api_key=KEY, model="nova-3", base_url=server.address), server
        await until(lambda: server.open == 0)
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
    async with stt.open(language="en-US") as ear, asyncio.timeout(10):
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


async def test_words_come_while_they_are_spoken_and_become_final() -> None:
    async with hearing("good", "morning", "anna") as (stt, _):
        heard = await listen(stt, saying(0.65, stt.rate))
    assert [each.text for each in heard[:3]] == ["good", "good morning", "good morning anna"]
    assert not any(each.final for each in heard[:-1])
    assert heard[-1].text == "good morning anna"
    assert heard[-1].audio_end == pytest.approx(0.65, abs=FRAME)
    assert heard[-1].confidence is None or heard[-1].confidence > 0.5
    assert {each.segment for each in heard} == {1}


async def test_speech_that_goes_on_after_a_pause_is_the_same_segment() -> None:
    async with hearing("one", "two", "three", "four") as (stt, _):
        first, second = saying(0.45, stt.rate)[:3], saying(0.45, stt.rate)[1:]
        heard = await listen(stt, [*first, *second])
    assert heard[-1].text == "one two three four"
    assert [each.final for each in heard] == [False] * (len(heard) - 1) + [True]


async def test_segments_begin_anew() -> None:
    async with hearing("yes", "no") as (stt, _):
        script = saying(0.25, stt.rate)
        between = [lambda ear: feed(ear, sound(0.5, stt.rate), stt.rate)]
        heard = await listen(stt, [*between, *script, *between, *script], enough=2)
    finals = [(each.segment, each.text) for each in heard if each.final]
    assert finals == [(1, "yes"), (2, "no")]
    assert heard[-1].audio_end == pytest.approx(0.25, abs=FRAME)


async def test_only_segments_are_sent_and_charged() -> None:
    async with hearing("yes") as (stt, server):
        between = [lambda ear: feed(ear, sound(2.0, stt.rate), stt.rate)]
        await listen(stt, [*between, *saying(0.25, stt.rate), *between])
        assert server.heard_bytes == pytest.approx(0.25 * stt.rate, abs=FRAME * stt.rate)


async def test_wideband_where_the_next_ear_needs_it() -> None:
    async with deepgram.serving("good", "morning") as server:
        stt = Deepgram(api_key=KEY, model="nova-3", base_url=server.address, rate=16_000)
        heard = await listen(stt, saying(0.45, stt.rate))
    assert heard[-1].text == "good morning"
    assert heard[-1].audio_end == pytest.approx(0.45, abs=FRAME)


async def test_any_script() -> None:
    async with hearing("Grüß", "señora", "您好") as (stt, _):
        heard = await listen(stt, saying(0.65, stt.rate))
    assert heard[-1].text == "Grüß señora 您好"


async def test_silence_is_a_transcript_without_words() -> None:
    async with hearing("never") as (stt, _):
        script = [
            lambda ear: ear.begin(),
            lambda ear: feed(ear, silence(1.0, stt.rate), stt.rate),
            lambda ear: ear.end(),
        ]
        assert {each.text for each in await listen(stt, script)} == {""}


async def test_a_segment_without_audio_is_final_at_once() -> None:
    async with hearing("never") as (stt, _):
        heard = await listen(stt, [lambda ear: ear.begin(), lambda ear: ear.end()])
    assert [(each.text, each.final) for each in heard] == [("", True)]


async def test_twenty_calls_at_once() -> None:
    async with hearing("good", "morning") as (stt, _):
        script = saying(0.45, stt.rate)
        everything = await asyncio.gather(*(listen(stt, script) for _ in range(20)))
    assert [heard[-1].text for heard in everything] == ["good morning"] * 20


async def test_what_cannot_be_sent_is_bounded_and_counted() -> None:
    async with hearing("yes") as (stt, _), stt.open(language="en-US") as ear:
        ear.begin()
        feed(ear, sound(35.0, stt.rate), stt.rate)
        assert ear.dropped_seconds == pytest.approx(5.0, abs=2 * FRAME)


async def test_a_silent_line_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.deepgram.KEEP_ALIVE_SECONDS", 0.02)
    async with hearing("yes") as (stt, server), stt.open(language="en-US"):
        await until(lambda: server.told.count("KeepAlive") >= 2)


# --- what is asked ------------------------------------------------------------------------------


async def test_telephone_audio_language_and_terms_reach_the_vendor() -> None:
    async with hearing("ja") as (stt, server):
        async with stt.open(language="de-DE", keyterms=("Hibari", "Asterisk")):
            pass
        (query,) = server.queries
    expected = {("encoding", "mulaw"), ("sample_rate", "8000"), ("language", "de-DE")}
    expected |= {("keyterm", "Hibari"), ("keyterm", "Asterisk"), ("interim_results", "true")}
    assert expected <= set(query)


async def test_the_key_is_sent_and_shown_nowhere() -> None:
    async with hearing("yes") as (stt, server):
        await stt.warm()
        server.conduct.status = 401
        with pytest.raises(ProviderRefused) as caught:
            await stt.warm()
        assert server.conduct.keys[0] == f"Token {KEY}"
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
async def test_what_a_refusal_means(status: int, error: type[ProviderError]) -> None:
    async with hearing("yes") as (stt, server):
        server.conduct.status, server.conduct.retry_after = status, 7
        with pytest.raises(ProviderError) as caught:
            await stt.warm()
    assert type(caught.value) is error
    assert "private words" not in str(caught.value)
    if isinstance(caught.value, ProviderRateLimited):
        assert caught.value.retry_after == 7


async def test_nobody_is_there() -> None:
    async with hearing("yes") as (stt, server):
        assert server.runner is not None
        await server.runner.cleanup()
        with pytest.raises(ProviderUnavailable):
            await stt.warm()


async def test_a_connection_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.deepgram.CONNECT_SECONDS", 0.1)
    async with hearing("yes") as (stt, server):
        server.conduct.delay = 0.5
        with pytest.raises(ProviderTimeout):
            await stt.warm()


async def test_a_connection_that_breaks_is_an_error_of_transcripts_only() -> None:
    async with hearing("good", "morning", "anna") as (stt, server):
        server.conduct.cut_after = 1
        heard: list[Transcript] = []
        async with stt.open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(0.65, stt.rate), stt.rate)
            with pytest.raises(ProviderUnavailable):
                await collect(ear, heard)
            feed(ear, sound(0.1, stt.rate), stt.rate)
            ear.end()
    assert [each.text for each in heard] == ["good"]


async def test_an_error_of_the_call_leaves_as_it_came() -> None:
    async with hearing("good", "morning") as (stt, server):
        server.conduct.cut_after = 1
        with pytest.raises(ProviderUnavailable):
            await listen(stt, saying(0.45, stt.rate))


@pytest.mark.parametrize(
    "instead",
    [
        '{"type": "Results", "start": 0, "duration": 1, "channel": {"alternatives": []}}',
        '{"type": "Error", "description": "private words", "code": "1"}',
    ],
)
async def test_what_is_not_understood(instead: str) -> None:
    async with hearing("yes") as (stt, server):
        server.conduct.instead = instead
        async with stt.open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(0.25, stt.rate), stt.rate)
            with pytest.raises(ProviderUnavailable) as caught:
                await collect(ear, [])
    assert "private words" not in str(caught.value)


async def test_leaving_closes_the_connection_at_once() -> None:
    async with hearing("yes") as (stt, server):
        async with stt.open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(3.0, stt.rate), stt.rate)
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

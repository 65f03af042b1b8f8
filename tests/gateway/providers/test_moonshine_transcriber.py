"""One call's ear: what is read when, in which order it comes, and what is not read at all."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from threading import Event, Semaphore

import numpy as np
import pytest

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers import moonshine
from gateway.providers.base import Digits, Expectation, Samples, Transcript
from gateway.providers.moonshine import Moonshine, MoonshineTranscriber
from gateway.providers.moonshine_decoder import RATE, Hypothesis, MoonshineModel

SECOND = np.zeros(RATE, np.float32)


class Reader:
    """Stands in for recognition: says how many samples it was given, when it is allowed to."""

    def __init__(self) -> None:
        self.allowed = Semaphore(0)
        self.began = Event()
        self.read: list[int] = []
        self.certain: list[bool] = []
        self.expected: list[Expectation | None] = []
        self.broken = False

    def __call__(
        self,
        _model: MoonshineModel,
        samples: Samples,
        expected: Expectation | None,
        *,
        speech_is_certain: bool,
        wanted: object,
    ) -> Hypothesis:
        self.read.append(len(samples))
        self.certain.append(speech_is_certain)
        self.expected.append(expected)
        self.began.set()
        assert self.allowed.acquire(timeout=60)
        if self.broken:
            raise RuntimeError("no memory")
        return Hypothesis(f"{len(samples) // RATE} s", -0.1, 2)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(moonshine, "decode", reader)
    return reader


@asynccontextmanager
async def listening(
    model: MoonshineModel, workers: int = 1
) -> AsyncIterator[tuple[MoonshineTranscriber, "asyncio.Queue[Transcript]"]]:
    heard: asyncio.Queue[Transcript] = asyncio.Queue()

    async def collect(transcriber: MoonshineTranscriber) -> None:
        async for transcript in transcriber.transcripts():
            heard.put_nowait(transcript)

    with ThreadPoolExecutor(workers) as pool:
        transcriber = MoonshineTranscriber(model, pool)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(collect(transcriber))
            yield transcriber, heard
            transcriber.close()


async def begun(reader: Reader) -> None:
    assert await asyncio.to_thread(reader.began.wait, 5)
    reader.began.clear()


async def test_a_pause_gives_the_text_so_far_and_the_end_makes_it_final(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        assert ear.begin() == 1
        ear.feed(SECOND)
        ear.pause()
        reader.allowed.release()
        first = await heard.get()
        ear.end()
        last = await heard.get()
    assert (first.text, first.segment, first.audio_end, first.final) == ("1 s", 1, 1.0, False)
    assert (last.text, last.final) == ("1 s", True)
    assert reader.read == [RATE]
    assert reader.certain == [True]


async def test_an_end_before_the_text_has_come_makes_it_final(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.begin()
        ear.feed(SECOND)
        ear.pause()
        ear.end()
        reader.allowed.release()
        only = await heard.get()
    assert only.final
    assert heard.empty()


async def test_an_end_without_a_pause_reads_the_segment_and_may_find_nothing(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.begin()
        ear.feed(SECOND)
        ear.end()
        reader.allowed.release()
        assert (await heard.get()).final
    assert reader.certain == [False]


async def test_a_newer_pause_takes_the_place_of_one_no_thread_has_begun(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.begin()
        for _ in range(4):
            ear.feed(SECOND)
            ear.pause()
            if not reader.read:
                await begun(reader)
        for _ in range(2):
            reader.allowed.release()
        texts = [(await heard.get()).text for _ in range(2)]
    assert texts == ["1 s", "4 s"]
    assert reader.read == [RATE, 4 * RATE]


async def test_texts_come_in_the_order_in_which_they_were_asked_for(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model, workers=2) as (ear, heard):
        ear.begin()
        ear.feed(SECOND)
        ear.pause()
        await begun(reader)
        ear.end()
        ear.begin()
        ear.feed(SECOND)
        ear.feed(SECOND)
        ear.pause()
        await begun(reader)
        for _ in range(2):
            reader.allowed.release()
        segments = [(await heard.get()).segment for _ in range(2)]
    assert segments == [1, 2]


async def test_audio_before_the_onset_is_no_part_of_a_segment(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.feed(SECOND)
        ear.begin()
        ear.feed(SECOND)
        ear.pause()
        reader.allowed.release()
        assert (await heard.get()).audio_end == 1.0
        ear.end()
        ear.feed(SECOND)
        ear.pause()
    assert reader.read == [RATE]


async def test_more_than_half_a_minute_is_dropped_and_counted(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.begin()
        for _ in range(33):
            ear.feed(SECOND)
        assert ear.dropped_seconds == 3.0
        ear.pause()
        reader.allowed.release()
        assert (await heard.get()).audio_end == 33.0
    assert reader.read == [30 * RATE]


async def test_what_is_expected_goes_along(moonshine_model: MoonshineModel, reader: Reader) -> None:
    async with listening(moonshine_model) as (ear, heard):
        for expected in (Digits(), None):
            ear.expect(expected)
            ear.begin()
            ear.feed(SECOND)
            ear.pause()
            reader.allowed.release()
            await heard.get()
    assert reader.expected == [Digits(), None]


async def test_closing_leaves_nothing_queued(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    async with listening(moonshine_model) as (ear, heard):
        ear.begin()
        ear.feed(SECOND)
        ear.pause()
        await begun(reader)
        ear.feed(SECOND)
        ear.pause()
        ear.close()
        reader.allowed.release()
    assert reader.read == [RATE]
    assert heard.empty()


async def test_a_recognition_that_breaks_is_a_lost_ear(
    moonshine_model: MoonshineModel, reader: Reader
) -> None:
    reader.broken = True
    with ThreadPoolExecutor(1) as pool:
        ear = MoonshineTranscriber(moonshine_model, pool)
        ear.begin()
        ear.feed(SECOND)
        ear.pause()
        reader.allowed.release()
        async with aclosing(ear.transcripts()) as transcripts:
            with pytest.raises(ProviderUnavailable, match=r"recognition failed \(RuntimeError\)"):
                await anext(transcripts)
        ear.close()


async def test_another_language_is_refused() -> None:
    ear = Moonshine(cache=Path("nowhere"), workers=1)
    with pytest.raises(ProviderRefused, match="English only, not de-DE"):
        async with ear.open(language="de-DE"):
            pass

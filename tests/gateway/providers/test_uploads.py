"""Recordings that are uploaded: when, which of them are given up, and what they cost."""

import asyncio
import io
import wave

import numpy as np
import pytest

from gateway.providers.base import Samples, Transcript
from gateway.providers.uploads import LONGEST_SECONDS, UploadTranscriber, uploading, wav_of

RATE = 8_000


class Recogniser:
    """Tells how many tenths of a second it heard, when the test lets it."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.given_up: list[int] = []
        self.ready = asyncio.Event()

    async def __call__(self, recording: bytes) -> str:
        with wave.open(io.BytesIO(recording)) as file:
            tenths = round(10 * file.getnframes() / file.getframerate())
        self.heard.append(tenths)
        try:
            await self.ready.wait()
        except asyncio.CancelledError:
            self.given_up.append(tenths)
            raise
        return f"{tenths} tenths"


def sound(tenths: int) -> Samples:
    return np.full(tenths * RATE // 10, 0.2, np.float32)


async def read(ear: UploadTranscriber, enough: int) -> list[Transcript]:
    heard: list[Transcript] = []
    async for transcript in ear.transcripts():
        heard.append(transcript)
        if len(heard) == enough:
            break
    return heard


def test_a_recording_reads_back_as_it_was() -> None:
    samples = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 7.0], np.float32)
    with wave.open(io.BytesIO(wav_of(samples, 16_000))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        read_back = np.frombuffer(file.readframes(99), "<i2") / 32767
    assert read_back == pytest.approx(np.clip(samples, -1, 1), abs=1e-4)


async def test_a_caller_who_goes_on_cancels_the_upload_of_the_pause_before() -> None:
    recogniser = Recogniser()
    async with uploading("x", recogniser, RATE) as ear:
        ear.begin()
        ear.feed(sound(5))
        ear.pause()
        await asyncio.sleep(0)
        ear.feed(sound(5))
        ear.pause()
        await asyncio.sleep(0)
        recogniser.ready.set()
        ear.end()
        (last,) = await read(ear, 1)
    assert last == Transcript("10 tenths", 1, 1.0, final=True)
    assert (recogniser.heard, recogniser.given_up) == ([5, 10], [5])


async def test_the_upload_of_the_last_pause_is_the_final_one() -> None:
    recogniser = Recogniser()
    recogniser.ready.set()
    async with uploading("x", recogniser, RATE) as ear:
        ear.begin()
        ear.feed(sound(5))
        ear.pause()
        early = await read(ear, 1)
        ear.feed(np.zeros(RATE, np.float32))
        ear.end()
        late = await read(ear, 1)
    assert early == [Transcript("5 tenths", 1, 0.5, final=False)]
    assert late == [Transcript("5 tenths", 1, 0.5, final=True)]
    assert recogniser.heard == [5]


async def test_what_is_ready_first_waits_for_what_was_asked_first() -> None:
    slow, first_done = asyncio.Event(), asyncio.Event()

    async def recognise(recording: bytes) -> str:
        if len(recording) > RATE:
            await slow.wait()
            return "first"
        first_done.set()
        return "second"

    async with uploading("x", recognise, RATE) as ear:
        for tenths in (8, 2):
            ear.begin()
            ear.feed(sound(tenths))
            ear.end()
        await first_done.wait()
        slow.set()
        heard = await read(ear, 2)
    assert [(each.segment, each.text) for each in heard] == [(1, "first"), (2, "second")]


async def test_leaving_cancels_all_uploads() -> None:
    recogniser = Recogniser()
    async with uploading("x", recogniser, RATE) as ear:
        ear.begin()
        ear.feed(sound(3))
        ear.end()
        await asyncio.sleep(0)
    assert recogniser.given_up == [3]
    assert ear.begin() == 2
    ear.feed(sound(3))
    ear.end()


async def test_what_is_charged() -> None:
    recogniser = Recogniser()
    async with uploading("x", recogniser, RATE, least_billed=0.4) as ear:
        for tenths in (2, 5):
            ear.begin()
            ear.feed(sound(tenths))
            ear.end()
        assert ear.billed_seconds == pytest.approx(0.4 + 0.5)


async def test_silence_is_not_uploaded() -> None:
    recogniser = Recogniser()
    async with uploading("x", recogniser, RATE) as ear:
        ear.begin()
        ear.feed(np.full(RATE, 0.001, np.float32))
        ear.end()
        assert await read(ear, 1) == [Transcript("", 1, 1.0, final=True)]
        assert ear.billed_seconds == 0.0
    assert recogniser.heard == []


async def test_only_the_end_of_an_endless_turn_is_kept() -> None:
    recogniser = Recogniser()
    recogniser.ready.set()
    async with uploading("x", recogniser, RATE) as ear:
        ear.begin()
        for _ in range(LONGEST_SECONDS + 5):
            ear.feed(sound(10))
        ear.end()
        (heard,) = await read(ear, 1)
        assert ear.dropped_seconds == 5.0
    assert heard.text == "300 tenths"
    assert heard.audio_end == 35.0

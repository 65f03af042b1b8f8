"""An ear that sends its segments in stretches: what ends one, and what is held back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from gateway.errors import ProviderTimeout, ProviderUnavailable
from gateway.providers.base import Transcript
from gateway.providers.stretch import Form, Heard, joint_of
from gateway.providers.stretches import FINAL_SECONDS, StretchTranscriber, transcribing

RATE = 8000
pytestmark = pytest.mark.virtual_time


class Request:
    """A stretch at a vendor, which says of everything how many tenths of a second it was."""

    def __init__(self, number: int, *, answers: bool, breaks: bool) -> None:
        self.number = number
        self.bytes = 0
        self.left = False
        self._answers = answers
        self._breaks = breaks
        self._finished = asyncio.Event()

    async def send(self, audio: bytes, /) -> None:
        self.bytes += len(audio)

    async def finish(self) -> None:
        self._finished.set()

    async def heard(self) -> AsyncIterator[Heard]:
        await self._finished.wait()
        if self._breaks:
            raise ProviderUnavailable("vendor", "cut")
        if not self._answers:
            await asyncio.sleep(3600)
        await asyncio.sleep(0.5 / self.number)
        yield Heard(f"{self.number}:{self.bytes * 10 // RATE}", self.bytes / RATE)


class Vendor:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers = True
        self.breaks = False

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Request]:
        request = Request(len(self.requests) + 1, answers=self.answers, breaks=self.breaks)
        self.requests.append(request)
        try:
            yield request
        finally:
            request.left = True


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@asynccontextmanager
async def listening(vendor: Vendor, form: Form | None = None) -> AsyncIterator[StretchTranscriber]:
    async with transcribing("vendor", vendor.connect, form or Form(RATE)) as ear:
        yield ear


def say(ear: StretchTranscriber, seconds: float) -> None:
    for _ in range(round(seconds * 50)):
        ear.feed(np.full(RATE // 50, 0.5, np.float32))


async def until(ear: StretchTranscriber, enough: Callable[[Transcript], bool]) -> list[Transcript]:
    heard: list[Transcript] = []
    async for transcript in ear.transcripts():
        heard.append(transcript)
        if enough(transcript):
            return heard
    raise AssertionError("the ear is closed")


async def test_a_pause_settles_the_text_so_far_and_the_silence_after_it_is_not_sent(
    vendor: Vendor,
) -> None:
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        ear.pause()
        say(ear, 0.8)
        (first, *_) = await until(ear, lambda _: True)
        ear.end()
        (last,) = await until(ear, lambda each: each.final)
    assert (first.text, first.final, first.audio_end) == ("1:10", False, 1.0)
    assert (last.text, last.final, last.audio_end) == ("1:10", True, 1.0)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("seconds", [0.4, 2.0])
async def test_speech_that_goes_on_is_the_next_stretch_with_nothing_missing(
    vendor: Vendor, seconds: float
) -> None:
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        ear.pause()
        say(ear, seconds)
        ear.pause()
        ear.end()
        heard = await until(ear, lambda each: each.final)
    assert heard[-1].text == f"1:10 2:{seconds * 10:.0f}"
    assert heard[-1].audio_end == pytest.approx(1.0 + seconds)


async def test_a_text_covers_no_more_than_all_before_it(vendor: Vendor) -> None:
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        ear.pause()
        say(ear, 1.0)
        ear.pause()
        heard = await until(ear, lambda each: "1:" in each.text)
    early = heard[0]
    assert (early.text, early.audio_end) == ("2:10", 0.0)


async def test_segments_are_settled_in_their_order(vendor: Vendor) -> None:
    async with listening(vendor) as ear:
        for _ in range(3):
            ear.begin()
            say(ear, 0.5)
            ear.end()
        heard = await until(ear, lambda each: each.segment == 3 and each.final)
    assert [each.segment for each in heard if each.final] == [1, 2, 3]
    assert [each.segment for each in heard] == sorted(each.segment for each in heard)


async def test_a_stretch_as_long_as_the_vendor_allows_goes_on_in_another_one(
    vendor: Vendor,
) -> None:
    async with listening(vendor, Form(RATE, longest=2.0)) as ear:
        ear.begin()
        say(ear, 5.0)
        ear.end()
        heard = await until(ear, lambda each: each.final)
    assert heard[-1].text == "1:20 2:20 3:10"
    assert ear.dropped_seconds == 0.0


async def test_a_vendor_that_never_settles_is_given_up(vendor: Vendor) -> None:
    vendor.answers = False
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        began = asyncio.get_running_loop().time()
        ear.end()
        with pytest.raises(ProviderTimeout):
            await until(ear, lambda each: each.final)
        assert asyncio.get_running_loop().time() - began == pytest.approx(FINAL_SECONDS)
        assert vendor.requests[0].left


async def test_a_vendor_that_hears_for_minutes_has_all_the_time_it_needs(vendor: Vendor) -> None:
    async with listening(vendor) as ear:
        ear.begin()
        for _ in range(60):
            say(ear, 1.0)
            await asyncio.sleep(1.0)
        ear.end()
        heard = await until(ear, lambda each: each.final)
    assert heard[-1].text == "1:600"


async def test_what_breaks_is_told_after_what_was_heard(vendor: Vendor) -> None:
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        ear.pause()
        assert (await until(ear, lambda _: True))[0].text == "1:10"
        vendor.breaks = True
        say(ear, 1.0)
        ear.pause()
        with pytest.raises(ProviderUnavailable, match="cut"):
            await until(ear, lambda each: each.final)


async def test_leaving_gives_up_what_is_under_way(vendor: Vendor) -> None:
    vendor.answers = False
    async with listening(vendor) as ear:
        ear.begin()
        say(ear, 1.0)
        ear.pause()
        await asyncio.sleep(1.0)
    assert [each.left for each in vendor.requests] == [True]
    assert ear.begin() == 2
    ear.feed(np.zeros(160, np.float32))
    ear.end()
    assert len(vendor.requests) == 1


async def test_wideband_is_sent_as_linear_samples(vendor: Vendor) -> None:
    async with listening(vendor, Form(16_000)) as ear:
        ear.begin()
        ear.feed(np.array([0.5, -1.0, 2.0], np.float32))
        ear.pause()
        await asyncio.sleep(1.0)
    assert vendor.requests[0].bytes == 6
    assert Form(16_000).encode(np.array([0.5, -1.0, 2.0], np.float32)) == (
        b"\x00\x40" + b"\x01\x80" + b"\xff\x7f"
    )


async def test_what_is_charged_is_what_is_sent_and_no_less_than_the_vendor_says(
    vendor: Vendor,
) -> None:
    for least, billed in ((0.0, 3.0), (1.5, 3.5)):
        async with listening(vendor, Form(RATE, least_billed=least)) as ear:
            ear.begin()
            say(ear, 2.0)
            ear.pause()
            say(ear, 1.0)
            ear.end()
            await until(ear, lambda each: each.final)
        assert ear.billed_seconds == pytest.approx(billed)


def test_chinese_has_no_space_between_pieces() -> None:
    assert (joint_of("zh-CN"), joint_of("de-DE")) == ("", " ")

"""What providers used is charged to who asked, by their own numbers where they gave them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.errors import ProviderUnavailable
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.money.prices import Price, PriceTable
from gateway.money.purse import Purse, paying
from gateway.money.usage import Source, Used
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    Expectation,
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    Samples,
    SpeechChunk,
    TextDelta,
    Transcriber,
    Transcript,
    Usage,
    Voice,
)
from gateway.providers.measured import MeasuredEar, MeasuredModel, MeasuredVoice, Meter
from gateway.providers.streams import closing
from rtp.codec import Codec

pytestmark = pytest.mark.virtual_time

REQUEST = ModelRequest("clinic", "x" * 400, "en-US", (Message(Role.USER, "y" * 40),), ())
CHUNK = SpeechChunk(b"\x00\x20\x00\xe0" * 200, AudioFormat(Encoding.PCM_S16, 8000))
TABLE = PriceTable(
    "USD",
    (
        Price(Kind.LLM, "part", "m-1", date(2026, 1, 1), "page", output=Decimal(5)),
        Price(Kind.STT, "part", "m-1", date(2026, 1, 1), "page", minute=Decimal("0.6")),
    ),
)


class Part:
    """A provider of every kind: its events come one by one, then `error` if there is one."""

    name = "part"
    model = "m-1"
    settings_key = "v1"
    rate = 16_000
    stream_limit = None

    def __init__(self, *events: ModelEvent, error: bool = False) -> None:
        self.events = events
        self.error = error
        self.chunks = (CHUNK, CHUNK)
        self.ear: Transcriber = PartEar()

    async def warm(self) -> None: ...
    async def close(self) -> None: ...

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        for event in self.events:
            await asyncio.sleep(0)
            yield event
        if self.error:
            raise ProviderUnavailable("part", "503")

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        if self.error:
            raise ProviderUnavailable("part", "503")
        for chunk in self.chunks:
            await asyncio.sleep(0)
            yield chunk

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[Transcriber]:
        yield self.ear


class PartEar:
    dropped_seconds = 0.0

    def expect(self, expected: Expectation | None, /) -> None: ...
    def begin(self) -> int:
        return 1

    def feed(self, samples: Samples, /) -> None: ...
    def pause(self) -> None: ...
    def end(self) -> None: ...
    async def transcripts(self) -> AsyncIterator[Transcript]:
        return
        yield


class CountingEar(PartEar):
    """Its vendor charges for the connection."""

    billed_seconds = 0.0


def meter(kind: Kind, metrics: Metrics | None = None) -> Meter:
    return Meter(metrics or Metrics(), kind.value, "part", asyncio.get_running_loop().time)


async def asked(part: Part, purse: Purse, *, most: int = 100) -> Used:
    """What the purse is told of one answer of which `most` events are taken."""
    taken = 0
    with paying(purse):
        async with closing(MeasuredModel(part, meter(Kind.LLM)).respond(REQUEST)) as events:
            async for _ in events:
                taken += 1
                if taken == most:
                    break
    return purse.bill.used(Source(Kind.LLM, "part", "m-1"))


async def test_a_models_own_numbers_are_charged() -> None:
    used = await asked(Part(TextDelta("Hello."), Usage(900, 600, 30)), Purse(TABLE))
    assert used == Used(input_tokens=900, cached_tokens=600, output_tokens=30)


async def test_an_answer_that_was_thrown_away_is_estimated_by_its_text() -> None:
    used = await asked(Part(TextDelta("z" * 20), TextDelta("more")), Purse(TABLE), most=1)
    assert used == Used(input_tokens=110, output_tokens=5, estimated=True)


async def test_an_answer_without_numbers_is_not_guessed_at_when_it_came_whole() -> None:
    assert await asked(Part(TextDelta("Hello.")), Purse(TABLE)) == Used()


async def test_a_request_that_was_refused_costs_nothing_and_one_that_broke_does() -> None:
    purse = Purse(TABLE)
    with pytest.raises(ProviderUnavailable):
        await asked(Part(error=True), purse)
    assert purse.bill.total == 0
    with pytest.raises(ProviderUnavailable):
        await asked(Part(TextDelta("Hello"), error=True), purse)
    assert purse.bill.used(Source(Kind.LLM, "part", "m-1")).estimated


async def spoken(part: Part, purse: Purse, text: str) -> Used:
    with paying(purse):
        async for _ in MeasuredVoice(part, meter(Kind.TTS)).synthesize(text, Voice("en-US")):
            pass
    return purse.bill.used(Source(Kind.TTS, "part", "m-1"))


async def test_a_voice_is_charged_for_the_text_it_was_sent_and_the_sound_it_made() -> None:
    used = await spoken(Part(), Purse(TABLE), "Grüß Gott, 你好")
    assert used == Used(characters=13, milliseconds=100)


async def test_a_voice_that_refused_is_not_paid() -> None:
    purse = Purse(TABLE)
    with pytest.raises(ProviderUnavailable):
        await spoken(Part(error=True), purse, "Hello")
    assert not purse.bill.used(Source(Kind.TTS, "part", "m-1"))


async def test_an_ear_is_paid_for_what_it_is_sent_of_each_segment() -> None:
    purse = Purse(TABLE)
    source = Source(Kind.STT, "part", "m-1")
    half_a_second = np.zeros(8000, np.float32)
    with paying(purse):
        opening = MeasuredEar(Part(), meter(Kind.STT)).open(language="en-US")
    async with opening as ear:
        pass
    with paying(purse):
        async with MeasuredEar(Part(), meter(Kind.STT)).open(language="en-US") as ear:
            ear.feed(half_a_second)
            assert ear.begin() == 1
            ear.feed(half_a_second)
            ear.end()
            assert purse.bill.used(source) == Used(milliseconds=500)
            ear.begin()
            ear.feed(half_a_second)
    assert purse.bill.used(source) == Used(milliseconds=1000)
    assert purse.bill.total == Decimal("0.01")


async def test_an_ear_that_knows_what_is_charged_is_believed() -> None:
    purse, part, counting = Purse(TABLE), Part(), CountingEar()
    part.ear = counting
    with paying(purse):
        async with MeasuredEar(part, meter(Kind.STT)).open(language="en-US") as ear:
            ear.begin()
            ear.feed(np.zeros(16_000, np.float32))
            counting.billed_seconds = 10.0
            ear.end()
            counting.billed_seconds = 12.5
    assert purse.bill.used(Source(Kind.STT, "part", "m-1")) == Used(milliseconds=12_500)


async def test_calls_at_the_same_time_each_pay_their_own() -> None:
    purses = [Purse(TABLE) for _ in range(3)]
    async with asyncio.TaskGroup() as tasks:
        for number, purse in enumerate(purses, 1):
            tasks.create_task(asked(Part(TextDelta("a"), Usage(number, 0, number)), purse))
    used = [purse.bill.used(Source(Kind.LLM, "part", "m-1")).input_tokens for purse in purses]
    assert used == [1, 2, 3]


async def test_use_and_cost_are_told_to_prometheus() -> None:
    metrics = Metrics()
    read = metrics.registry.get_sample_value
    labels = {"kind": "llm", "provider": "part", "model": "m-1"}
    model = MeasuredModel(Part(TextDelta("a"), Usage(10, 4, 2)), meter(Kind.LLM, metrics))
    with paying(Purse(TABLE)):
        assert [event async for event in model.respond(REQUEST)]
    used = [
        read("voice_gateway_provider_used_total", {**labels, "unit": f"{unit}_tokens"})
        for unit in ("input", "cached", "output")
    ]
    assert used == [10, 4, 2]
    assert read("voice_gateway_provider_cost_total", labels) == pytest.approx(0.00001)
    voice = MeasuredVoice(Part(), meter(Kind.TTS, metrics))
    with paying(Purse(TABLE)):
        assert [chunk async for chunk in voice.synthesize("Hi", Voice("en-US"))]
    unpriced = {"kind": "tts", "provider": "part", "model": "m-1"}
    assert read("voice_gateway_provider_unpriced_total", unpriced) == 1


async def test_a_phrase_from_the_cache_is_free() -> None:
    purse, library = Purse(TABLE), SpeechLibrary()
    voice = MeasuredVoice(Part(), meter(Kind.TTS))
    maker = SpeechMaker(voice, Voice("en-US"), Codec.PCMU, library)
    with paying(purse):
        for _ in range(3):
            assert [clip async for clip in maker.speak("One moment.")]
    assert purse.bill.used(Source(Kind.TTS, "part", "m-1")).characters == len("One moment.")


async def test_what_is_charged_is_the_text_as_the_voice_reads_it() -> None:
    purse = Purse(TABLE)
    maker = SpeechMaker(MeasuredVoice(Part(), meter(Kind.TTS)), Voice("en-US"), Codec.PCMU)
    with paying(purse):
        assert [clip async for clip in maker.speak("It is $5.")]
    used = purse.bill.used(Source(Kind.TTS, "part", "m-1"))
    assert used.characters == len("It is 5 dollars.")

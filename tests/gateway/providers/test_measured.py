"""What Prometheus is told of providers, and that measuring changes nothing else."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

import numpy as np
import pytest

from gateway.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from gateway.metrics import Metrics
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    Expectation,
    LanguageModel,
    ModelEvent,
    ModelRequest,
    Samples,
    SpeechChunk,
    SpeechToText,
    TextDelta,
    TextToSpeech,
    Transcriber,
    Transcript,
    Voice,
)
from gateway.providers.measured import MeasuredEar, MeasuredModel, MeasuredVoice, Meter

Result = TypeVar("Result")

pytestmark = pytest.mark.virtual_time

CHUNK = SpeechChunk(b"\0" * 160, AudioFormat(Encoding.MULAW, 8000))
REQUEST = ModelRequest("clinic", "", "en-US", (), ())


class Part:
    """A provider of every kind that needs `delay` for each of two results, then fails if told."""

    name = "part"
    settings_key = "v1"
    rate = 16000
    stream_limit = None

    def __init__(self, delay: float = 0.25, error: ProviderError | None = None) -> None:
        self.delay = delay
        self.error = error
        self.closed = False
        self.warmed = False
        self.paused = asyncio.Event()

    async def warm(self) -> None:
        if self.error is not None:
            raise self.error
        self.warmed = True

    async def close(self) -> None:
        self.closed = True

    async def two(self) -> AsyncGenerator[int]:
        try:
            for index in range(2):
                await asyncio.sleep(self.delay)
                yield index
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        async for _ in self.two():
            yield CHUNK

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        async with aclosing(self.two()) as two:
            async for index in two:
                yield TextDelta(str(index))

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[Transcriber]:
        if self.error is not None and not self.delay:
            raise self.error
        yield PartEar(self)


class PartEar:
    def __init__(self, part: Part) -> None:
        self.dropped_seconds = 0.0
        self._part = part

    def expect(self, expected: Expectation | None, /) -> None:
        pass

    def begin(self) -> int:
        return 7

    def feed(self, samples: Samples, /) -> None:
        self.dropped_seconds += samples.size / 16000

    def pause(self) -> None:
        self._part.paused.set()

    def end(self) -> None:
        pass

    async def transcripts(self) -> AsyncIterator[Transcript]:
        await self._part.paused.wait()
        async for index in self._part.two():
            yield Transcript(str(index), 7, 1.0, final=True)


async def test_closing_one_that_is_measured_closes_it() -> None:
    metrics = Metrics()
    for wrap, kind in ((MeasuredVoice, "tts"), (MeasuredModel, "llm"), (MeasuredEar, "stt")):
        part = Part()
        await wrap(part, meter(metrics, kind)).close()
        assert part.closed


def meter(metrics: Metrics, kind: str) -> Meter:
    return Meter(metrics, kind, "part", asyncio.get_running_loop().time)


def seconds(metrics: Metrics, kind: str) -> tuple[float | None, float | None]:
    """How many first results there were, and the sum of their times."""
    labels = {"kind": kind, "provider": "part"}
    name = "voice_gateway_provider_first_result_seconds"
    read = metrics.registry.get_sample_value
    return read(f"{name}_count", labels), read(f"{name}_sum", labels)


def errors(metrics: Metrics, kind: str, error: str) -> float | None:
    labels = {"kind": kind, "provider": "part", "error": error}
    return metrics.registry.get_sample_value("voice_gateway_provider_errors_total", labels)


async def drain(results: AsyncIterator[Result], into: list[Result]) -> None:
    async for result in results:
        into.append(result)


async def test_the_first_chunk_of_a_voice_is_timed() -> None:
    metrics = Metrics()
    voice: TextToSpeech = MeasuredVoice(Part(), meter(metrics, "tts"))
    assert [chunk async for chunk in voice.synthesize("hello", Voice("en-US"))] == [CHUNK, CHUNK]
    assert (voice.name, voice.settings_key) == ("part", "v1")
    assert seconds(metrics, "tts") == (1, 0.25)


async def test_a_model_s_failure_after_its_first_words_counts_as_both() -> None:
    metrics = Metrics()
    part = Part(error=ProviderUnavailable("part", "cut"))
    model: LanguageModel = MeasuredModel(part, meter(metrics, "llm"))
    heard: list[ModelEvent] = []
    with pytest.raises(ProviderUnavailable):
        await drain(model.respond(REQUEST), heard)
    assert heard == [TextDelta("0"), TextDelta("1")]
    assert seconds(metrics, "llm") == (1, 0.25)
    assert errors(metrics, "llm", "ProviderUnavailable") == 1


async def test_leaving_an_answer_early_closes_the_provider_s_stream() -> None:
    metrics = Metrics()
    part = Part()
    model = MeasuredModel(part, meter(metrics, "llm"))
    answer = model.respond(REQUEST)
    assert isinstance(answer, AsyncGenerator)
    async with aclosing(answer):
        assert await anext(answer) == TextDelta("0")
        assert not part.closed
    assert part.closed
    assert errors(metrics, "llm", "ProviderUnavailable") is None


async def test_an_ear_is_timed_from_the_pause() -> None:
    metrics = Metrics()
    ear: SpeechToText = MeasuredEar(Part(delay=0.1), meter(metrics, "stt"))
    async with ear.open(language="en-US") as transcriber:
        assert transcriber.begin() == 7
        transcriber.feed(np.zeros(16000, np.float32))
        assert transcriber.dropped_seconds == 1.0
        await asyncio.sleep(5)
        transcriber.pause()
        assert [each.text async for each in transcriber.transcripts()] == ["0", "1"]
        transcriber.end()
    count, total = seconds(metrics, "stt")
    assert count == 1
    assert total == pytest.approx(0.1)


async def test_an_ear_that_does_not_open_or_is_lost_is_counted_once_each() -> None:
    metrics = Metrics()
    deaf = MeasuredEar(Part(delay=0, error=ProviderTimeout("part", "slow")), meter(metrics, "stt"))
    with pytest.raises(ProviderTimeout):
        async with deaf.open(language="en-US"):
            pytest.fail("opened")
    lost = MeasuredEar(Part(error=ProviderUnavailable("part", "cut")), meter(metrics, "stt"))
    async with lost.open(language="en-US") as transcriber:
        transcriber.pause()
        with pytest.raises(ProviderUnavailable):
            await drain(transcriber.transcripts(), [])
    assert errors(metrics, "stt", "ProviderTimeout") == 1
    assert errors(metrics, "stt", "ProviderUnavailable") == 1


async def test_warming_is_passed_on_and_its_failure_counted() -> None:
    metrics = Metrics()
    well, ill = Part(), Part(error=ProviderUnavailable("part", "no"))
    await MeasuredVoice(well, meter(metrics, "tts")).warm()
    assert well.warmed
    for provider in (
        MeasuredVoice(ill, meter(metrics, "tts")),
        MeasuredModel(ill, meter(metrics, "llm")),
        MeasuredEar(ill, meter(metrics, "stt")),
    ):
        with pytest.raises(ProviderUnavailable):
            await provider.warm()
    for kind in ("tts", "llm", "stt"):
        assert errors(metrics, kind, "ProviderUnavailable") == 1

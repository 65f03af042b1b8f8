"""Providers, with the time to their first results and their failures told to Prometheus."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TypeVar

from gateway.errors import ProviderError
from gateway.metrics import Metrics
from gateway.providers.base import (
    Expectation,
    LanguageModel,
    ModelEvent,
    ModelRequest,
    Samples,
    SpeechChunk,
    SpeechToText,
    TextToSpeech,
    Transcriber,
    Transcript,
    Voice,
)

Result = TypeVar("Result")


class Meter:
    """What is told of one provider. `kind` is stt, llm or tts; `clock` gives seconds."""

    def __init__(
        self, metrics: Metrics, kind: str, name: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self._seconds = metrics.provider_seconds.labels(kind, name)
        self._errors = metrics.provider_errors
        self._labels = (kind, name)

    def first_result_after(self, seconds: float) -> None:
        self._seconds.observe(seconds)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Count a ProviderError that leaves the block."""
        try:
            yield
        except ProviderError as error:
            self._errors.labels(*self._labels, type(error).__name__).inc()
            raise

    async def answer(self, results: AsyncIterator[Result]) -> AsyncIterator[Result]:
        """`results` of a request made now; leaving them early closes them."""
        asked: float | None = self.clock()
        try:
            with self.failures():
                async for result in results:
                    if asked is not None:
                        self.first_result_after(self.clock() - asked)
                        asked = None
                    yield result
        finally:
            if isinstance(results, AsyncGenerator):
                await results.aclose()


class MeasuredVoice:
    """A TextToSpeech that is measured."""

    def __init__(self, voice: TextToSpeech, meter: Meter) -> None:
        self.name, self.settings_key = voice.name, voice.settings_key
        self._voice = voice
        self._meter = meter

    async def warm(self) -> None:
        with self._meter.failures():
            await self._voice.warm()

    async def close(self) -> None:
        await self._voice.close()

    def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        return self._meter.answer(self._voice.synthesize(text, voice))


class MeasuredModel:
    """A LanguageModel that is measured."""

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self.name = model.name
        self._model = model
        self._meter = meter

    async def warm(self) -> None:
        with self._meter.failures():
            await self._model.warm()

    async def close(self) -> None:
        await self._model.close()

    def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        return self._meter.answer(self._model.respond(request))


class MeasuredEar:
    """A SpeechToText that is measured: from `pause` to the transcript it asks for."""

    def __init__(self, ear: SpeechToText, meter: Meter) -> None:
        self.name, self.rate, self.stream_limit = ear.name, ear.rate, ear.stream_limit
        self._ear = ear
        self._meter = meter

    async def warm(self) -> None:
        with self._meter.failures():
            await self._ear.warm()

    async def close(self) -> None:
        await self._ear.close()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[Transcriber]:
        async with AsyncExitStack() as stack:
            with self._meter.failures():
                opening = self._ear.open(language=language, keyterms=keyterms)
                transcriber = await stack.enter_async_context(opening)
            yield MeasuredTranscriber(transcriber, self._meter)


class MeasuredTranscriber:
    """One call's ear, measured."""

    def __init__(self, transcriber: Transcriber, meter: Meter) -> None:
        self._transcriber = transcriber
        self._meter = meter
        self._paused: float | None = None

    @property
    def dropped_seconds(self) -> float:
        return self._transcriber.dropped_seconds

    def expect(self, expected: Expectation | None, /) -> None:
        self._transcriber.expect(expected)

    def begin(self) -> int:
        self._paused = None
        return self._transcriber.begin()

    def feed(self, samples: Samples, /) -> None:
        self._transcriber.feed(samples)

    def pause(self) -> None:
        self._paused = self._meter.clock()
        self._transcriber.pause()

    def end(self) -> None:
        self._transcriber.end()

    async def transcripts(self) -> AsyncIterator[Transcript]:
        transcripts = self._transcriber.transcripts()
        try:
            with self._meter.failures():
                async for transcript in transcripts:
                    if self._paused is not None:
                        self._meter.first_result_after(self._meter.clock() - self._paused)
                        self._paused = None
                    yield transcript
        finally:
            if isinstance(transcripts, AsyncGenerator):
                await transcripts.aclose()

"""Providers, with the time to their first results, their failures and their use told to Prometheus.

What was used is charged to whoever asked (`gateway.money.purse`).
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TypeVar

from gateway.errors import ProviderError
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.money.purse import Purse, purse_of_asker
from gateway.money.usage import Source, Used
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
from gateway.providers.pieces import in_large_pieces
from gateway.providers.tally import Billed, ModelTally, VoiceTally, model_of

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
        self._metrics = metrics
        self._source = Source(Kind(kind), name)

    def of_model(self, model: str) -> "Meter":
        """The same, for a provider that uses this model of its vendor's."""
        self._source = replace(self._source, model=model)
        return self

    def charge(self, purse: Purse | None, used: Used) -> None:
        """Have `purse` pay for what was used."""
        if not used:
            return
        self._metrics.provider_used(self._source, used)
        if purse is not None:
            self._metrics.provider_charged(self._source, purse.charge(self._source, used))

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

    async def answer(self, results: AsyncIterator[Result]) -> AsyncGenerator[Result]:
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
        self._meter = meter.of_model(model_of(voice))

    async def warm(self) -> None:
        with self._meter.failures():
            await self._voice.warm()

    async def close(self) -> None:
        await self._voice.close()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        purse, tally, refused = purse_of_asker(), VoiceTally(text), False
        chunks = self._meter.answer(in_large_pieces(self._voice.synthesize(text, voice)))
        try:
            async for chunk in chunks:
                tally.take(chunk)
                yield chunk
        except ProviderError:
            refused = not tally.begun
            raise
        finally:
            await chunks.aclose()
            if not refused:
                self._meter.charge(purse, tally.used())


class MeasuredModel:
    """A LanguageModel that is measured."""

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self.name = model.name
        self._model = model
        self._meter = meter.of_model(model_of(model))

    async def warm(self) -> None:
        with self._meter.failures():
            await self._model.warm()

    async def close(self) -> None:
        await self._model.close()

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        purse, tally, refused, whole = purse_of_asker(), ModelTally(request), False, False
        events = self._meter.answer(self._model.respond(request))
        try:
            async for event in events:
                tally.take(event)
                yield event
            whole = True
        except ProviderError:
            refused = not tally.begun
            raise
        finally:
            await events.aclose()
            if not refused:
                self._meter.charge(purse, tally.used(whole=whole))


class MeasuredEar:
    """A SpeechToText that is measured: from `pause` to the transcript it asks for."""

    def __init__(self, ear: SpeechToText, meter: Meter) -> None:
        self.name, self.rate, self.stream_limit = ear.name, ear.rate, ear.stream_limit
        self._ear = ear
        self._meter = meter.of_model(model_of(ear))

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
            measured = MeasuredTranscriber(transcriber, self._meter, self.rate, purse_of_asker())
            try:
                yield measured
            finally:
                measured.charge()


class MeasuredTranscriber:
    """One call's ear, measured. `purse` pays for what is fed between `begin` and `end`."""

    def __init__(
        self, transcriber: Transcriber, meter: Meter, rate: int, purse: Purse | None
    ) -> None:
        self._transcriber = transcriber
        self._meter = meter
        self._rate = rate
        self._purse = purse
        self._is_open = False
        self._fed = 0
        self._charged = 0
        self._paused: float | None = None

    @property
    def dropped_seconds(self) -> float:
        return self._transcriber.dropped_seconds

    def expect(self, expected: Expectation | None, /) -> None:
        self._transcriber.expect(expected)

    def begin(self) -> int:
        self._paused = None
        self._is_open = True
        return self._transcriber.begin()

    def feed(self, samples: Samples, /) -> None:
        if self._is_open:
            self._fed += len(samples)
        self._transcriber.feed(samples)

    def pause(self) -> None:
        self._paused = self._meter.clock()
        self._transcriber.pause()

    def end(self) -> None:
        self._is_open = False
        self._transcriber.end()
        self.charge()

    def charge(self) -> None:
        """Pay for what was heard since the last time."""
        ear = self._transcriber
        seconds = ear.billed_seconds if isinstance(ear, Billed) else self._fed / self._rate
        milliseconds = round(1000 * seconds)
        self._meter.charge(self._purse, Used(milliseconds=milliseconds - self._charged))
        self._charged = milliseconds

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

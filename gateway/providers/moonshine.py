"""Moonshine base-en on this machine: speech to text without a key or a network.

A segment recogniser: it computes nothing until asked (`pause`), then reads the segment so far,
on one thread of a small pool that all calls share. English only.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers import inference
from gateway.providers.base import Expectation, Samples, Transcript
from gateway.providers.loading import Loading
from gateway.providers.moonshine_decoder import RATE, Hypothesis, MoonshineModel
from gateway.providers.moonshine_grammar import decode
from gateway.providers.moonshine_segment import Excerpt, Segment
from gateway.providers.moonshine_weights import prepare
from gateway.providers.results import Results

NAME = "moonshine"
WARM_UP_SECONDS = 1


class Moonshine:
    """SpeechToText on `workers` threads; the model is prepared below `cache` once."""

    name = NAME
    rate = RATE
    stream_limit = None

    def __init__(self, *, cache: Path, workers: int) -> None:
        self._pool = inference.workers(NAME, workers)
        self._loading = Loading(self._pool, lambda: _load(cache))

    async def warm(self) -> None:
        """Prepare, load and run the model once; raises ProviderRefused if its weights are not
        there or not the ones we know."""
        await self._loading.model()

    async def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator["MoonshineTranscriber"]:
        """One call's ear; the model has no use for `keyterms`."""
        if language.split("-")[0].lower() != "en":
            raise ProviderRefused(NAME, f"understands English only, not {language}")
        transcriber = MoonshineTranscriber(await self._loading.model(), self._pool)
        try:
            yield transcriber
        finally:
            transcriber.close()


class MoonshineTranscriber:
    """One call's ear; see `Transcriber`. Only recognition itself runs outside the event loop."""

    def __init__(self, model: MoonshineModel, pool: Executor) -> None:
        self.dropped_seconds = 0.0
        self._model = model
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._expected: Expectation | None = None
        self._segment: Segment | None = None
        self._segments = 0
        self._readings: deque[_Reading] = deque()
        self._latest: _Reading | None = None
        self._results = Results()

    def expect(self, expected: Expectation | None, /) -> None:
        """From the next reading on, what was asked for is heard better."""
        self._expected = expected

    def begin(self) -> int:
        self._drop_queued()
        self._segments += 1
        self._segment, self._latest = Segment(self._segments), None
        return self._segments

    def feed(self, samples: Samples, /) -> None:
        if self._segment is not None:
            self.dropped_seconds += self._segment.add(samples) / RATE

    def pause(self) -> None:
        if self._segment is not None:
            self._read(self._segment, speech_is_certain=True)

    def end(self) -> None:
        """What the last pause gave becomes final; without any pause the segment is read now."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        if self._latest is None:
            self._read(segment, speech_is_certain=False)
        if self._latest is not None:
            self._latest.final = True
            if self._latest.result is not None:
                self._publish(self._latest, self._latest.result)

    def transcripts(self) -> AsyncGenerator[Transcript]:
        return self._results.read()

    def close(self) -> None:
        """Stop all work; `transcripts` ends."""
        self._results.close()
        self._segment = None
        for reading in self._readings:
            reading.abandon()
        self._readings.clear()

    def _read(self, segment: Segment, *, speech_is_certain: bool) -> None:
        self._drop_queued()
        reading = _Reading(
            segment, segment.excerpt(), self._expected, speech_is_certain=speech_is_certain
        )
        reading.future = self._loop.run_in_executor(self._pool, reading.run, self._model)
        reading.future.add_done_callback(self._collect)
        self._readings.append(reading)
        self._latest = reading

    def _drop_queued(self) -> None:
        """A reading that no thread has begun is not worth beginning when a newer one is wanted."""
        for reading in self._readings:
            if not reading.final and not reading.running:
                reading.abandon()

    def _collect(self, _done: "asyncio.Future[Hypothesis | None]") -> None:
        """Hand out what is ready, in the order in which it was asked for."""
        while self._readings and self._readings[0].future.done():
            self._take(self._readings.popleft())

    def _take(self, reading: "_Reading") -> None:
        if reading.future.cancelled():
            return
        if (error := reading.future.exception()) is not None:
            lost = ProviderUnavailable(NAME, f"recognition failed ({type(error).__name__})")
            lost.__cause__ = error
            self._results.put(lost)
            return
        if (heard := reading.future.result()) is not None:
            reading.result = heard
            reading.segment.settle(reading.excerpt, heard)
            self._publish(reading, heard)

    def _publish(self, reading: "_Reading", heard: Hypothesis) -> None:
        self._results.put(
            Transcript(
                text=heard.text,
                segment=reading.segment.number,
                audio_end=reading.excerpt.until / RATE,
                final=reading.final,
                confidence=heard.confidence,
            )
        )


class _Reading:
    """One recognition of a segment so far, on its way through the pool."""

    future: asyncio.Future[Hypothesis | None]

    def __init__(
        self,
        segment: Segment,
        excerpt: Excerpt,
        expected: Expectation | None,
        *,
        speech_is_certain: bool,
    ) -> None:
        self.segment = segment
        self.excerpt = excerpt
        self.expected = expected
        self.speech_is_certain = speech_is_certain
        self.final = False
        self.running = False
        self.result: Hypothesis | None = None
        self._wanted = True

    def run(self, model: MoonshineModel) -> Hypothesis | None:
        """In a thread of the pool; None once nobody wants it any more."""
        if not self._wanted:
            return None
        self.running = True
        heard = decode(
            model,
            self.excerpt.samples,
            self.expected,
            speech_is_certain=self.speech_is_certain,
            wanted=lambda: self._wanted,
        )
        return self.excerpt.before.followed_by(heard) if self._wanted else None

    def abandon(self) -> None:
        self._wanted = False
        self.future.cancel()


def _load(cache: Path) -> MoonshineModel:
    model = MoonshineModel(prepare(cache))
    silence = np.zeros(WARM_UP_SECONDS * RATE, np.float32)
    decode(model, silence, None, speech_is_certain=False)
    return model

"""Providers of every kind that do as a script says: pieces, pauses in seconds, errors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import numpy as np

from gateway.errors import ProviderError
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    Expectation,
    ModelEvent,
    ModelRequest,
    Samples,
    SpeechChunk,
    TextDelta,
    Transcript,
    Voice,
)
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.breaker import BreakerSettings
from gateway.providers.resilience.health import Deadlines, Health
from gateway.providers.resilience.limiter import Limit

Piece = TypeVar("Piece")
Provider = TypeVar("Provider")
DEADLINES = Deadlines(connect=3.0, first=2.0, idle=1.0, total=10.0)
HANGS = 3600.0
WORD_SECONDS = 0.4


class Scripted:
    """Each request plays the next of `scripts`, the last one again and again."""

    def __init__(self, name: str, *scripts: Sequence[object]) -> None:
        self.name = self.settings_key = name
        self.scripts = list(scripts)
        self.requests: list[object] = []
        self.running = self.closed_early = self.warmed = 0
        self.warm_error: ProviderError | None = None
        self.closed = False

    async def warm(self) -> None:
        self.warmed += 1
        if self.warm_error is not None:
            raise self.warm_error

    async def close(self) -> None:
        self.closed = True

    async def play(self, request: object) -> AsyncIterator[object]:
        script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
        self.requests.append(request)
        self.running += 1
        whole = False
        try:
            for item in script:
                if isinstance(item, float):
                    await asyncio.sleep(item)
                elif isinstance(item, ProviderError):
                    raise item
                else:
                    yield item
            whole = True
        finally:
            self.running -= 1
            self.closed_early += not whole


class ScriptedModel(Scripted):
    """LanguageModel; a text in a script is a TextDelta."""

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        pieces = self.play(request)
        try:
            async for item in pieces:
                yield TextDelta(item) if isinstance(item, str) else _event(item)
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]


class ScriptedVoice(Scripted):
    """TextToSpeech; says WORD_SECONDS of sound per word of what it is asked. A number `n` in a
    script is the next `n` words, a text is "the rest"."""

    rate = 8000

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        words = text.split()
        pieces = self.play((text, voice))
        try:
            async for item in pieces:
                count = item if isinstance(item, int) else len(words)
                said, words = words[:count], words[count:]
                yield SpeechChunk(
                    sound(len(said), self.rate), AudioFormat(Encoding.PCM_F32, self.rate)
                )
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]


def sound(words: int, rate: int) -> bytes:
    """`words` words with a short pause behind each."""
    count = round(WORD_SECONDS * rate)
    tone = 0.2 * np.sin(2 * np.pi * 300 * np.arange(count) / rate)
    tone[-round(0.1 * rate) :] = 0.0
    return np.tile(tone.astype(np.float32), words).tobytes()


class ScriptedEar(Scripted):
    """SpeechToText: says of each segment how many samples it has heard since its begin, when it
    is asked. Its script is what happens to each stream: seconds it lives, then an error; `HANGS`
    instead says nothing at all from then on."""

    stream_limit: float | None = None

    def __init__(self, name: str, *scripts: Sequence[object], rate: int = 8000) -> None:
        super().__init__(name, *(scripts or [()]))
        self.rate = rate
        self.delay = 0.1
        self.streams: list[ScriptedTranscriber] = []

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator["ScriptedTranscriber"]:
        script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
        self.requests.append((language, tuple(keyterms)))
        opening = [item for item in script[:1] if isinstance(item, ProviderError)]
        if opening:
            raise opening[0]
        stream = ScriptedTranscriber(self, script)
        self.streams.append(stream)
        self.running += 1
        try:
            yield stream
        finally:
            self.running -= 1


class ScriptedTranscriber:
    def __init__(self, ear: ScriptedEar, script: Sequence[object]) -> None:
        self.dropped_seconds = 0.0
        self.expected: list[Expectation | None] = []
        self._ear = ear
        self._segment = self._heard = 0
        self._out: asyncio.Queue[Transcript | ProviderError] = asyncio.Queue()
        self._hangs = HANGS in script
        loop = asyncio.get_running_loop()
        if (
            len(script) == 2
            and isinstance(script[0], float)
            and isinstance(script[1], ProviderError)
        ):
            loop.call_later(script[0], self._out.put_nowait, script[1])

    def expect(self, expected: Expectation | None, /) -> None:
        self.expected.append(expected)

    def begin(self) -> int:
        self._segment += 1
        self._heard = 0
        return self._segment

    def feed(self, samples: Samples, /) -> None:
        self._heard += len(samples)

    def pause(self) -> None:
        self._say(final=False)

    def end(self) -> None:
        self._say(final=True)

    def _say(self, *, final: bool) -> None:
        if self._hangs:
            return
        seconds = self._heard / self._ear.rate
        said = Transcript(f"{self._ear.name} {seconds:.2f}", self._segment, seconds, final)
        asyncio.get_running_loop().call_later(self._ear.delay, self._out.put_nowait, said)

    async def transcripts(self) -> AsyncIterator[Transcript]:
        while True:
            result = await self._out.get()
            if isinstance(result, ProviderError):
                raise result
            yield result


def _event(item: object) -> ModelEvent:
    return item  # type: ignore[return-value]


def candidates(
    kind: Kind,
    *providers: Provider,
    embedded: Sequence[str] = (),
    limit: Limit | None = None,
    deadlines: Deadlines = DEADLINES,
    breaker: BreakerSettings | None = None,
    metrics: Metrics | None = None,
    clock: Callable[[], float] | None = None,
) -> list[Candidate[Provider]]:
    """`providers` as they are listed, on the clock of the running loop."""
    clock = clock or asyncio.get_running_loop().time
    made = []
    for index, provider in enumerate(providers):
        name = str(getattr(provider, "name", index))
        health = Health(
            kind,
            name,
            deadlines,
            clock,
            embedded=name in embedded,
            breaker_settings=breaker or BreakerSettings(),
            limit=limit or Limit(),
            metrics=metrics,
        )
        made.append(Candidate(index, provider, health))
    return made

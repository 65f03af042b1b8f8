"""A telephone line, recogniser, model and voice in miniature, with delays that are set.

The caller's audio carries its words: every frame of a word is filled with the word's number, so
the recogniser hears exactly what it was fed, and nothing else. The agent's audio is remembered
frame by frame with the time it left.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.call.requests import CallRequest, RequestOutcome
from gateway.errors import ProviderError
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    Expectation,
    ModelEvent,
    ModelRequest,
    Samples,
    SpeechChunk,
    Transcript,
    Voice,
    WordTime,
)
from rtp.codec import Codec
from rtp.gathering import CERTAIN_SPEECH, MOST, POSSIBLE_SPEECH, Attention

FRAME = 0.02
RATE = 16000
FRAME_SAMPLES = 320
NOISE = -0.5
"""Audio that sounds like a voice to the detector and like nothing to the recogniser."""
WORD_STEP = 1 / 1024


@dataclass(frozen=True, slots=True)
class Tick:
    time: float
    frames: int
    audio: NDArray[np.float32]
    speech: float
    played: int
    flushes: int


@dataclass(frozen=True, slots=True)
class Sound:
    """The caller makes a sound from `begin` to `end`; `words` are None for a noise."""

    begin: float
    end: float
    words: tuple[str, ...] | None


class Words:
    """Every word gets a number that fits into a sample."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def sample(self, word: str) -> float:
        self._words.append(word)
        return len(self._words) * WORD_STEP

    def word(self, sample: float) -> str | None:
        index = round(sample / WORD_STEP) - 1
        return self._words[index] if 0 <= index < len(self._words) else None


class Line:
    """A leg with a caller at its far end, on the clock of the running loop."""

    codec = Codec.PCMU

    def __init__(self, words: Words) -> None:
        self.words = words
        self.on_tick: Callable[[Tick], None] = lambda tick: None
        self.left: list[tuple[float, bytes]] = []
        """Every frame that left, with its time."""
        self.played = 0
        self.flushes = 0
        self.paused = False
        self._queue: list[bytes] = []
        self._flush_asked = 0
        self._ticked = asyncio.Event()
        self._attention = Attention.EACH
        self._holds = 0
        self._gathered: list[NDArray[np.float32]] = []
        self._before = (False, False, 0)
        """Whether there was more to play, whether something left, and the flushes, at the last
        frame."""
        self._sounds: list[tuple[Sound, NDArray[np.float32]]] = []

    # --- Mouth ---

    @property
    def room(self) -> int:
        return max(0, 100 - len(self._queue))

    def play(self, frames: NDArray[np.uint8], /) -> int:
        assert frames.dtype == np.uint8
        assert frames.shape[1:] == (160,)
        assert len(frames) <= self.room
        assert not self._flush_asked, "played before a flush had taken effect"
        self._queue.extend(frame.tobytes() for frame in frames)
        return self.played + len(self._queue)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def flush(self) -> None:
        self._flush_asked += 1

    def gain(self, decibels: float, /) -> None:
        pass

    def attend(self, attention: Attention, /) -> None:
        self._attention, self._holds = attention, -1

    # --- the caller ---

    def says(self, text: str, *, after: float = 0.0, word: float = 0.25) -> float:
        """The caller speaks `after` seconds from now; the time at which the last word ends."""
        words = tuple(text.split())
        return self._sound(after, word * len(words), words)

    def coughs(self, *, after: float = 0.0, seconds: float = 0.3) -> float:
        return self._sound(after, seconds, None)

    def _sound(self, after: float, seconds: float, words: tuple[str, ...] | None) -> float:
        begin = asyncio.get_running_loop().time() + after
        count = round(seconds / FRAME)
        if words is None:
            values = np.full(count, NOISE, np.float32)
        else:
            samples = np.array([self.words.sample(word) for word in words], np.float32)
            values = samples[np.arange(count) * len(words) // count]
        self._sounds.append((Sound(begin, begin + count * FRAME, words), values))
        return begin + count * FRAME

    def _caller(self, time: float) -> tuple[float, float]:
        """The sample value and speech probability of the frame that begins at `time`."""
        for sound, values in self._sounds:
            if sound.begin - 1e-9 <= time < sound.end - 1e-9:
                index = min(len(values) - 1, int((time - sound.begin) / FRAME + 1e-6))
                return float(values[index]), 0.95
        return 0.0, 0.02

    def _eventful(self, speech: float) -> bool:
        match self._attention:
            case Attention.EACH:
                return True
            case Attention.BROKEN_SILENCE:
                return speech >= POSSIBLE_SPEECH
            case Attention.BROKEN_SPEECH:
                return speech < CERTAIN_SPEECH

    # --- the clock ---

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        begin, count = loop.time(), 0
        while True:
            count += 1
            now = begin + count * FRAME
            await asyncio.sleep(max(0.0, now - loop.time()))
            self._tick(now)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a frame after which `condition` holds."""
        while not condition():
            await self._ticked.wait()

    def _tick(self, now: float) -> None:
        if self._flush_asked:
            self.flushes += self._flush_asked
            self._flush_asked = 0
            self._queue.clear()
        leaves = bool(self._queue) and not self.paused
        if leaves:
            self.left.append((now, self._queue.pop(0)))
            self.played += 1
        value, speech = self._caller(now - FRAME)
        self._gathered.append(np.full(FRAME_SAMPLES, value, np.float32))
        state = (bool(self._queue) and not self.paused, leaves, self.flushes)
        happened, self._before = state != self._before, state
        holds = (speech >= POSSIBLE_SPEECH) + (speech >= CERTAIN_SPEECH)
        happened |= holds != self._holds
        self._holds = holds
        if happened or self._eventful(speech) or len(self._gathered) == MOST:
            audio, self._gathered = self._gathered, []
            tick = Tick(now, len(audio), np.concatenate(audio), speech, self.played, self.flushes)
            self.on_tick(tick)
        ticked, self._ticked = self._ticked, asyncio.Event()
        ticked.set()


class Ear:
    """SpeechToText that reads the words in the audio, `delay` after it was asked."""

    name = "ear"
    rate = RATE
    stream_limit = None

    def __init__(self, words: Words, *, delay: float = 0.1) -> None:
        self.words = words
        self.delay = delay
        self.fails_at: float | None = None
        self.open_calls = 0
        self.languages: list[str] = []
        """In which it was opened, one after the other."""
        self.expected: list[Expectation | None] = []
        """What it was told to expect, one after the other."""

    async def warm(self) -> None:
        pass

    async def close(self) -> None:
        pass

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator["EarTranscriber"]:
        self.open_calls += 1
        self.languages.append(language)
        try:
            yield EarTranscriber(self)
        finally:
            self.open_calls -= 1


class EarTranscriber:
    def __init__(self, ear: Ear) -> None:
        self.dropped_seconds = 0.0
        self._ear = ear
        self._segment = 0
        self._open = False
        self._fed = 0
        self._heard: list[float] = []
        self._out: asyncio.Queue[Transcript | ProviderError] = asyncio.Queue()
        if ear.fails_at is not None:
            error = ProviderError("ear", "gone")
            asyncio.get_running_loop().call_later(ear.fails_at, self._out.put_nowait, error)

    def expect(self, expected: Expectation | None, /) -> None:
        self._ear.expected.append(expected)

    def begin(self) -> int:
        assert not self._open, "begin without end"
        self._segment += 1
        self._open, self._fed, self._heard = True, 0, []
        return self._segment

    def feed(self, samples: Samples, /) -> None:
        if self._open:
            self._fed += len(samples)
            for value in samples[::FRAME_SAMPLES].tolist():
                if value > 0 and (not self._heard or self._heard[-1] != value):
                    self._heard.append(value)

    def pause(self) -> None:
        assert self._open
        self._later(final=False)

    def end(self) -> None:
        assert self._open, "end without begin"
        self._open = False
        self._later(final=True)

    def _later(self, *, final: bool) -> None:
        words = [self._ear.words.word(value) for value in self._heard]
        text = " ".join(word for word in words if word)
        transcript = Transcript(text, self._segment, self._fed / RATE, final)
        loop = asyncio.get_running_loop()
        loop.call_later(self._ear.delay, self._out.put_nowait, transcript)

    async def transcripts(self) -> AsyncIterator[Transcript]:
        while True:
            item = await self._out.get()
            if isinstance(item, ProviderError):
                raise item
            yield item


@dataclass
class Model:
    """LanguageModel that plays `scripts`, one per request: events, pauses in seconds, errors.

    After them it plays those of `endless` in a circle.
    """

    scripts: list[Sequence[ModelEvent | float | ProviderError]] = field(default_factory=list)
    endless: list[Sequence[ModelEvent | float | ProviderError]] = field(default_factory=list)
    name: str = "model"
    requests: list[ModelRequest] = field(default_factory=list)
    closed_early: int = 0

    async def warm(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        self.requests.append(request)
        if self.endless and not self.scripts:
            self.scripts.append(self.endless[len(self.requests) % len(self.endless)])
        assert self.scripts, "the model was asked more often than the test says"
        script = self.scripts.pop(0)
        finished = False
        try:
            for item in script:
                if isinstance(item, float):
                    await asyncio.sleep(item)
                elif isinstance(item, ProviderError):
                    raise item
                else:
                    yield item
            finished = True
        finally:
            self.closed_early += not finished


@dataclass
class Speaker:
    """TextToSpeech: `word_seconds` of sound per word, chunk by chunk, each `chunk_delay` late."""

    name: str = "speaker"
    settings_key: str = "1"
    first_delay: float = 0.05
    chunk_delay: float = 0.01
    word_seconds: float = 0.3
    chunk_seconds: float = 0.5
    tells_words: bool = False
    fails_on: str | None = None
    spoken: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    async def warm(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        self.spoken.append(text)
        self.languages.append(voice.language)
        await asyncio.sleep(self.first_delay)
        if self.fails_on is not None and self.fails_on in text:
            raise ProviderError("speaker", "broken")
        words = text.split()
        sound = np.concatenate([self._word() for _ in words]) if words else np.zeros(0, np.float32)
        times = [WordTime(word, i * self.word_seconds) for i, word in enumerate(words)]
        step = round(self.chunk_seconds * RATE)
        for start in range(0, len(sound), step):
            piece = sound[start : start + step]
            begun = start / RATE
            now = tuple(t for t in times if begun <= t.start < begun + self.chunk_seconds)
            yield SpeechChunk(
                piece.tobytes(),
                AudioFormat(Encoding.PCM_F32, RATE),
                now if self.tells_words else (),
            )
            await asyncio.sleep(self.chunk_delay)

    def _word(self) -> NDArray[np.float32]:
        count = round(self.word_seconds * RATE)
        times = np.arange(count) / RATE
        tone = 0.2 * np.sin(2 * np.pi * 300 * times)
        tone[-round(0.03 * RATE) :] = 0.0
        return tone.astype(np.float32)


@dataclass
class Call:
    """CallControl: every request ends as `outcomes` says, `seconds` after it was made."""

    outcomes: dict[str, RequestOutcome] = field(default_factory=dict)
    seconds: float = 0.2
    requests: list[tuple[float, CallRequest]] = field(default_factory=list)

    async def request(self, request: CallRequest) -> RequestOutcome:
        self.requests.append((asyncio.get_running_loop().time(), request))
        await asyncio.sleep(self.seconds)
        return self.outcomes.get(type(request).__name__, RequestOutcome.DONE)

"""The seam to speech and language: what every provider promises, and nothing about calls.

A provider object is made once per process and shared by all calls. What it opens for a call is
an async context manager or an async iterator; leaving the one or closing the other cancels the
work at once, wherever it is, and stops the vendor's billing. Providers raise only
`gateway.errors.ProviderError` and its children: which one decides what is tried next (a
`ProviderRefused` is not asked again for the same, a `ProviderRateLimited` not before its time).
They neither retry nor fail over themselves: `gateway.providers.resilience` does, for all alike.

`warm` connects and checks, so that no handshake sits in a turn. It is asked before the first call
and again when calls begin after a quiet time, so it costs next to nothing where all is ready.
`close` ends what all calls share (clients, threads); nothing is asked of the provider after it.
It does not raise.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Samples: TypeAlias = NDArray[np.float32]
"""Mono audio in -1.0 … 1.0, shape (n,)."""


class Encoding(StrEnum):
    """How samples are laid out in bytes."""

    MULAW = "mulaw"
    ALAW = "alaw"
    PCM_S16 = "pcm_s16le"
    PCM_F32 = "pcm_f32le"

    @property
    def sample_bytes(self) -> int:
        match self:
            case Encoding.MULAW | Encoding.ALAW:
                return 1
            case Encoding.PCM_S16:
                return 2
            case Encoding.PCM_F32:
                return 4


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Encoding and sample rate (Hz) of mono audio."""

    encoding: Encoding
    rate: int


# --- speech to text ---------------------------------------------------------------------------


class TurnHint(StrEnum):
    """A streaming provider's own opinion on the caller's turn (Deepgram Flux and its kind)."""

    STARTED = "started"
    LIKELY_OVER = "likely_over"
    RESUMED = "resumed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood of the current segment, from its begin to `audio_end`.

    Each transcript replaces the ones before it in the same segment. `audio_end` counts seconds
    of audio fed since `begin`, so a reader can tell what it covers. `final` says that the
    provider will not change it. `confidence` is 0…1 where known.
    """

    text: str
    segment: int
    audio_end: float
    final: bool
    confidence: float | None = None
    hint: TurnHint | None = None


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """An answer to a yes/no question, in whatever words the language has for it."""


@dataclass(frozen=True, slots=True)
class Digits:
    """A row of digits said one by one."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """One of a few short phrases (a menu), in lower case without punctuation."""

    options: tuple[str, ...]


Expectation: TypeAlias = YesOrNo | Digits | Phrases
"""What a caller has just been asked for."""


class Transcriber(Protocol):
    """One call's ear. All methods but `transcripts` return at once and never block.

    A segment runs from `begin` (speech onset; returns its number) to `end` (the turn is over or
    it was noise). `feed` adds audio at the provider's `rate` to the segment, what came shortly
    before its onset first; outside of one it does nothing. `pause` says that speech has paused: a
    transcript of the segment so far should come soon. `expect` says what the caller was asked for
    (None: anything): a lean and never a limit, and a provider that has no use for it ignores it.
    Bounded inside: at most 30 s per segment, the oldest audio is dropped and counted in
    `dropped_seconds`.
    """

    @property
    def dropped_seconds(self) -> float: ...
    def expect(self, expected: Expectation | None, /) -> None: ...
    def begin(self) -> int: ...
    def feed(self, samples: Samples, /) -> None: ...
    def pause(self) -> None: ...
    def end(self) -> None: ...
    def transcripts(self) -> AsyncIterator[Transcript]:
        """All transcripts of the call, in order; raises ProviderError when the ear is lost."""
        ...


class SpeechToText(Protocol):
    """A provider of transcribers. `rate` is the sample rate it wants to be fed with.

    `stream_limit` is how many seconds the vendor lets one stream live (None: as long as a call);
    another one is opened in time, so a transcriber need not do anything about it.
    """

    name: str
    rate: int

    @property
    def stream_limit(self) -> float | None: ...
    async def warm(self) -> None: ...
    async def close(self) -> None: ...
    def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[Transcriber]: ...


# --- language ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a language model sees it. `parameters` is a JSON Schema object.

    `effect` marks tools that change the world: they wait until the caller's turn is certain.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    effect: bool = True


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool run. `arguments` are already parsed JSON, not yet validated.

    `unreadable` says that what the model wrote was no JSON object (malformed, or cut off): then
    there are no arguments, nothing is run and the model is told.
    """

    id: str
    name: str
    arguments: Mapping[str, Json]
    unreadable: bool = False


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the history a model sees. TOOL messages answer `tool_call_id`.

    An assistant's text is what the caller really heard of it; `interrupted` says it was cut.
    """

    role: Role
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text to be spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class StateUpdate:
    """A model's private memory of the call, JSON. Adopted only when the turn becomes real."""

    state: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says it charges for, in its own numbers."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


ModelEvent: TypeAlias = TextDelta | ToolCall | StateUpdate | Usage


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Everything a model needs for one answer. `state` is what its last StateUpdate said.

    `profile` is the name of the agent profile (the local agent finds its knowledge by it).
    """

    profile: str
    instructions: str
    language: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    state: Mapping[str, Json] = field(default_factory=dict)


class LanguageModel(Protocol):
    name: str

    async def warm(self) -> None: ...
    async def close(self) -> None: ...
    def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]: ...


# --- text to speech ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: BCP 47 language, the vendor's voice name (None: its default), speed factor."""

    language: str
    name: str | None = None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class WordTime:
    """`word` begins `start` seconds after the first sample of its utterance."""

    word: str
    start: float


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of an utterance in `format`; `words` are those whose times became known with it.

    `stand_in` says that another voice than usual speaks for now: it is not worth keeping.
    """

    audio: bytes
    format: AudioFormat
    words: tuple[WordTime, ...] = ()
    stand_in: bool = False

    @property
    def seconds(self) -> float:
        """How long it is heard."""
        return len(self.audio) / (self.format.rate * self.format.encoding.sample_bytes)


class TextToSpeech(Protocol):
    """`settings_key` names all but text and voice that changes the sound: model, version."""

    name: str
    settings_key: str

    async def warm(self) -> None: ...
    async def close(self) -> None: ...
    def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]: ...

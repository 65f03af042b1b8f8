"""Who understands, decides and speaks: which providers, how long they may take, when they rest."""

from enum import StrEnum

from pydantic import Field

from gateway.config.values import KeyLimits, Names, Rules, Section


class EndOfTurn(StrEnum):
    """Who has a vote on the end of a caller's turn."""

    TEXT = "text"
    SMART_TURN = "smart-turn"


class SpeechToText(Section):
    """Who understands the caller."""

    provider: Names = ("moonshine",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `moonshine`. With a model of your own on this machine: `whisper`, `vosk`, `sherpa`.
    In the cloud: `deepgram`, `google`, `azure`, `amazon`, `alibaba`,
    `openai`, `groq`."""
    end_of_turn: EndOfTurn = EndOfTurn.TEXT
    """What tells that a caller has finished: `text` (pauses, words, and the provider's own opinion
    where it has one), or `smart-turn`: a model's ear for it as well, 30 to 50 ms of CPU a pause
    (pip install --no-deps pipecat-ai==1.14.0)."""

    connect_seconds: float = Field(3.0, gt=0)
    """How long opening a stream may take; then the next ear is asked."""
    result_seconds: float = Field(1.5, gt=0)
    """How long the text may take after the caller paused. Later, the next ear hears the caller's
    words again. Ears on this machine are given longer."""
    limits: KeyLimits = Field((), examples=[("deepgram=50/600",)])
    """What a provider's key allows: `name=50` requests (or streams) at a time, `name=/600` a
    minute, `name=50/600` both. What is more goes to the next provider, or waits in line."""


class LanguageModel(Section):
    """Who decides what to say and do."""

    provider: Names = ("local",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `local`. In the cloud: `anthropic`, `openai`, `gemini`, `groq`, `openai-compatible`.
    Servers of your own: `ollama`, `vllm`, `llamacpp`."""
    early_start: bool = True
    """Have an answer prepared when the caller has probably finished, before it is certain. Callers
    wait less; an answer is thrown away, and paid for, where the caller goes on."""

    connect_seconds: float = Field(3.0, gt=0)
    """How long connecting may take before a call needs it."""
    first_seconds: float = Field(3.0, gt=0)
    """How long the first word of an answer may take, with connecting. Then the next model answers.
    The agent on this machine is given longer."""
    idle_seconds: float = Field(3.0, gt=0)
    """How long a model may say nothing in the middle of its answer."""
    total_seconds: float = Field(30.0, gt=0)
    """How long one answer may be waited for in all."""
    hedge_seconds: float | None = Field(None, gt=0, examples=[1.2])
    """After so long without a word the second model is asked too, and the first that answers is
    taken. It costs what both read. Unset: never."""
    routing: Rules = Field((), examples=[("easy-local", "latency")])
    """What may change the order of the list, the first rule most: `latency` (what was measured)
    and `cost` sort those in the cloud, `easy-local` has `local` answer what it is sure of."""
    limits: KeyLimits = Field((), examples=[("anthropic=50/600",)])
    """What a provider's key allows: `name=50` requests (or streams) at a time, `name=/600` a
    minute, `name=50/600` both. What is more goes to the next provider, or waits in line."""


class TextToSpeech(Section):
    """Who speaks."""

    provider: Names = ("hibari",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `hibari`, behind which `classic` always stands, and `classic`. With a program or
    model of your own on this machine: `piper`, `espeak`. In the cloud:
    `google`, `azure`, `amazon`, `elevenlabs`, `deepgram`, `openai`."""
    cache_enabled: bool = True
    """Keep spoken phrases ready to send, in Redis and in memory. If not, each is made anew."""
    cache_megabytes: int = Field(64, ge=1, le=4096)
    """Most memory they take in this process; what was not used longest goes first."""
    cache_days: float = Field(30.0, gt=0, le=365)
    """Phrases older than this are made anew."""

    connect_seconds: float = Field(3.0, gt=0)
    """How long connecting may take before a call needs it."""
    first_seconds: float = Field(1.5, gt=0)
    """How long the first sound may take, with connecting. Then the next voice speaks. Voices on
    this machine are given longer."""
    idle_seconds: float = Field(2.0, gt=0)
    """How long a voice may be silent in the middle of what it says."""
    total_seconds: float = Field(30.0, gt=0)
    """How long one clause may be waited for in all."""
    hedge_seconds: float | None = Field(None, gt=0, examples=[0.6])
    """After so long without a sound the second voice is asked too, and the first that speaks is
    taken. It costs what both speak. Unset: never."""
    limits: KeyLimits = Field((), examples=[("google=50/600",)])
    """What a provider's key allows: `name=50` requests (or streams) at a time, `name=/600` a
    minute, `name=50/600` both. What is more goes to the next provider, or waits in line."""


class Breaker(Section):
    """When a provider that fails is left alone. Gateways on one Redis share what they find."""

    failures: int = Field(3, ge=1)
    """So many failures, if they are half of all requests, and it is not asked for a while."""
    window_seconds: float = Field(30.0, gt=0)
    """In which time they are counted."""
    rest_seconds: float = Field(5.0, gt=0)
    """How long it is left alone. Then one request is a probe; if it fails, twice as long."""
    longest_rest_seconds: float = Field(60.0, gt=0)
    """At most so long."""

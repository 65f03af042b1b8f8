"""What the operator decides: a section for each part of the gateway."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gateway.config import engines, vendors
from gateway.config.values import (
    Address,
    Amount,
    Folder,
    KeyLimits,
    LogFormat,
    LogLevel,
    Names,
    Rules,
    Section,
    SocketAddress,
    Variable,
)
from rtp.codec import Codec


class Ari(Section):
    """How the gateway reaches Asterisk: an ARI user of yours in Asterisk's `ari.conf`."""

    url: str = "http://127.0.0.1:8088"
    """Address of Asterisk's HTTP server (`http.conf`)."""
    username: str = "voice-gateway"
    """The ARI user. It needs `read_only = no`."""
    password: SecretStr = Field(min_length=1, examples=["..."])
    """The ARI user's password."""
    app: str = Field("voice-gateway", pattern=r"^[A-Za-z0-9_.-]+$")
    """The Stasis application: what the dialplan names in `Stasis(...)`."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            raise ValueError("put user name and password into ARI_USERNAME and ARI_PASSWORD")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("give Asterisk's HTTP address, like http://127.0.0.1:8088")
        return url


class Rtp(Section):
    """Where the calls' audio arrives. One UDP port serves all calls."""

    bind: SocketAddress = Address("127.0.0.1", 4000)
    """The UDP address to listen on, ip:port."""
    advertise: SocketAddress | None = Field(None, examples=["192.0.2.10:4000"])
    """The address Asterisk sends audio to, ip:port, if it is not `bind` (containers, NAT)."""
    codec: Codec = Codec.PCMU
    """The codec between Asterisk and the gateway. G722 and L16 hear wideband callers at 16 kHz."""

    @field_validator("advertise")
    @classmethod
    def _is_reachable(cls, advertise: Address | None, info: ValidationInfo) -> Address | None:
        bind: Address | None = info.data.get("bind")
        if advertise is None:
            if bind is not None and bind.is_wildcard:
                raise ValueError(
                    f"rtp.bind = {bind} listens on every address: "
                    "name the one Asterisk reaches, like RTP_ADVERTISE=192.0.2.10:4000"
                )
        elif advertise.is_wildcard or not advertise.port:
            raise ValueError("Asterisk cannot send to this: give an ip:port of this machine")
        return advertise


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


class Store(Section):
    """Where sessions and spoken phrases are kept."""

    redis_url: Annotated[SecretStr | None, Variable("REDIS_URL")] = Field(
        None, examples=["redis://127.0.0.1:6379/0"]
    )
    """A Redis server. Without one, memory serves."""
    session_seconds: float = Field(86400.0, ge=60, le=30 * 86400)
    """How long a call's conversation is kept there, also for the case of a crash. It is personal
    data. A profile's `resume_seconds` keeps it longer for its caller."""

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in _REDIS_SCHEMES:
            raise ValueError("give a Redis address, like redis://127.0.0.1:6379/0")
        return url


_REDIS_SCHEMES = ("redis", "rediss", "unix")


class Admin(Section):
    """Health, metrics and live calls over HTTP."""

    bind: SocketAddress = Address("127.0.0.1", 8080)
    """The TCP address to listen on, ip:port."""
    token: SecretStr | None = Field(None, examples=["..."])
    """If set, every request but the health checks needs `Authorization: Bearer <token>`."""

    @field_validator("token")
    @classmethod
    def _guards_an_open_door(
        cls, token: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        bind: Address | None = info.data.get("bind")
        if token is not None and not token.get_secret_value().isprintable():
            raise ValueError("a token is printable text without line breaks")
        if not token and bind is not None and not bind.is_loopback:
            raise ValueError(
                f"admin.bind = {bind} is open to other machines: "
                "set ADMIN_TOKEN, or bind to 127.0.0.1"
            )
        return token or None


class Calls(Section):
    """Bounds of calls, and where callers go whom the agent cannot keep."""

    max_calls: int = Field(50, ge=1, le=4096)
    """Calls at a time. One more goes straight on in the dialplan."""
    max_call_seconds: float = Field(3600.0, gt=0)
    """Longest time with the agent; then the caller goes to the fallback."""
    drain_seconds: float = Field(60.0, ge=0)
    """How long live calls may go on when the gateway is told to stop."""
    fallback_context: str | None = Field(None, examples=["reception"])
    """Dialplan context of the fallback. Unset: the dialplan goes on behind `Stasis()`, with
    `AI_OUTCOME` set."""
    fallback_extension: str | None = Field(None, examples=["s"])
    """Extension in that context; `s` if unset."""
    fallback_priority: int | None = Field(None, ge=1, examples=[1])
    """Priority in that extension; 1 if unset."""

    @field_validator("fallback_extension", "fallback_priority")
    @classmethod
    def _has_a_context(cls, value: str | int | None, info: ValidationInfo) -> str | int | None:
        if value is not None and info.data.get("fallback_context") is None:
            raise ValueError("set calls.fallback_context too")
        return value


class Profiles(Section):
    """The agents. The dialplan chooses one with `Set(AI_CONTEXT=name)`."""

    folder: Folder = Path("profiles")
    """Folder of `<name>.toml` files, one agent each."""
    default: str = "default"
    """The agent of calls that name none."""


class Money(Section):
    """What calls may cost, by the price table: see docs/costs.md. Amounts are in its currency.

    At a soft limit the cheapest providers are asked first; at a hard one the agent says goodbye and
    puts the caller through to a person.
    """

    price_table: Folder | None = Field(None, examples=["prices.toml"])
    """A table of prices (TOML). Unset: the one that comes with the gateway; check it."""
    call_soft_limit: Amount | None = Field(None, examples=[0.5])
    """Soft limit of one call."""
    call_hard_limit: Amount | None = Field(None, examples=[1.0])
    """Hard limit of one call."""
    day_soft_limit: Amount | None = Field(None, examples=[40.0])
    """Soft limit of all calls of a day (UTC), of all gateways that share a Redis."""
    day_hard_limit: Amount | None = Field(None, examples=[50.0])
    """Hard limit of a day."""

    @field_validator("call_hard_limit", "day_hard_limit")
    @classmethod
    def _is_not_below_the_soft_one(
        cls, hard: Decimal | None, info: ValidationInfo
    ) -> Decimal | None:
        soft = info.data.get((info.field_name or "").replace("hard", "soft"))
        if hard is not None and soft is not None and hard < soft:
            raise ValueError(f"is below the soft limit, which is {soft}; make it higher")
        return hard


class Records(Section):
    """What is kept of calls. They hold what callers said: personal data."""

    folder: Folder | None = Field(None, examples=["records"])
    """Where each call's record (JSON) is written. Unset: nothing is written."""
    retention_days: int = Field(30, ge=1)
    """Records older than this are deleted."""


class Logging(Section):
    """What is logged on standard error. Never what callers say."""

    level: LogLevel = LogLevel.INFO
    """The least serious level that is shown."""
    format: LogFormat = LogFormat.AUTO
    """Lines for people or JSON for machines; `auto`: people at a terminal, JSON elsewhere."""


class Cache(Section):
    """Files that are made once and can be thrown away (prepared speech models)."""

    folder: Folder = Path("~/.cache/voice-gateway")
    """Where they are kept. `XDG_CACHE_HOME` moves the default."""


class Settings(Section):
    """Everything an operator can decide. Made by hand it reads neither file nor environment."""

    ari: Ari
    rtp: Rtp = Rtp()
    stt: SpeechToText = SpeechToText()
    llm: LanguageModel = LanguageModel()
    tts: TextToSpeech = TextToSpeech()
    deepgram: vendors.Deepgram = vendors.Deepgram()
    anthropic: vendors.Anthropic = vendors.Anthropic()
    google: vendors.Google = vendors.Google()
    azure: vendors.Azure = vendors.Azure()
    amazon: vendors.Amazon = vendors.Amazon()
    piper: engines.Piper = engines.Piper()
    whisper: engines.Whisper = engines.Whisper()
    vosk: engines.Vosk = engines.Vosk()
    sherpa: engines.Sherpa = engines.Sherpa()
    openai: vendors.OpenAi = vendors.OpenAi()
    alibaba: vendors.Alibaba = vendors.Alibaba()
    elevenlabs: vendors.ElevenLabs = vendors.ElevenLabs()
    gemini: vendors.Gemini = vendors.Gemini()
    groq: vendors.Groq = vendors.Groq()
    openai_compatible: vendors.OpenAiCompatible = vendors.OpenAiCompatible()
    ollama: vendors.Ollama = vendors.Ollama()
    vllm: vendors.Vllm = vendors.Vllm()
    llamacpp: vendors.LlamaCpp = vendors.LlamaCpp()
    breaker: Breaker = Breaker()
    store: Store = Store()
    admin: Admin = Admin()
    calls: Calls = Calls()
    profiles: Profiles = Profiles()
    records: Records = Records()
    money: Money = Money()
    logging: Logging = Logging()
    cache: Cache = Cache()

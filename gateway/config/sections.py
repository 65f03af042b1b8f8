"""What the operator decides: a section for each part of the gateway, and all of them."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gateway.config import engines, services, vendors
from gateway.config.values import (
    Address,
    Amount,
    Folder,
    LogFormat,
    LogLevel,
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
    stt: services.SpeechToText = services.SpeechToText()
    llm: services.LanguageModel = services.LanguageModel()
    tts: services.TextToSpeech = services.TextToSpeech()
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
    breaker: services.Breaker = services.Breaker()
    store: Store = Store()
    admin: Admin = Admin()
    calls: Calls = Calls()
    profiles: Profiles = Profiles()
    records: Records = Records()
    money: Money = Money()
    logging: Logging = Logging()
    cache: Cache = Cache()

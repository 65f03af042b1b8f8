"""What the operator decides: `gateway.toml` and the environment, parsed once, frozen.

The environment wins over the file. Whatever is wrong leaves here as one ConfigError that names
the field, its value and the fix; values of secrets are never shown. No other module reads the
environment.
"""

import ipaddress
import os
import socket
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gateway.errors import ConfigError
from rtp.codec import Codec

CONFIG_FILE = Path("gateway.toml")
"""What is read when nothing else is named, if it is there."""

HTTP_ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
MISSING = "<missing>"
NOT_SHOWN = "<not shown>"

RawSettings: TypeAlias = dict[str, dict[str, object]]


# --- values -----------------------------------------------------------------------------------


class Address(NamedTuple):
    """An IP address and port, as sockets take it. Prints as `ip:port`."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_wildcard(self) -> bool:
        """0.0.0.0 or ::, an address to listen on and not one to be reached at."""
        return ipaddress.ip_address(self.host).is_unspecified

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback


def _parse_address(value: object) -> object:
    """`ip:port`, `[ip6]:port` or `name:port`; a name is resolved once, here."""
    if not isinstance(value, str):
        return value
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 0xFFFF:
        raise ValueError("give ip:port, like 127.0.0.1:4000")
    try:
        return Address(str(ipaddress.ip_address(host)), int(port))
    except ValueError:
        return Address(_resolve(host), int(port))


def _resolve(name: str) -> str:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise ValueError(f"the name {name} cannot be resolved; give ip:port") from None
    return str(found[0][4][0])


def _parse_list(value: object) -> object:
    """`first, second` as the environment writes a list."""
    if not isinstance(value, str):
        return value
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    if not names:
        raise ValueError("name at least one")
    return names


def _anchor(folder: Path, info: ValidationInfo) -> Path:
    """Relative folders start where gateway.toml lies."""
    folder = folder.expanduser()
    return info.context / folder if isinstance(info.context, Path) else folder


SocketAddress: TypeAlias = Annotated[
    Address, BeforeValidator(_parse_address), PlainSerializer(str, return_type=str)
]
Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_parse_list), Field(min_length=1)]
Folder: TypeAlias = Annotated[Path, AfterValidator(_anchor)]


@dataclass(frozen=True, slots=True)
class Variable:
    """Names the environment variable of a field whose name does not follow SECTION_KEY."""

    name: str


class LogFormat(StrEnum):
    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


# --- sections ---------------------------------------------------------------------------------


class Section(BaseModel):
    """One table of gateway.toml. The docstring below each field is its documentation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


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


class SpeechToText(Section):
    """Who understands the caller."""

    provider: Names = ("moonshine",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `moonshine`. In the cloud: `deepgram`."""


class LanguageModel(Section):
    """Who decides what to say and do."""

    provider: Names = ("local",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `local`. In the cloud: `anthropic`."""


class TextToSpeech(Section):
    """Who speaks."""

    provider: Names = ("hibari",)
    """A name or a list: the first is used, the next ones step in when it fails.
    Embedded: `hibari`, behind which `classic` always stands, and `classic`. In the cloud:
    `google`."""
    cache_enabled: bool = True
    """Keep spoken phrases ready to send, in Redis or in memory."""


class Deepgram(Section):
    """Deepgram's streaming recogniser, for `stt.provider = "deepgram"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Deepgram's console."""
    model: str = Field("nova-3", min_length=1)
    """A Nova model. It decides which languages are understood."""
    base_url: str = Field("https://api.deepgram.com", pattern=HTTP_ADDRESS)
    """Where the API is: another region, or your own installation of Deepgram."""


class Anthropic(Section):
    """Claude, for `llm.provider = "anthropic"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Anthropic's console."""
    model: str = Field("claude-haiku-4-5", min_length=1)
    """The model. On the telephone a quick one is the better one."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer. One that is cut off in a tool call is an error."""
    base_url: str = Field("https://api.anthropic.com", pattern=HTTP_ADDRESS)
    """Where the API is, if not there (a gateway or proxy of your own)."""


class Google(Section):
    """Google Cloud Text-to-Speech, for `tts.provider = "google"`."""

    application_credentials: Folder | None = Field(None, examples=["service-account.json"])
    """The JSON file with the key of a service account."""
    tts_endpoint: str = Field("texttospeech.googleapis.com", min_length=1)
    """The host; Google names others for its regions."""


class Store(Section):
    """Where sessions and spoken phrases are kept."""

    redis_url: Annotated[SecretStr | None, Variable("REDIS_URL")] = Field(
        None, examples=["redis://127.0.0.1:6379/0"]
    )
    """A Redis server. Without one, memory serves."""

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
    deepgram: Deepgram = Deepgram()
    anthropic: Anthropic = Anthropic()
    google: Google = Google()
    store: Store = Store()
    admin: Admin = Admin()
    calls: Calls = Calls()
    profiles: Profiles = Profiles()
    records: Records = Records()
    logging: Logging = Logging()
    cache: Cache = Cache()


# --- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """One field: `ari.url`, its variable `ARI_URL`, and what pydantic knows of it."""

    section: str
    key: str
    variable: str
    field: FieldInfo

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}"

    @property
    def is_secret(self) -> bool:
        return "SecretStr" in str(self.field.annotation)


def every_section() -> Iterator[tuple[str, type[Section]]]:
    """All sections by name, in the order of the documentation."""
    for name, field in Settings.model_fields.items():
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            raise TypeError(f"{name} is not a section")
        yield name, field.annotation


def every_setting() -> Iterator[Setting]:
    """All fields of all sections, in the order of the documentation."""
    for section, model in every_section():
        for key, field in model.model_fields.items():
            named = [mark.name for mark in field.metadata if isinstance(mark, Variable)]
            variable = named[0] if named else f"{section}_{key}".upper()
            yield Setting(section, key, variable, field)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each name whether `file`, `environment` or `default` said so."""

    settings: Settings
    origins: Mapping[str, str]


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of `file` (None: gateway.toml if there is one) under the environment's.

    Raises ConfigError for the first thing that is wrong; unknown keys come before bad values.
    """
    return load_with_origins(file, environment).settings


def load_without_asterisk(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """As `load`, for commands that never talk to Asterisk: the ARI password may be missing."""
    environment = os.environ if environment is None else environment
    return load(file, {"ARI_PASSWORD": "none", **environment})


def load_with_origins(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Loaded:
    """As `load`, and where each value comes from."""
    environment = os.environ if environment is None else environment
    if file is None and CONFIG_FILE.exists():
        file = CONFIG_FILE
    values = _read_file(file) if file is not None else {}
    _check_variables(environment)
    origins = {setting.name: "default" for setting in every_setting()}
    origins |= {f"{section}.{key}": "file" for section, table in values.items() for key in table}
    for section in Settings.model_fields:
        values.setdefault(section, {})
    if cache_home := environment.get("XDG_CACHE_HOME"):
        values["cache"].setdefault("folder", f"{cache_home}/voice-gateway")
    for setting in every_setting():
        if value := environment.get(setting.variable):
            values[setting.section][setting.key] = value
            origins[setting.name] = "environment"
    home = file.parent.absolute() if file else Path.cwd()
    try:
        settings = Settings.model_validate(values, context=home)
    except ValidationError as error:
        raise _translated(error.errors()[0], origins) from None
    return Loaded(settings, origins)


def _read_file(file: Path) -> RawSettings:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            "--config", str(file), "no such file; copy gateway.example.toml there"
        ) from None
    except OSError as error:
        raise ConfigError("--config", str(file), f"cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("--config", str(file), f"is not TOML: {error}") from None
    _check_keys(tables)
    return tables


def _check_keys(tables: Mapping[str, object]) -> None:
    names = {setting.name: setting.key for setting in every_setting()}
    for section, table in tables.items():
        if section not in Settings.model_fields:
            homes = [name for name, key in names.items() if key == section]
            nearest = _nearest(section, Settings.model_fields, 0.6)
            raise _unknown(section, "table", homes[0] if homes else nearest and f"[{nearest}]")
        if not isinstance(table, dict):
            raise ConfigError(
                section, NOT_SHOWN, f"is a table: write [{section}] and keys below it"
            )
        for key in table:
            if (name := f"{section}.{key}") not in names:
                raise _unknown(name, "setting", _nearest(name, names, 0.6))


def _check_variables(environment: Mapping[str, str]) -> None:
    """A variable that is almost one of ours is a slip of the pen; others are not our business."""
    known = [setting.variable for setting in every_setting()]
    prefixes = tuple(f"{variable.partition('_')[0]}_" for variable in known)
    for name in environment:
        strange = name.startswith(prefixes) and name not in known
        if strange and (nearest := _nearest(name, known, 0.85)):
            raise _unknown(name, "variable", nearest)


def _unknown(name: str, what: str, nearest: str | None) -> ConfigError:
    """The value is not shown: it may be a secret under a misspelt name."""
    hint = f"did you mean {nearest}?" if nearest else "remove it"
    return ConfigError(name, NOT_SHOWN, f"there is no such {what}; {hint}")


def _nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    return next(iter(get_close_matches(name, known, 1, likeness)), None)


def _translated(error: ErrorDetails, origins: Mapping[str, str]) -> ConfigError:
    """pydantic's finding in the operator's words."""
    name = ".".join(str(part) for part in error["loc"][:2])
    setting = next(s for s in every_setting() if s.name == name)
    if error["type"] == "missing":
        fix = f"set {setting.variable}, or {setting.key} under [{setting.section}] in gateway.toml"
        return ConfigError(name, MISSING, fix)
    fix = error["msg"].removeprefix("Value error, ")
    field = setting.variable if origins[name] == "environment" else name
    return ConfigError(field, _shown(setting, error["input"]), fix)


def _shown(setting: Setting, value: object) -> str:
    if value is None:
        return "<unset>"
    text = " ".join(str(value).split())
    # an address with an @ may carry a password
    return NOT_SHOWN if setting.is_secret or "@" in text else text[:80]

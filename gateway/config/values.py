"""The forms of settings: addresses, lists, folders, and what every section has in common."""

import ipaddress
import socket
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
)

from gateway.kinds import Rule

HTTP_ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
SOCKET_ADDRESS = r"^wss?://[^\s/?#@]+(/[^\s?#]*)?$"


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
KeyLimit: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]\w*=(?:\d+|\d*/\d+)$")]
KeyLimits: TypeAlias = Annotated[tuple[KeyLimit, ...], BeforeValidator(_parse_list)]
Rules: TypeAlias = Annotated[tuple[Rule, ...], BeforeValidator(_parse_list)]
Folder: TypeAlias = Annotated[Path, AfterValidator(_anchor)]
Amount: TypeAlias = Annotated[Decimal, Field(gt=0)]
"""Of money."""


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


class Section(BaseModel):
    """One table of gateway.toml. The docstring below each field is its documentation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )

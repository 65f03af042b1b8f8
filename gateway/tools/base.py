"""What a tool is: a spec the model sees, and a function that returns text or a call request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gateway.call.requests import CallRequest
from gateway.providers.base import Json, ToolSpec


@dataclass(frozen=True, slots=True)
class Reply:
    """The tool's result as text for the model."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The tool wants something of the call: say `announcement` to its end, then make the request.

    `on_failure` maps a RequestOutcome value to the text the model is told when it fails.
    """

    request: CallRequest
    announcement: str = ""
    on_failure: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """The tool wants the conversation to go on in `language` (BCP 47)."""

    language: str


ToolResult: TypeAlias = Reply | Ask | Switch


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may know of the call."""

    call_id: str
    profile: str
    language: str
    caller_number: str


class Tool(Protocol):
    spec: ToolSpec

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult: ...

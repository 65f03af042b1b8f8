"""Everything that can happen to a call, as the call machine sees it (a closed union)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gateway.call.commands import Command
from gateway.call.requests import CallRequest, RequestOutcome

Address: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The caller's StasisStart."""


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller left Stasis: StasisEnd, ChannelDestroyed, or missing after a reconnect."""


@dataclass(frozen=True, slots=True)
class MediaCreated:
    """Asterisk answered externalMedia; `address` is UNICASTRTP_LOCAL_ADDRESS and _PORT."""

    address: Address


@dataclass(frozen=True, slots=True)
class MediaReady:
    """StasisStart of our externalMedia channel: from now on it can enter a bridge."""


@dataclass(frozen=True, slots=True)
class MediaGone:
    """Our externalMedia channel left Stasis."""


@dataclass(frozen=True, slots=True)
class Bridged:
    """The caller and our media are in the bridge: they hear each other."""


@dataclass(frozen=True, slots=True)
class Requested:
    """The conversation wants something of the call."""

    request: CallRequest


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """StasisStart of a channel we dialled."""

    channel: str


@dataclass(frozen=True, slots=True)
class PersonGone:
    """A channel we dialled ended: `outcome` says why, if it never answered."""

    channel: str
    outcome: RequestOutcome


@dataclass(frozen=True, slots=True)
class DialExpired:
    """A dial should have ended long ago, and Asterisk told nothing."""

    channel: str


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """The person is in the caller's bridge."""

    channel: str


@dataclass(frozen=True, slots=True)
class DigitsSent:
    """Asterisk plays the digits now."""


class ConversationEnd(StrEnum):
    """How the conversation's own task came to its end."""

    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ConversationOver:
    """The conversation returned by itself, or crashed."""

    end: ConversationEnd


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command could not be carried out."""

    command: Command


@dataclass(frozen=True, slots=True)
class Evicted:
    """The gateway must let go of this call: drain limit, call too long, an operator."""

    reason: str


CallEvent: TypeAlias = (
    Arrived
    | CallerGone
    | MediaCreated
    | MediaReady
    | MediaGone
    | Bridged
    | Requested
    | PersonAnswered
    | PersonGone
    | DialExpired
    | PersonJoined
    | DigitsSent
    | ConversationOver
    | CommandFailed
    | Evicted
)

"""What the call machine can want done (a closed union). The session does it, in order."""

from dataclasses import dataclass
from typing import TypeAlias

from gateway.call.requests import RequestOutcome


@dataclass(frozen=True, slots=True)
class Answer:
    """POST /channels/{channel}/answer."""

    channel: str


@dataclass(frozen=True, slots=True)
class CreateBridge:
    """POST /bridges/{bridge}, type mixing."""

    bridge: str


@dataclass(frozen=True, slots=True)
class CreateMedia:
    """POST /channels/externalMedia towards our RTP address, with our channel id."""

    channel: str


@dataclass(frozen=True, slots=True)
class ChooseAgent:
    """Find out who answers this caller."""


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """Give the agent a row of the media plane, locked to Asterisk's RTP address."""

    address: tuple[str, int]


@dataclass(frozen=True, slots=True)
class AddChannels:
    """POST /bridges/{bridge}/addChannel. Its success is Bridged or PersonJoined."""

    bridge: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartConversation:
    """The caller can hear us: greet."""


@dataclass(frozen=True, slots=True)
class StopConversation:
    """End the conversation's task and give the row back."""


@dataclass(frozen=True, slots=True)
class Dial:
    """POST /channels: call a person into our application, for `caller` and in its codecs."""

    channel: str
    caller: str
    endpoint: str
    timeout: float
    summary: str


@dataclass(frozen=True, slots=True)
class HangUpChannel:
    """DELETE /channels/{channel}."""

    channel: str


@dataclass(frozen=True, slots=True)
class Continue:
    """Send the caller on in the dialplan.

    Without `context` the dialplan goes on behind Stasis(); `outcome` is set as AI_OUTCOME before.
    """

    channel: str
    outcome: str
    context: str | None = None
    extension: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class SendDtmf:
    """POST /channels/{channel}/dtmf; times in milliseconds. Its success is DigitsSent."""

    channel: str
    digits: str
    tone_ms: int
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the conversation how its request ended."""

    outcome: RequestOutcome


@dataclass(frozen=True, slots=True)
class Release:
    """The last command of every call, exactly once: nothing of it may stay.

    Stops the conversation, frees the row, hangs up `channels`, destroys `bridge`.
    """

    channels: tuple[str, ...]
    bridge: str | None
    reason: str


Step: TypeAlias = (
    ChooseAgent
    | Answer
    | CreateBridge
    | CreateMedia
    | OpenLeg
    | AddChannels
    | StartConversation
    | StopConversation
    | Dial
    | HangUpChannel
    | Continue
    | SendDtmf
    | Report
    | Release
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """Begin all `steps` at once: none needs another. All are finished before anything else."""

    steps: tuple[Step, ...]


Command: TypeAlias = SetUp | Step

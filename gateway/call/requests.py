"""What a conversation may ask of its call, and how that can come out.

The words both sides share: tools return requests, the session hands them to the call machine,
and the outcome goes back to the conversation. Nothing here knows ARI.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TransferToPerson:
    """Dial `endpoint` (PJSIP/1001) into the caller's bridge; the agent leaves when they talk.

    `target` is the profile's name for it, `summary` goes along as X-AI-Summary.
    """

    target: str
    endpoint: str
    timeout: float = 30.0
    summary: str = ""


@dataclass(frozen=True, slots=True)
class TransferToExtension:
    """Send the caller on in the dialplan (blind): checked against the profile's list before."""

    target: str
    context: str
    extension: str
    priority: int = 1


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call. The goodbye has been heard by then."""


@dataclass(frozen=True, slots=True)
class LeaveToFallback:
    """The agent cannot go on: hand the caller to the dialplan's fallback (`AI_OUTCOME`=reason)."""

    reason: str


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Send DTMF to the caller's side: a machine that answered, or a door that opens by digits.

    `tone_ms` is how long each tone lasts, `pause_ms` the silence between two.
    """

    digits: str
    tone_ms: int = 100
    pause_ms: int = 100

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.digits) * (self.tone_ms + self.pause_ms) / 1000


CallRequest: TypeAlias = (
    TransferToPerson | TransferToExtension | HangUp | LeaveToFallback | SendDigits
)


def ends_conversation(request: CallRequest) -> bool:
    """Whether the agent has nothing more to say when `request` was granted."""
    match request:
        case TransferToPerson() | TransferToExtension() | HangUp() | LeaveToFallback():
            return True
        case SendDigits():
            return False


class RequestOutcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    """Asterisk refused it."""
    CALL_ENDED = "call_ended"

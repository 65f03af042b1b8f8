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


CallRequest: TypeAlias = TransferToPerson | TransferToExtension | HangUp | LeaveToFallback


class RequestOutcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    CALL_ENDED = "call_ended"

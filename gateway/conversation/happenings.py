"""What happens to a conversation, one after the other: the caller's turns, keys, time, failures."""

from dataclasses import dataclass
from typing import TypeAlias

from gateway.conversation.act import Act
from gateway.conversation.turn import TurnEvent


@dataclass(frozen=True, slots=True)
class ActOver:
    """An act came to its end by itself; `failed` when a provider was the reason."""

    act: Act
    failed: bool


@dataclass(frozen=True, slots=True)
class EarLost:
    """The recogniser is gone for good."""


@dataclass(frozen=True, slots=True)
class EarLate:
    """The caller's words, whose last sound was at `since`, should have come."""

    since: float


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller has said nothing for as long as the profile bears it."""


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The caller has put us on hold, or has come back."""


@dataclass(frozen=True, slots=True)
class ProtectionOver:
    """What had to be heard to its end was, and a turn of the caller waits."""


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class KeysOver:
    """No further key was pressed."""


Timed: TypeAlias = EarLate | NoInput | KeysOver
"""What happens by itself when nothing else does in time."""

Event: TypeAlias = (
    TurnEvent
    | ActOver
    | EarLost
    | EarLate
    | NoInput
    | HoldChanged
    | ProtectionOver
    | Key
    | KeysOver
)

"""What happened in the call, in seconds since it was answered: one value for page, picture, file.

Pure. Everything in it was taken from the telephone line, nothing from the gateway's own books.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.providers.base import Json


class Speaker(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech as it passed on the caller's line.

    `text` is the recorded sentence (caller, person) or what was recognised of it (agent).
    `latency` is the time from the end of the caller's speech to this turn's first sound, for
    turns that answer the caller.
    """

    speaker: Speaker
    start: float
    end: float
    text: str
    latency: float | None = None

    def to_json(self) -> dict[str, Json]:
        turn: dict[str, Json] = {
            "speaker": self.speaker.value,
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "text": self.text,
        }
        if self.latency is not None:
            turn["latency_ms"] = round(self.latency * 1000)
        return turn


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who the caller was put through to: their phone rang at `ringing`, was taken at `answered`."""

    to: str
    ringing: float
    answered: float

    def to_json(self) -> dict[str, Json]:
        return {
            "to": self.to,
            "ringing": round(self.ringing, 3),
            "answered": round(self.answered, 3),
        }


@dataclass(frozen=True, slots=True)
class Story:
    """The whole call."""

    number: str
    profile: str
    turns: tuple[Turn, ...]
    transfer: Transfer
    ended: float
    reason: str

    @property
    def latencies(self) -> tuple[float, ...]:
        """Seconds from question to answer at the caller's ear, in order."""
        return tuple(turn.latency for turn in self.turns if turn.latency is not None)

    def to_json(self) -> dict[str, Json]:
        return {
            "number": self.number,
            "profile": self.profile,
            "turns": [turn.to_json() for turn in self.turns],
            "latencies_ms": [round(latency * 1000) for latency in self.latencies],
            "transfer": self.transfer.to_json(),
            "end": {"time": round(self.ended, 3), "reason": self.reason},
        }

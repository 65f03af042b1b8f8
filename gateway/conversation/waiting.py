"""What to do about silence of our own making: an acknowledgement, another, and an end. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.profile import Waiting

ANSWERED_SOON = 0.6
"""Seconds that an answer has, however long it took to know that the caller had finished."""


class Remedy(StrEnum):
    """Against dead air."""

    FILLER = "filler"
    """A few words of the profile's."""
    WORKING = "working"
    """The sound of somebody at work."""
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: of quiet before the first filler, between fillers, of silence after a filler
    before work is heard, and the longest an answer may take before a person has to help."""

    first_filler: float = 1.6
    next_filler: float = 6.0
    working: float = 0.8
    longest: float = 20.0

    @classmethod
    def of(cls, waiting: Waiting) -> "Patience":
        """A profile's."""
        return cls(
            first_filler=waiting.filler_seconds,
            next_filler=waiting.next_filler_seconds,
            working=waiting.sound_seconds,
            longest=waiting.longest_seconds,
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long the caller has waited for the answer (or for its next words); how long nothing was
    said since the last filler (None: there was none), and since the last words of ours."""

    waited: float
    since_filler: float | None
    quiet: float


def quiet_from(sound: float | None, *, ours: float, now: float, patience: Patience) -> float:
    """From when the quiet counts of which the caller is to hear no more than is due: from the last
    `sound`, or the last of `ours`, but as if it had been so late that an answer begun now has a
    moment."""
    if sound is None:
        return now
    soon = max(patience.first_filler - ANSWERED_SOON, 0.0)
    return min(max(sound, ours, now - soon), now)


def remedy(wait: Wait, patience: Patience) -> Remedy | None:
    """What is due now."""
    if wait.waited >= patience.longest:
        return Remedy.GIVE_UP
    if wait.since_filler is None:
        return Remedy.FILLER if wait.quiet >= patience.first_filler else None
    if wait.since_filler >= patience.next_filler:
        return Remedy.FILLER
    return Remedy.WORKING if wait.quiet >= patience.working else None


class Rotation:
    """Phrases in turn, never the same twice in a row where there is more than one."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        self._phrases = phrases
        self._next = 0

    def next(self) -> str | None:
        """The next phrase, or None if there is none at all."""
        if not self._phrases:
            return None
        phrase = self._phrases[self._next % len(self._phrases)]
        self._next += 1
        return phrase

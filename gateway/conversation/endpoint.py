"""How long a silence must last before the caller's turn is over: several votes, one number. Pure.

Every vote says what silence it wants and why, so that each decision can be read in the record.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.conversation.completeness import Completeness, Judgement
from gateway.providers.base import TurnHint


@dataclass(frozen=True, slots=True)
class Vote:
    """One opinion: the turn is over after `seconds` of silence, `because` of this."""

    name: str
    seconds: float
    because: str


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Seconds of silence, by how finished the text is, and where the votes are bounded."""

    by_text: Mapping[Completeness, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                Completeness.ANSWER: 0.22,
                Completeness.COMPLETE: 0.36,
                Completeness.STATEMENT: 0.45,
                Completeness.OPEN: 0.70,
                Completeness.FRAGMENT: 1.20,
                Completeness.NUMBER_GOES_ON: 1.40,
                Completeness.UNFINISHED: 1.60,
            }
        )
    )
    without_text: float = 25.0
    """No transcript has come for what was said last: nothing can be answered before it has. The
    conversation gives up earlier (Patience.longest)."""
    longest: float = 5.0
    provider_over: float = 0.0
    provider_likely: float = 0.30
    sounds_unfinished: float = 1.10
    sounds_finished: float = 0.45


@dataclass(frozen=True, slots=True)
class PauseFacts:
    """What is known in a pause: `judgement` is None while no text covers the speech.

    `finished` is an acoustic model's probability that the caller has finished, where there is one.
    """

    judgement: Judgement | None
    hint: TurnHint | None = None
    finished: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The turn is over after `seconds` of silence."""

    seconds: float
    votes: tuple[Vote, ...]


class PauseHabit:
    """The pauses this caller makes and then goes on.

    Some are remembered by how finished the text was before them; and whoever pauses long in the
    middle of anything does so behind whole sentences as well, which is the `usual` pause.
    """

    REMEMBERED = 4
    USUAL_OF = 6
    MARGIN = 1.2
    FADE = 0.85
    LONGEST = 1.6
    LONGEST_USUAL = 0.9

    def __init__(self) -> None:
        self._pauses: dict[Completeness, deque[float]] = {}
        self._recent: deque[float] = deque(maxlen=self.USUAL_OF)

    def learn(self, completeness: Completeness, seconds: float) -> None:
        """The caller paused for `seconds` and went on."""
        pauses = self._pauses.setdefault(completeness, deque(maxlen=self.REMEMBERED))
        pauses.append(min(seconds, self.LONGEST))
        self._recent.append(min(seconds, self.LONGEST_USUAL))

    def fade(self) -> None:
        """A turn ended without a mistake: habits count a little less."""
        for pauses in (*self._pauses.values(), self._recent):
            faded = [seconds * self.FADE for seconds in pauses]
            pauses.clear()
            pauses.extend(faded)

    def wanted(self, completeness: Completeness) -> float:
        """The silence that this caller's own pauses ask for; 0.0 when nothing is known."""
        pauses = self._pauses.get(completeness)
        return max(max(pauses) * self.MARGIN if pauses else 0.0, self._usual())

    def _usual(self) -> float:
        """The second longest of the last pauses: once is no habit."""
        return sorted(self._recent)[-2] * self.MARGIN if len(self._recent) > 1 else 0.0


def decide(facts: PauseFacts, habit: PauseHabit, settings: EndpointSettings) -> Verdict:
    """The silence after which the turn is over, with every vote that was cast."""
    if facts.judgement is None:
        vote = Vote("text", settings.without_text, "no transcript yet")
        return _hinted(facts.hint, (vote,), vote.seconds, settings)
    completeness = facts.judgement.completeness
    text = Vote("text", settings.by_text[completeness], facts.judgement.because)
    votes, seconds = _sounded(facts.finished, (text,), text.seconds, settings)
    if (pause := habit.wanted(completeness)) > seconds:
        seconds = pause
        votes = (*votes, Vote("habit", seconds, "the caller's own pauses"))
    return _hinted(facts.hint, votes, min(seconds, settings.longest), settings)


def _sounded(
    finished: float | None, votes: tuple[Vote, ...], seconds: float, settings: EndpointSettings
) -> tuple[tuple[Vote, ...], float]:
    if finished is None:
        return votes, seconds
    if finished < 0.5 and seconds < settings.sounds_unfinished:
        seconds = settings.sounds_unfinished
        return (*votes, Vote("sound", seconds, f"sounds unfinished ({finished:.2f})")), seconds
    if finished >= 0.5 and settings.sounds_finished < seconds <= settings.sounds_unfinished:
        seconds = settings.sounds_finished
        return (*votes, Vote("sound", seconds, f"sounds finished ({finished:.2f})")), seconds
    return votes, seconds


def _hinted(
    hint: TurnHint | None, votes: tuple[Vote, ...], seconds: float, settings: EndpointSettings
) -> Verdict:
    match hint:
        case TurnHint.OVER:
            vote = Vote("provider", settings.provider_over, "the recogniser says it is over")
        case TurnHint.LIKELY_OVER if seconds > settings.provider_likely:
            vote = Vote("provider", settings.provider_likely, "the recogniser thinks it is over")
        case _:
            return Verdict(seconds, votes)
    return Verdict(min(seconds, vote.seconds), (*votes, vote))

"""Whose turn it is. Pure: frames, texts and times in, what follows from them out.

One machine per call hears a speech probability of every frame that matters and the transcripts
as they come. It finds the onset, asks for text in a pause, says when the turn is likely over and
when it is, and while the agent has the word whether a sound of the caller takes it. All times are
seconds of the one clock the frames carry.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from gateway.conversation import bargein, endpoint
from gateway.conversation.activity import Activity, ActivitySettings
from gateway.conversation.backchannel import Utterance, classify
from gateway.conversation.bargein import BargeInSettings, Sound
from gateway.conversation.completeness import Completeness, Judgement, judge
from gateway.conversation.endpoint import (
    EndpointSettings,
    PauseFacts,
    PauseHabit,
    Verdict,
    Vote,
)
from gateway.conversation.grammars import ENGLISH
from gateway.conversation.question import Expected
from gateway.languages import spoken_language
from gateway.providers.base import TurnHint


class Agent(StrEnum):
    """What the agent is doing."""

    SILENT = "silent"
    THINKING = "thinking"
    """The caller's turn is over, the answer has not begun to be heard."""
    SPEAKING = "speaking"
    PROTECTED = "protected"
    """Speaking what must be heard to its end (a legal notice)."""
    AWAY = "away"
    """A transfer rings or music plays: what the caller says is no turn."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """`text_after` seconds of silence a transcript is asked for; `likely_share` of the silence
    that ends a turn makes it likely over; less voice than `spoken_voice` without any text is a
    noise (also if none came in `noise_patience` seconds), more is something not understood."""

    activity: ActivitySettings = field(default_factory=ActivitySettings)
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    bargein: BargeInSettings = field(default_factory=BargeInSettings)
    text_after: float = 0.10
    likely_share: float = 0.5
    spoken_voice: float = 0.7
    noise_patience: float = 5.0
    text_tolerance: float = 0.12
    """A text covers the speech if it ends no more than this before it: the last frames that
    count as voiced are mostly the detector's own delay."""
    least_confidence: float = 0.2
    """A text of which the recogniser is less sure is its guess at a noise."""
    regret: float = 1.2
    """Speech so soon after a turn was declared over shows that it was not."""


@dataclass(frozen=True, slots=True)
class Onset:
    """The caller began to speak `at` this time: a segment begins."""

    at: float


@dataclass(frozen=True, slots=True)
class Hold:
    """The caller may be taking the word: stop being heard at once, reversibly."""


@dataclass(frozen=True, slots=True)
class WantText:
    """A transcript of the segment so far is wanted now."""


@dataclass(frozen=True, slots=True)
class LikelyOver:
    """The turn is probably over: prepare an answer to `text`, but let nothing out."""

    text: str


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The caller goes on after all: throw away what was prepared."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The caller takes the word: what is left of the agent's speech is not said."""


@dataclass(frozen=True, slots=True)
class Dismiss:
    """The sound was no turn: the segment ends, the agent goes on where it was held. `because` says
    in a few words what decided."""

    utterance: Utterance
    text: str
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TurnOver:
    """The caller has finished. `text` covers all that was said, unless not `covered`.

    `began`, `ended` (last voiced frame) and `decided` are times; `votes` explain the decision.
    """

    text: str
    covered: bool
    began: float
    ended: float
    decided: float
    votes: tuple[Vote, ...]
    read: float | None = None
    """When `text` had come from the recogniser."""
    goes_on: bool = False
    """It is the rest of the turn before, whose end was found too early."""


TurnEvent: TypeAlias = (
    Onset | Hold | WantText | LikelyOver | GoesOn | Interrupt | Dismiss | TurnOver
)
TurnEvents: TypeAlias = tuple[TurnEvent, ...]


@dataclass(slots=True)
class _Turn:
    """What is known of the turn that is open."""

    began: float
    held: bool
    voiced_from: float
    """The activity's count of voice when the turn began."""
    asked_at_voice: float
    """The same count when a text was last asked for."""
    before: str = ""
    """What the caller had said when they were cut off, if this goes on from it."""
    text: str = ""
    text_until: float = float("-inf")
    confident: float | None = None
    """How sure the recogniser is of the text."""
    read: float | None = None
    asked: bool = False
    """Whether a text was asked for in this pause."""
    likely: str | None = None
    hint: TurnHint | None = None
    finished: float | None = None


class TurnMachine:
    """One caller's turns. `tick` for the frames, `hear_text` per transcript; do what they say."""

    def __init__(self, settings: TurnSettings | None = None) -> None:
        self._settings = settings or TurnSettings()
        self._activity = Activity(self._settings.activity)
        self._habit = PauseHabit()
        self._turn: _Turn | None = None
        self._agent = Agent.SILENT
        self._expected = Expected.ANYTHING
        self._language = ENGLISH
        self._last_over: TurnOver | None = None
        self._last_completeness = Completeness.OPEN
        self._last_said = ""

    def __repr__(self) -> str:
        caller = "speaking" if self._activity.speaking else "silent"
        return f"<TurnMachine caller {caller}, agent {self._agent.value}, turn {self._turn}>"

    @property
    def open(self) -> bool:
        """Whether the caller has the word, or may be about to take it."""
        return self._turn is not None

    @property
    def speaking(self) -> bool:
        """Whether the caller's voice is there now."""
        return self._activity.speaking

    @property
    def held(self) -> bool:
        """Whether it is undecided if the caller takes the word from the agent."""
        return self._turn is not None and self._turn.held

    @property
    def last_sound(self) -> float:
        """When the caller was last heard."""
        return self._activity.last_voiced

    @property
    def awaiting_text(self) -> bool:
        """Whether the caller has paused and what was said has not been read yet."""
        turn = self._turn
        return turn is not None and not self._activity.speaking and not self._covered(turn)

    def agent(self, agent: Agent, expected: Expected = Expected.ANYTHING) -> None:
        """The agent now does this, and what it has said by now asks for `expected`."""
        self._agent, self._expected = agent, expected

    def speaks(self, language: str) -> None:
        """What the caller says from now on is in `language`, BCP 47."""
        self._language = spoken_language(language)

    def tick(self, time: float, speech: float, *, frames: int = 1) -> TurnEvents:
        """So many frames, the last at `time`, with the probability that each holds the caller's
        voice."""
        onset = self._activity.hear(time, speech, frames)
        if self._agent is Agent.AWAY:
            return self._let_go()
        if onset or (self._turn is None and self._activity.speaking):
            return self._onset()
        if self._turn is None:
            return ()
        return self._held(self._turn, time) if self._turn.held else self._listen(self._turn, time)

    def hear_text(
        self,
        time: float,
        text: str,
        until: float,
        *,
        hint: TurnHint | None = None,
        confidence: float | None = None,
    ) -> TurnEvents:
        """A transcript of the open segment, of all that was said `until` that time."""
        turn = self._turn
        if turn is None:
            return ()
        believed = self._believed(turn, text, confidence)
        if turn.read is None or believed != turn.text:
            turn.read = time
        turn.text, turn.text_until, turn.confident = believed, until, confidence
        if hint is not None:
            turn.hint = hint
        if turn.held:
            return self._held(turn, time)
        return () if self._activity.speaking else self._listen(turn, time)

    def hear_sound(self, finished: float, until: float) -> None:
        """An acoustic model's probability that what was said `until` then was all."""
        if self._turn is not None and until >= self._activity.last_voiced:
            self._turn.finished = finished

    # --- the caller begins, or goes on ---

    def _onset(self) -> TurnEvents:
        if self._turn is not None:
            return self._go_on(self._turn)
        held = self._agent in (Agent.SPEAKING, Agent.THINKING)
        voiced_from = self._activity.voiced_seconds
        self._turn = _Turn(self._activity.began, held, voiced_from, asked_at_voice=voiced_from)
        onset = Onset(self._activity.began)
        return (onset, Hold()) if held else (onset,)

    def _go_on(self, turn: _Turn) -> TurnEvents:
        if turn.asked and not turn.held:
            self._habit.learn(self._judged(turn), self._activity.pause_before)
        turn.asked = False
        turn.hint = turn.finished = None
        if turn.likely is None:
            return ()
        turn.likely = None
        return (GoesOn(),)

    def _voice(self, turn: _Turn) -> float:
        """Seconds of voice in the turn; what its onset took to be believed counts too."""
        onset = self._settings.activity.onset_seconds
        return self._activity.voiced_seconds - turn.voiced_from + onset

    def _believed(self, turn: _Turn, text: str, confidence: float | None) -> str:
        """`text`, or "" when it is what recognisers make of a noise."""
        if confidence is not None and confidence < self._settings.least_confidence:
            return ""
        utterance = classify(text, voiced_seconds=self._voice(turn), language=self._language)
        return "" if utterance is Utterance.NOISE else text.strip()

    def _judged(self, turn: _Turn) -> Completeness:
        return self._judge(turn).completeness if turn.text else Completeness.OPEN

    # --- while the agent is silent ---

    def _listen(self, turn: _Turn, time: float) -> TurnEvents:
        if self._activity.speaking:
            return ()
        asked = self._ask(turn, time)
        verdict = self._verdict(turn)
        silence = self._activity.silence(time)
        if self._covered(turn) and not turn.text:
            return asked + self._nothing_understood(turn, time, verdict)
        if self._unread_noise(turn, silence):
            return self._dismiss(turn, Utterance.NOISE)
        if silence >= verdict.seconds - 1e-9:
            return asked + self._over(turn, time, verdict)
        return asked + self._likely(turn, silence, verdict)

    def _ask(self, turn: _Turn, time: float) -> TurnEvents:
        silence = self._activity.silence(time)
        if turn.asked or self._activity.speaking or silence < self._settings.text_after - 1e-9:
            return ()
        turn.asked, turn.asked_at_voice = True, self._activity.voiced_seconds
        return (WantText(),)

    def _covered(self, turn: _Turn) -> bool:
        return turn.text_until >= self._activity.last_voiced - self._settings.text_tolerance

    def _verdict(self, turn: _Turn) -> Verdict:
        facts = PauseFacts(self._judgement(turn), turn.hint, turn.finished)
        return endpoint.decide(facts, self._habit, self._settings.endpoint)

    def _judgement(self, turn: _Turn) -> Judgement | None:
        return self._judge(turn) if self._covered(turn) else None

    def _judge(self, turn: _Turn) -> Judgement:
        return judge(self._said(turn), self._expected, self._language)

    def _said(self, turn: _Turn) -> str:
        return f"{turn.before} {turn.text}" if turn.before else turn.text

    def _likely(self, turn: _Turn, silence: float, verdict: Verdict) -> TurnEvents:
        """Once per text: it may be over, so an answer is worth preparing."""
        if not turn.text or turn.likely == turn.text or not self._covered(turn):
            return ()
        fast = verdict.seconds <= self._settings.endpoint.by_text[Completeness.COMPLETE]
        if not fast and silence < verdict.seconds * self._settings.likely_share:
            return ()
        again = turn.likely is not None
        turn.likely = turn.text
        return (GoesOn(), LikelyOver(turn.text)) if again else (LikelyOver(turn.text),)

    def _nothing_understood(self, turn: _Turn, time: float, verdict: Verdict) -> TurnEvents:
        if self._voice(turn) < self._settings.spoken_voice:
            return self._dismiss(turn, Utterance.NOISE)
        if self._activity.silence(time) < verdict.seconds:
            return ()
        return self._over(turn, time, verdict)

    def _unread_noise(self, turn: _Turn, silence: float) -> bool:
        """A sound too short for words that the recogniser has not a word about."""
        brief = not turn.text and self._voice(turn) < self._settings.spoken_voice
        return brief and silence >= self._settings.noise_patience

    def _over(self, turn: _Turn, time: float, verdict: Verdict) -> TurnEvents:
        over = TurnOver(
            text=turn.text,
            covered=self._covered(turn),
            began=turn.began,
            ended=self._activity.last_voiced,
            decided=time,
            votes=verdict.votes,
            read=turn.read,
            goes_on=bool(turn.before),
        )
        self._last_completeness, self._last_said = self._judged(turn), self._said(turn)
        self._last_over, self._turn = over, None
        self._habit.fade()
        return (over,)

    # --- while the agent has the word ---

    def _held(self, turn: _Turn, time: float) -> TurnEvents:
        asked = self._ask(turn, time) or self._ask_in_speech(turn)
        utterance = bargein.judge(self._sound(turn, time), self._settings.bargein)
        match utterance:
            case None:
                return asked
            case Utterance.SPEECH:
                return asked + self._interrupt(turn, time)
            case Utterance.BACKCHANNEL | Utterance.NOISE:
                return asked + self._dismiss(turn, utterance)

    def _sound(self, turn: _Turn, time: float) -> Sound:
        silence = self._activity.silence(time)
        return Sound(
            voiced_seconds=self._voice(turn),
            silence=silence,
            speaking=self._activity.speaking,
            text=turn.text if self._known(turn, silence) else None,
            confident=turn.confident,
            answer_expected=self._expected is Expected.YES_NO,
            language=self._language,
        )

    def _known(self, turn: _Turn, silence: float) -> bool:
        """Whether the text is all there is, or all that can be waited for.

        What a sound begins like is not what it is: the text has to cover it to its end.
        """
        if self._activity.speaking or silence >= self._settings.bargein.patience:
            return bool(turn.text)
        return turn.text_until >= self._activity.last_voiced

    def _ask_in_speech(self, turn: _Turn) -> TurnEvents:
        """In long speech a text is asked for without waiting for a pause, and again later."""
        voiced = self._activity.voiced_seconds
        wanted = turn.asked_at_voice + self._settings.bargein.ask_after_voice
        if not self._activity.speaking or voiced < wanted:
            return ()
        turn.asked_at_voice = voiced
        return (WantText(),)

    def _interrupt(self, turn: _Turn, time: float) -> TurnEvents:
        turn.held = False
        self._regret(turn)
        self._agent = Agent.SILENT
        if self._activity.speaking:
            return (Interrupt(),)
        return (Interrupt(), *self._listen(turn, time))

    def _regret(self, turn: _Turn) -> None:
        """The turn before was cut off if the caller goes on so soon: that pause was one."""
        last = self._last_over
        if last is not None and turn.began - last.decided < self._settings.regret:
            self._habit.learn(self._last_completeness, turn.began - last.ended)
            turn.before = self._last_said

    def _dismiss(self, turn: _Turn, utterance: Utterance) -> TurnEvents:
        self._turn = None
        words = f"only “{turn.text}”" if turn.text else "no words"
        because = f"{words} in {self._voice(turn):.2f} s of voice, agent {self._agent.value}"
        return (Dismiss(utterance, turn.text, because),)

    def _let_go(self) -> TurnEvents:
        """The agent is away: an open turn ends as nothing."""
        if self._turn is None:
            return ()
        return self._dismiss(self._turn, Utterance.NOISE)

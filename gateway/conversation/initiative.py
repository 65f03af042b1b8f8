"""What the agent does of its own accord, without a model: it asks again, stalls, gives up."""

from gateway.conversation.act import Act
from gateway.conversation.company import Stalling
from gateway.conversation.happenings import EarLate, NoInput, Timed
from gateway.conversation.saying import Leaving, Saying, goodbye
from gateway.conversation.standing import Standing
from gateway.conversation.timers import Timers
from gateway.conversation.turn import TurnMachine
from gateway.profile import Unheard


class Initiative:
    """Knows how long the caller has been silent, and how often nobody understood them. Every act
    that is no answer is begun here."""

    def __init__(self, standing: Standing, machine: TurnMachine, timers: Timers[Timed]) -> None:
        self._standing = standing
        self._machine = machine
        self._timers = timers
        self._silences = 0
        self._misheard = 0

    # --- the caller's silence -----------------------------------------------------------------

    def await_input(self) -> None:
        """From now on the caller is silent, unless something is being said or they are away."""
        self._timers.stop(NoInput)
        if self._standing.floor.act is None and not self._standing.on_hold:
            self._timers.start(NoInput(), self._standing.facts.profile.no_input_seconds)

    def caller_begins(self) -> None:
        """The caller may be saying something."""
        self._timers.stop(NoInput)

    def caller_is_there(self) -> None:
        """The caller has said or keyed something."""
        self._silences = 0
        self._timers.stop(NoInput)

    def prompt(self) -> None:
        """The caller is silent: ask for a sign of life, the last time with a goodbye."""
        if self._standing.floor.act is not None:
            return
        if self._machine.open:
            self.await_input()
            return
        phrases = self._standing.phrases.no_input
        phrase = phrases[min(self._silences, len(phrases) - 1)]
        self._silences += 1
        if self._silences >= len(phrases):
            self._perform(self._give_up(phrase))
        else:
            self.say("no_input", phrase)

    def _give_up(self, phrase: str) -> Act:
        match self._standing.facts.profile.no_input_leads_to:
            case Unheard.HANG_UP:
                return goodbye(self._standing.means, phrase)
            case Unheard.PERSON:
                return Leaving(self._standing.means, phrase, "no input")

    # --- what the caller said -----------------------------------------------------------------

    def understood(self) -> None:
        """What the caller said had words."""
        self._misheard = 0

    def not_understood(self) -> None:
        """Speech without a word: ask again, and after some times have a person listen."""
        self._misheard += 1
        if self._misheard > self._standing.facts.profile.no_match_limit:
            self._leave(self._standing.phrases.apology, "not understood")
        else:
            self.say("not_understood", self._standing.phrases.still_there)

    async def interrupted(self) -> None:
        """What was being said is over, and so is what was prepared."""
        floor, record = self._standing.floor, self._standing.means.record
        floor.discard()
        act = await floor.stop()
        self.await_input()
        if act is None:
            return
        if act.turn.interrupted:
            record.interruptions += 1
        if act.finished:
            record.finish()

    # --- what does not go well ----------------------------------------------------------------

    def await_words(self, sound: float) -> None:
        """The recogniser was asked for the caller's words, whose last `sound` was then: they are to
        come soon."""
        means = self._standing.means
        left = means.patience.first_filler - (means.now() - sound)
        self._timers.start(EarLate(sound), max(left, 0.0))

    def stall(self, ear: str, since: float) -> None:
        """The recogniser is slow: the caller, who has finished, must not wait in silence."""
        if self._standing.floor.act is None and self._machine.awaiting_text:
            self._perform(
                Stalling(
                    self._standing.means,
                    ear,
                    since=since,
                    waiting=lambda: self._machine.awaiting_text,
                )
            )

    async def leave(self, reason: str) -> None:
        """Something is broken: say so, and bring the caller to a person."""
        if isinstance(self._standing.floor.act, Leaving):
            return
        self._standing.means.speaking.cut()
        await self.interrupted()
        self._leave(self._standing.phrases.apology, reason)

    def end_for_money(self) -> None:
        """Nothing more can be paid: what is said now was said before, and costs nothing."""
        self._leave(self._standing.phrases.limit_reached, "limit reached", ends=True)

    # --- acts ---------------------------------------------------------------------------------

    def say(self, kind: str, text: str) -> None:
        """Say a phrase; `kind` is for the record. The floor must be free."""
        self._perform(Saying(self._standing.means, kind, text))

    def _leave(self, text: str, reason: str, *, ends: bool = False) -> None:
        self._perform(Leaving(self._standing.means, text, reason, ends=ends))

    def _perform(self, act: Act) -> None:
        self._timers.stop(NoInput)
        self._standing.floor.perform(act)

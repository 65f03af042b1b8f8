"""One call's agent: it greets, listens all the time, answers, acts, and can be interrupted.

Ticks come in through `heard`, which reacts at once where the ear would notice (holding and
cutting our voice). Everything else goes through one bounded queue to `run`, which does one thing
at a time: the act in work is a task of its own that can be cancelled anywhere. What is done for
each event is in the classes that this one puts together.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.call.requests import RequestOutcome
from gateway.conversation.act import Act
from gateway.conversation.asking import CallControl
from gateway.conversation.floor import Floor
from gateway.conversation.happenings import (
    ActOver,
    EarLate,
    EarLost,
    Event,
    HoldChanged,
    Key,
    KeysOver,
    NoInput,
    ProtectionOver,
)
from gateway.conversation.hearing import Hearing
from gateway.conversation.history import History
from gateway.conversation.inbox import DialogueOverrun, Inbox
from gateway.conversation.initiative import Initiative
from gateway.conversation.keeping import Keeping
from gateway.conversation.keyed import KeyedTurns
from gateway.conversation.listening import EndSense, Listening
from gateway.conversation.means import CallFacts, Means, Tongue
from gateway.conversation.mouth import Mouth, Tick
from gateway.conversation.question import Expected, expectation_after, expected_after
from gateway.conversation.record import CallRecord, LanguageChange, Sound
from gateway.conversation.replies import Replies
from gateway.conversation.sessions import Session, Sessions
from gateway.conversation.speaking import Speaking
from gateway.conversation.speech import SpeechMaker
from gateway.conversation.spoken import SpokenTurns
from gateway.conversation.standing import Standing
from gateway.conversation.turn import (
    Dismiss,
    GoesOn,
    Hold,
    Interrupt,
    LikelyOver,
    Onset,
    TurnEvent,
    TurnMachine,
    TurnOver,
    TurnSettings,
    WantText,
)
from gateway.money.purse import Purse, paying
from gateway.providers.base import LanguageModel, SpeechToText
from gateway.providers.resilience.journal import Incident, telling
from gateway.tools.base import Tool
from rtp.gathering import Attention

__all__ = ["CallControl", "CallFacts", "Dialogue", "DialogueOverrun", "DialogueSettings"]


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    """How every conversation behaves; what differs between agents is in the profile.
    `early_start` prepares answers before a turn is certain."""

    turns: TurnSettings = field(default_factory=TurnSettings)
    early_start: bool = True


class Dialogue:
    """`run` returns when the agent is done (the caller is elsewhere, or the call ended); the
    session cancels it when the caller hangs up. Either way no task of it is left.

    `tongues` gives what changes with the language, None for one that cannot be had.
    `purse` pays for all that is asked of providers, and says when no more can be paid.
    `clock` is the one that `Tick.time` counts in. `sense` has a vote on the end of turns. With
    `sessions` the conversation is kept in the store as it changes; `earlier` is one that this
    caller goes on with. `run` raises DialogueOverrun; errors of providers never leave.
    """

    def __init__(
        self,
        facts: CallFacts,
        *,
        mouth: Mouth,
        control: CallControl,
        stt: SpeechToText,
        model: LanguageModel,
        voice: SpeechMaker,
        tools: Mapping[str, Tool],
        record: CallRecord,
        clock: Callable[[], float],
        settings: DialogueSettings | None = None,
        sense: EndSense | None = None,
        sessions: Sessions | None = None,
        earlier: Session | None = None,
        purse: Purse | None = None,
        tongues: Callable[[str], Tongue | None] = lambda language: None,
    ) -> None:
        settings = settings or DialogueSettings()
        self._purse = purse
        self._record = record
        self._clock = clock
        self._began = clock()
        self._tongues = tongues
        self._returned = earlier is not None
        self._asked = ("", Expected.ANYTHING)
        self._tasks = asyncio.TaskGroup()
        self._inbox = Inbox()
        self._mouth = mouth
        self._attention = Attention.EACH
        self._machine = TurnMachine(settings.turns)
        self._machine.speaks(facts.language)
        self._speaking = Speaking(mouth, voice, epoch=self._began)
        self._listening = Listening(
            self._machine,
            stt.rate,
            self._on_turn_event,
            our_words=lambda: self._speaking.utterance.current,
            sense=sense,
        )
        self._means = Means.of(
            facts,
            speaking=self._speaking,
            codec=mouth.codec,
            control=control,
            tools=tools,
            model=model,
            history=History() if earlier is None else earlier.history(),
            record=record,
            tasks=self._tasks,
            now=self._now,
            switch=self._switch,
        )
        post, timers = self._inbox.post, self._inbox.timers
        self._hearing = Hearing(self._means, self._listening, stt, lambda: post(EarLost()))
        self._floor = Floor(self._means, lambda act, failed: post(ActOver(act, failed)))
        self._standing = standing = Standing(self._means, self._floor, purse)
        self._keeping = None if sessions is None else Keeping(sessions, standing)
        self._initiative = initiative = Initiative(standing, self._machine, timers)
        self._replies = replies = Replies(standing, initiative, early_start=settings.early_start)
        self._keyed = KeyedTurns(standing, initiative, replies, self._machine, timers)
        self._spoken = SpokenTurns(standing, initiative, replies, self._keyed, epoch=self._began)

    def __repr__(self) -> str:
        return f"<Dialogue {self._means.facts.call_id} {self._floor} {self._machine}>"

    # --- from the call; never blocks ----------------------------------------------------------

    def heard(self, tick: Tick) -> None:
        """Take what came of the caller, and the truth about what has left."""
        self._speaking.on_tick(tick)
        if self._spoken.release():
            self._inbox.post(ProtectionOver())
        self._machine.agent(self._standing.agent, self._expected())
        self._listening.on_tick(tick, self._speaking.levels)
        self._attend()

    def dtmf(self, digit: str) -> None:
        """The caller pressed a key: possible at any time, and it cuts what is being said where the
        profile lets it."""
        if self._means.asking.away:
            return
        if self._speaking.audible and self._standing.keys_cut:
            self._speaking.cut()
        self._inbox.post(Key(digit))

    def caller_holds(self, *, on: bool) -> None:
        """The caller has put us on hold (what then comes is music), or is back."""
        self._standing.on_hold = on
        if on:
            self._speaking.hold()
        elif not self._machine.held:
            self._speaking.resume()
        self._inbox.post(HoldChanged())

    def _attend(self) -> None:
        """Each frame counts in a pause of the caller's, and while it is undecided who has the word;
        else only that the silence or the speech is broken."""
        if not self._machine.open:
            attention = Attention.BROKEN_SILENCE
        elif self._machine.speaking and not self._machine.held and not self._speaking.audible:
            attention = Attention.BROKEN_SPEECH
        else:
            attention = Attention.EACH
        if attention is not self._attention:
            self._attention = attention
            self._mouth.attend(attention)

    def _on_turn_event(self, event: TurnEvent) -> None:
        """What the ear would notice is done now; the rest waits its turn."""
        match event:
            case Hold():
                self._speaking.hold()
            case Dismiss() if not self._standing.on_hold:
                self._speaking.resume()
            case Interrupt():
                self._speaking.cut()
            case _:
                pass
        self._inbox.post(event)

    def _expected(self) -> Expected:
        """What the agent's words so far ask for; worked out when they change."""
        text = self._speaking.utterance.current
        if text != self._asked[0]:
            language = self._means.facts.language
            self._asked = (text, expected_after(text, language))
            self._keyed.agent_says(text)
            self._listening.expect(expectation_after(text, language))
        return self._asked[1]

    # --- the conversation ---------------------------------------------------------------------

    async def run(self) -> None:
        """Greet at once, then converse until the caller is elsewhere."""
        with paying(self._purse), telling(self):
            await self._run()

    def incident(self, incident: Incident, /) -> None:
        """Journal: something out of the ordinary happened to a provider."""
        self._record.note(incident, self._now())

    async def _run(self) -> None:
        async with self._tasks:
            profile = self._means.facts.profile
            first = profile.phrases.welcome_back if self._returned else profile.greeting
            self._initiative.say("greeting", first)
            # the ear comes after: to connect one takes longer than to begin the greeting
            helpers = [self._tasks.create_task(self._hearing.run())]
            if self._keeping is not None:
                helpers.append(self._tasks.create_task(self._keeping.run()))
            self._keep()
            try:
                await self._converse()
            finally:
                self._end()
            for helper in helpers:
                helper.cancel()

    def _end(self) -> None:
        """Write down what a caller who hangs up has heard, and let nothing happen any more."""
        self._inbox.timers.stop_all()
        self._floor.discard()
        self._floor.free(interrupted=True)
        if self._record.asked and self._record.asked[-1].outcome == RequestOutcome.DONE.value:
            self._record.finish()
        self._keep()

    async def _converse(self) -> None:
        while self._record.end is None:
            await self._take(await self._inbox.next())
            self._keep()

    def _keep(self) -> None:
        if self._keeping is not None:
            self._keeping.note()

    async def _take(self, event: Event) -> None:
        match event:
            case ActOver(act, failed):
                if act is self._floor.act:
                    await self._act_over(act, failed=failed)
            case EarLost():
                await self._initiative.leave("speech recognition failed")
            case EarLate(since):
                self._initiative.stall(self._hearing.name, since)
            case NoInput():
                self._initiative.prompt()
            case HoldChanged():
                self._initiative.await_input()
            case ProtectionOver():
                await self._spoken.protection_over()
            case Key(digit):
                await self._keyed.press(digit)
            case KeysOver():
                await self._keyed.over()
            case _:
                await self._take_turn_event(event)

    async def _take_turn_event(self, event: TurnEvent) -> None:
        match event:
            case Onset():
                self._initiative.caller_begins()
            case LikelyOver(text):
                self._replies.prepare(text)
            case GoesOn():
                self._floor.discard()
            case Dismiss(utterance, text, because):
                self._floor.discard()
                self._record.add(Sound(utterance.value, text, self._now(), because))
                self._initiative.await_input()
            case Interrupt():
                await self._initiative.interrupted()
            case TurnOver():
                await self._spoken.over(event)
            case WantText():
                self._initiative.await_words(self._machine.last_sound - self._began)
            case Hold():
                pass

    async def _act_over(self, act: Act, *, failed: bool) -> None:
        self._floor.free()
        if act.finished:
            self._record.finish()
        elif failed:
            await self._initiative.leave("a provider failed")
        elif self._standing.spent:
            self._initiative.end_for_money()
        elif not await self._spoken.reply_to_postponed():
            self._initiative.await_input()

    def _switch(self, language: str) -> bool:
        """Go on in another language from the next word on, if that can be done."""
        if (tongue := self._tongues(language)) is None:
            return False
        before = self._means.facts.language
        self._means.speak(tongue)
        self._machine.speaks(tongue.facts.language)
        self._hearing.switch(tongue.stt)
        self._record.add(LanguageChange(before, tongue.facts.language, self._now()))
        return True

    def _now(self) -> float:
        """Seconds since the conversation began."""
        return self._clock() - self._began

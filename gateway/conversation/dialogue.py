"""One call's agent: it greets, listens all the time, answers, acts, and can be interrupted.

Frames come in through `heard`, which reacts at once where the ear would notice (holding and
cutting our voice). Everything else goes through one bounded queue to `run`, which does one thing
at a time: the act in work is a task of its own that can be cancelled anywhere.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from gateway.call.requests import RequestOutcome
from gateway.conversation.act import Act
from gateway.conversation.answer import Answer
from gateway.conversation.asking import Asking, CallControl
from gateway.conversation.company import Stalling
from gateway.conversation.floor import Floor
from gateway.conversation.history import History
from gateway.conversation.keys import KeyEntry
from gateway.conversation.listening import EndSense, Listening
from gateway.conversation.masking import Mask, asks_for_secret
from gateway.conversation.means import CallFacts, Means, sound_of_work
from gateway.conversation.mouth import Frame, Mouth
from gateway.conversation.question import Expected, expectation_after, expected_after
from gateway.conversation.record import CallerTurn, CallRecord, Sound
from gateway.conversation.saying import Leaving, Saying, goodbye
from gateway.conversation.sessions import Keeper, Session, Sessions
from gateway.conversation.speaking import Speaking
from gateway.conversation.speech import SpeechMaker
from gateway.conversation.timers import Timers
from gateway.conversation.toolbox import Toolbox
from gateway.conversation.turn import (
    Agent,
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
from gateway.conversation.waiting import Patience, Rotation
from gateway.errors import GatewayError, ProviderError
from gateway.money.purse import Purse, paying
from gateway.providers.base import LanguageModel, SpeechToText
from gateway.providers.resilience.journal import Incident, telling
from gateway.tools.base import Tool

__all__ = ["CallControl", "CallFacts", "Dialogue", "DialogueOverrun", "DialogueSettings"]

MOST_EVENTS = 256


class DialogueOverrun(GatewayError):
    """More events waited than a conversation can have: it does not keep up with its call."""


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    """How the conversation behaves. `early_start` prepares answers before a turn is certain."""

    turns: TurnSettings = field(default_factory=TurnSettings)
    patience: Patience = field(default_factory=Patience)
    early_start: bool = True
    inter_digit_seconds: float = 2.5
    resumable_seconds: float = 0.0
    """So long after a call its caller can go on with the conversation (0: never)."""
    terminator: str = "#"


@dataclass(frozen=True, slots=True)
class _ActOver:
    """An act came to its end by itself; `failed` when a provider was the reason."""

    act: Act
    failed: bool


@dataclass(frozen=True, slots=True)
class _EarLost:
    """The recogniser is gone for good."""


@dataclass(frozen=True, slots=True)
class _NoInput:
    """The caller has said nothing for as long as the profile bears it."""


@dataclass(frozen=True, slots=True)
class _EarLate:
    """The caller's words were asked for `since` and should have come."""

    since: float


@dataclass(frozen=True, slots=True)
class _Key:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class _KeysOver:
    """No further key was pressed."""


Event: TypeAlias = TurnEvent | _ActOver | _EarLost | _EarLate | _NoInput | _Key | _KeysOver


class Dialogue:
    """`run` returns when the agent is done (the caller is elsewhere, or the call ended); the
    session cancels it when the caller hangs up. Either way no task of it is left.

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
    ) -> None:
        self._facts = facts
        self._purse = purse
        self._phrases = facts.profile.phrases
        self._record = record
        self._settings = settings or DialogueSettings()
        self._clock = clock
        self._began = clock()
        self._stt = stt
        self._machine = TurnMachine(self._settings.turns)
        self._speaking = Speaking(mouth, voice, epoch=self._began)
        self._listening = Listening(
            self._machine,
            stt,
            self._on_turn_event,
            our_words=lambda: self._speaking.utterance.current,
            sense=sense,
        )
        self._tasks = asyncio.TaskGroup()
        self._history = History() if earlier is None else earlier.history()
        self._means = Means(
            facts=facts,
            speaking=self._speaking,
            asking=Asking(
                control,
                self._speaking,
                record,
                codec=mouth.codec,
                language=facts.language,
                now=self._now,
            ),
            toolbox=Toolbox(tools, facts.for_tools),
            model=model,
            history=self._history,
            record=record,
            fillers=Rotation(self._phrases.fillers),
            patience=self._settings.patience,
            working=sound_of_work(mouth.codec),
            tasks=self._tasks,
            now=self._now,
        )
        self._keeper: Keeper | None = None
        if sessions is not None:
            resumable = self._settings.resumable_seconds
            self._keeper = Keeper(sessions, self._session, resumable_seconds=resumable)
        self._kept_revision = 0
        self._floor = Floor(self._means, lambda act, failed: self._post(_ActOver(act, failed)))
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        self._overrun = False
        self._timers: Timers[_EarLate | _NoInput | _KeysOver] = Timers(self._post)
        self._keys = KeyEntry(self._settings.terminator)
        self._waiting_turn: TurnOver | None = None
        self._mask = Mask()
        self._silences = 0
        self._misheard = 0
        self._asked = ("", Expected.ANYTHING)

    def __repr__(self) -> str:
        return f"<Dialogue {self._facts.call_id} {self._floor} {self._machine}>"

    # --- from the call; never blocks ----------------------------------------------------------

    def heard(self, frame: Frame) -> None:
        """Take 20 ms of the caller, and the truth about what has left."""
        self._speaking.on_frame(frame)
        self._machine.agent(self._agent(), self._expected())
        self._listening.on_frame(frame, self._speaking.level)

    def dtmf(self, digit: str) -> None:
        """The caller pressed a key: possible at any time, and it cuts what is being said."""
        if self._means.asking.away:
            return
        if self._speaking.audible and not self._protected:
            self._speaking.cut()
        self._post(_Key(digit))

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
            helpers = [self._tasks.create_task(self._listen())]
            if self._keeper is not None:
                helpers.append(self._tasks.create_task(self._keeper.run()))
            self._perform(Saying(self._means, "greeting", self._facts.profile.greeting))
            try:
                await self._converse()
            finally:
                self._end()
            for helper in helpers:
                helper.cancel()

    def _end(self) -> None:
        """Write down what a caller who hangs up has heard, and let nothing happen any more."""
        self._timers.stop_all()
        self._floor.discard()
        self._floor.free(interrupted=True)
        if self._record.asked and self._record.asked[-1].outcome == RequestOutcome.DONE.value:
            self._record.finish()
        self._keep()

    async def _converse(self) -> None:
        while self._record.end is None:
            event = await self._events.get()
            if self._overrun:
                raise DialogueOverrun(f"more than {MOST_EVENTS} events waited")
            await self._take(event)
            self._keep()

    def _keep(self) -> None:
        """Have the store know what has changed."""
        if self._keeper is not None and self._history.revision != self._kept_revision:
            self._kept_revision = self._history.revision
            self._keeper.note()

    def _session(self) -> Session:
        facts = self._facts
        return Session(
            facts.call_id,
            facts.caller_number,
            facts.profile.name,
            facts.language,
            tuple(replace(m, text=self._mask.hide(m.text)) for m in self._history.messages),
            {key: self._mask.hide_in(value) for key, value in self._history.state.items()},
        )

    async def _listen(self) -> None:
        try:
            await self._listening.run(self._facts.language, tuple(self._facts.profile.people))
        except* ProviderError as lost:
            self._record.note_failures(lost)
            self._post(_EarLost())

    async def _take(self, event: Event) -> None:
        match event:
            case _ActOver(act, failed):
                if act is self._floor.act:
                    await self._act_over(act, failed=failed)
            case _EarLost():
                await self._leave("speech recognition failed")
            case _EarLate(since):
                self._stall(since)
            case _NoInput():
                self._prompt()
            case _Key(digit):
                await self._key(digit)
            case _KeysOver():
                await self._keyed()
            case _:
                await self._take_turn_event(event)

    async def _take_turn_event(self, event: TurnEvent) -> None:
        match event:
            case Onset():
                self._timers.stop(_NoInput)
            case LikelyOver(text):
                if self._settings.early_start and not self._spent:
                    self._floor.prepare(self._answer(text, early=True))
            case GoesOn():
                self._floor.discard()
            case Dismiss(utterance, text):
                self._floor.discard()
                self._record.add(Sound(utterance.value, text, self._now()))
                self._await_input()
            case Interrupt():
                await self._interrupted()
            case TurnOver():
                await self._turn_over(event)
            case WantText():
                self._timers.start(_EarLate(self._now()), self._settings.patience.first_filler)
            case Hold():
                pass

    # --- the caller's turns -------------------------------------------------------------------

    def _on_turn_event(self, event: TurnEvent) -> None:
        """What the ear would notice is done now; the rest waits its turn."""
        match event:
            case Hold():
                self._speaking.hold()
            case Dismiss():
                self._speaking.resume()
            case Interrupt():
                self._speaking.cut()
            case _:
                pass
        self._post(event)

    async def _interrupted(self) -> None:
        self._floor.discard()
        act = await self._floor.stop()
        self._await_input()
        if act is None:
            return
        if act.turn.interrupted:
            self._record.interruptions += 1
        if act.finished:
            self._record.finish()

    async def _turn_over(self, turn: TurnOver) -> None:
        self._silences = 0
        self._timers.stop(_NoInput)
        if self._protected:
            self._waiting_turn = turn
            return
        await self._floor.stop()
        keyed = self._keys.take()
        self._timers.stop(_KeysOver)
        text = f"{turn.text} {keyed}".strip()
        began, ended, decided = (t - self._began for t in (turn.began, turn.ended, turn.decided))
        self._record.add(CallerTurn(text, began, ended, decided, turn.votes))
        self._reply(text, speech_end=ended, decided=decided)

    def _reply(self, text: str, *, speech_end: float | None, decided: float) -> None:
        if not text:
            self._not_understood()
            return
        self._misheard = 0
        self._history.caller_said(text)
        answer = self._floor.adopt(text)
        if answer is None and self._spent:
            self._end_for_money()
            return
        if answer is None:
            answer = self._answer(text, early=False)
            self._floor.perform(answer)
        answer.turn.stages.speech_end = speech_end
        answer.turn.stages.decided = decided

    def _not_understood(self) -> None:
        """Speech without a word: ask again, and after some times have a person listen."""
        self._misheard += 1
        if self._misheard > self._facts.profile.no_match_limit:
            self._perform(Leaving(self._means, self._phrases.apology, "not understood"))
        else:
            self._perform(Saying(self._means, "not_understood", self._phrases.still_there))

    def _answer(self, text: str, *, early: bool) -> Answer:
        messages = self._history.with_caller(text) if early else self._history.messages
        return Answer(self._means, text, messages, early=early)

    # --- keys -----------------------------------------------------------------------------------

    async def _key(self, digit: str) -> None:
        self._silences = 0
        self._timers.stop(_NoInput)
        if not self._protected:
            await self._interrupted()
        if self._keys.press(digit):
            await self._keyed()
        else:
            self._timers.start(_KeysOver(), self._settings.inter_digit_seconds)

    async def _keyed(self) -> None:
        """The entry is complete; while the caller also speaks it waits for the words."""
        self._timers.stop(_KeysOver)
        if self._machine.open or self._protected:
            self._timers.start(_KeysOver(), self._settings.inter_digit_seconds)
            return
        if digits := self._keys.take():
            if asks_for_secret(self._speaking.utterance.current):
                self._mask.learn(digits)
            await self._floor.stop()
            now = self._now()
            self._record.add(CallerTurn(self._mask.hide(digits), now, now, now, keyed=True))
            self._reply(digits, speech_end=None, decided=now)

    # --- the agent's acts -----------------------------------------------------------------------

    def _perform(self, act: Act) -> None:
        self._timers.stop(_NoInput)
        self._floor.perform(act)

    async def _act_over(self, act: Act, *, failed: bool) -> None:
        self._floor.free()
        if act.finished:
            self._record.finish()
        elif failed:
            await self._leave("a provider failed")
        elif self._spent:
            self._end_for_money()
        elif self._waiting_turn is not None:
            turn, self._waiting_turn = self._waiting_turn, None
            await self._turn_over(turn)
        else:
            self._await_input()

    def _end_for_money(self) -> None:
        """Nothing more can be paid: what is said now was said before, and costs nothing."""
        words = self._phrases.limit_reached
        self._perform(Leaving(self._means, words, "limit reached", ends=True))

    async def _leave(self, reason: str) -> None:
        """Something is broken: say so, and bring the caller to a person."""
        if isinstance(self._floor.act, Leaving):
            return
        self._speaking.cut()
        await self._interrupted()
        self._perform(Leaving(self._means, self._phrases.apology, reason))

    def _stall(self, since: float) -> None:
        """The recogniser is slow: the caller, who has finished, must not wait in silence."""
        if self._floor.act is None and self._machine.awaiting_text:
            ear, waiting = self._stt.name, lambda: self._machine.awaiting_text
            self._perform(Stalling(self._means, ear, since=since, waiting=waiting))

    def _await_input(self) -> None:
        if self._floor.act is None:
            self._timers.start(_NoInput(), self._facts.profile.no_input_seconds)

    def _prompt(self) -> None:
        """The caller is silent: ask for a sign of life, the last time with a goodbye."""
        if self._floor.act is not None:
            return
        if self._machine.open:
            self._await_input()
            return
        phrases = self._phrases.no_input
        phrase = phrases[min(self._silences, len(phrases) - 1)]
        self._silences += 1
        if self._silences >= len(phrases):
            self._perform(goodbye(self._means, phrase))
        else:
            self._perform(Saying(self._means, "no_input", phrase))

    # --- how things stand -----------------------------------------------------------------------

    @property
    def _protected(self) -> bool:
        return self._floor.act is not None and self._floor.act.protected

    @property
    def _spent(self) -> bool:
        return self._purse is not None and self._purse.spent

    def _agent(self) -> Agent:
        if self._means.asking.away:
            return Agent.AWAY
        if self._protected:
            return Agent.PROTECTED
        if self._speaking.audible:
            return Agent.SPEAKING
        return Agent.SILENT if self._floor.act is None else Agent.THINKING

    def _expected(self) -> Expected:
        """What the agent's words so far ask for; worked out when they change."""
        text = self._speaking.utterance.current
        if text != self._asked[0]:
            self._asked = (text, expected_after(text))
            self._listening.expect(expectation_after(text))
        return self._asked[1]

    def _now(self) -> float:
        """Seconds since the conversation began."""
        return self._clock() - self._began

    # --- events and timers ----------------------------------------------------------------------

    def _post(self, event: Event) -> None:
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True

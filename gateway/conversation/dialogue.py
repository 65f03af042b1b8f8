"""One call's agent: it greets, listens all the time, answers, acts, and can be interrupted.

Frames come in through `heard`, which reacts at once where the ear would notice (holding and
cutting our voice). Everything else goes through one bounded queue to `run`, which does one thing
at a time: the act in work is a task of its own that can be cancelled anywhere.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gateway.call.requests import RequestOutcome
from gateway.conversation.act import Act
from gateway.conversation.answer import Answer
from gateway.conversation.asking import Asking, CallControl
from gateway.conversation.backchannel import Utterance, classify
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.company import Stalling
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
from gateway.conversation.history import History
from gateway.conversation.keypad import Keypad
from gateway.conversation.listening import EndSense, Listening
from gateway.conversation.means import CallFacts, Means, Tongue
from gateway.conversation.mouth import Frame, Mouth
from gateway.conversation.prompts import backdrop
from gateway.conversation.question import Expected, expectation_after, expected_after
from gateway.conversation.record import CallerTurn, CallRecord, LanguageChange, Sound, Stages
from gateway.conversation.saying import Leaving, Saying, goodbye
from gateway.conversation.sessions import Keeper, Session, Sessions, masked
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
from gateway.profile import Phrases, Unheard
from gateway.providers.base import LanguageModel, SpeechToText
from gateway.providers.resilience.journal import Incident, telling
from gateway.tools.base import Tool

__all__ = ["CallControl", "CallFacts", "Dialogue", "DialogueOverrun", "DialogueSettings"]

MOST_EVENTS = 256


class DialogueOverrun(GatewayError):
    """More events waited than a conversation can have: it does not keep up with its call."""


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
        self._purse = purse
        self._record = record
        self._settings = settings or DialogueSettings()
        self._clock = clock
        self._began = clock()
        self._stt = stt
        self._tongues = tongues
        self._other_ear = asyncio.Event()
        """The call goes on in another language: the recogniser is to be opened anew."""
        self._machine = TurnMachine(self._settings.turns)
        self._speaking = Speaking(mouth, voice, epoch=self._began)
        self._listening = Listening(
            self._machine,
            stt.rate,
            self._on_turn_event,
            our_words=lambda: self._speaking.utterance.current,
            sense=sense,
        )
        profile = facts.profile
        working = backdrop(profile.waiting.sound, mouth.codec, facts.language)
        self._tasks = asyncio.TaskGroup()
        self._returned = earlier is not None
        self._history = History() if earlier is None else earlier.history()
        self._means = Means(
            facts=facts,
            speaking=self._speaking,
            asking=Asking(
                control,
                self._speaking,
                record,
                ringing=backdrop(profile.waiting.transfer, mouth.codec, facts.language),
                now=self._now,
            ),
            toolbox=Toolbox(tools, facts.for_tools),
            model=model,
            history=self._history,
            record=record,
            fillers=Rotation(profile.phrases.fillers),
            patience=Patience.of(profile.waiting),
            working=None if working is None else Backdrop(working),
            tasks=self._tasks,
            now=self._now,
            switch=self._switch,
        )
        self._keeper: Keeper | None = None
        if sessions is not None:
            self._keeper = Keeper(sessions, self._session, resumable_seconds=profile.resume_seconds)
        self._kept = (0, "")
        self._floor = Floor(self._means, lambda act, failed: self._post(ActOver(act, failed)))
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        self._overrun = False
        self._timers: Timers[EarLate | NoInput | KeysOver] = Timers(self._post)
        secret = [slot.ask for i in profile.intents for slot in i.slots if slot.secret]
        self._keypad = Keypad(profile.keys, secret, record.mask)
        self._waiting_turn: TurnOver | None = None
        self._released = False
        """Whether the turn that waited was told to go on."""
        self._silences = 0
        self._misheard = 0
        self._on_hold = False
        self._asked = ("", Expected.ANYTHING)

    def __repr__(self) -> str:
        return f"<Dialogue {self._facts.call_id} {self._floor} {self._machine}>"

    # --- from the call; never blocks ----------------------------------------------------------

    def heard(self, frame: Frame) -> None:
        """Take 20 ms of the caller, and the truth about what has left."""
        self._speaking.on_frame(frame)
        if self._waiting_turn is not None and not self._released and not self._protected:
            self._released = True
            self._post(ProtectionOver())
        self._machine.agent(self._agent(), self._expected())
        self._listening.on_frame(frame, self._speaking.level)

    def dtmf(self, digit: str) -> None:
        """The caller pressed a key: possible at any time, and it cuts what is being said where the
        profile lets it."""
        if self._means.asking.away:
            return
        if self._speaking.audible and self._keys_cut:
            self._speaking.cut()
        self._post(Key(digit))

    def caller_holds(self, *, on: bool) -> None:
        """The caller has put us on hold (what then comes is music), or is back."""
        self._on_hold = on
        if on:
            self._speaking.hold()
        elif not self._machine.held:
            self._speaking.resume()
        self._post(HoldChanged())

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
            first = self._phrases.welcome_back if self._returned else self._facts.profile.greeting
            self._perform(Saying(self._means, "greeting", first))
            self._keep()
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
        stands = (self._history.revision, self._standing)
        if self._keeper is not None and stands != self._kept:
            self._kept = stands
            self._keeper.note()

    def _session(self) -> Session:
        facts, mask = self._facts, self._record.mask
        return Session(
            facts.call_id,
            facts.caller_number,
            facts.profile.name,
            facts.language,
            masked(self._history.messages, mask),
            {key: mask.hide_in(value) for key, value in self._history.state.items()},
            facts.began,
            self._standing,
            self._record.to_json(),
        )

    @property
    def _standing(self) -> str:
        """What is going on, in a word or two."""
        if self._record.end is not None:
            return f"over: {self._record.end}"
        if self._on_hold:
            return "on hold"
        if self._means.asking.away and self._record.asked:
            return f"{self._record.asked[-1].request} {self._record.asked[-1].target}".strip()
        return "listening" if self._floor.act is None else self._floor.act.turn.kind

    async def _listen(self) -> None:
        """Listen in the language of the moment until cancelled, or until the recogniser is lost."""
        try:
            while True:
                facts, self._other_ear = self._facts, asyncio.Event()
                async with asyncio.TaskGroup() as tasks:
                    words = tuple(facts.profile.people)
                    hearing = tasks.create_task(
                        self._listening.run(self._stt, facts.language, words)
                    )
                    await self._other_ear.wait()
                    hearing.cancel()
        except* ProviderError as lost:
            self._record.note_failures(lost)
            self._post(EarLost())

    def _switch(self, language: str) -> bool:
        """Go on in another language from the next word on, if that can be done."""
        means, before = self._means, self._facts.language
        if (tongue := self._tongues(language)) is None:
            return False
        means.facts = tongue.facts
        means.toolbox = Toolbox(tongue.tools, tongue.facts.for_tools)
        means.fillers = Rotation(self._phrases.fillers)
        self._speaking.speak_as(tongue.voice)
        self._stt = tongue.stt
        self._other_ear.set()
        self._record.add(LanguageChange(before, tongue.facts.language, self._now()))
        return True

    async def _take(self, event: Event) -> None:
        match event:
            case ActOver(act, failed):
                if act is self._floor.act:
                    await self._act_over(act, failed=failed)
            case EarLost():
                await self._leave("speech recognition failed")
            case EarLate(since):
                self._stall(since)
            case NoInput():
                self._prompt()
            case HoldChanged():
                self._await_input()
            case ProtectionOver():
                await self._protection_over()
            case Key(digit):
                await self._key(digit)
            case KeysOver():
                await self._keyed()
            case _:
                await self._take_turn_event(event)

    async def _take_turn_event(self, event: TurnEvent) -> None:
        match event:
            case Onset():
                self._timers.stop(NoInput)
            case LikelyOver(text):
                if self._settings.early_start and not self._spent and not self._protected:
                    self._floor.prepare(self._answer(text, early=True))
            case GoesOn():
                self._floor.discard()
            case Dismiss(utterance, text, because):
                self._floor.discard()
                self._record.add(Sound(utterance.value, text, self._now(), because))
                self._await_input()
            case Interrupt():
                await self._interrupted()
            case TurnOver():
                await self._turn_over(event)
            case WantText():
                self._timers.start(EarLate(self._now()), self._means.patience.first_filler)
            case Hold():
                pass

    # --- the caller's turns -------------------------------------------------------------------

    def _on_turn_event(self, event: TurnEvent) -> None:
        """What the ear would notice is done now; the rest waits its turn."""
        match event:
            case Hold():
                self._speaking.hold()
            case Dismiss() if not self._on_hold:
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
        self._timers.stop(NoInput)
        if self._protected:
            self._after_protection(turn)
            return
        await self._floor.stop()
        self._timers.stop(KeysOver)
        began, ended, decided = (t - self._began for t in (turn.began, turn.ended, turn.decided))
        text = self._keypad.take_with(turn.text, began)
        hidden = self._record.mask.hide(text)
        self._record.add(CallerTurn(hidden, began, ended, decided, turn.votes))
        read = None if turn.read is None else turn.read - self._began
        self._reply(text, Stages(speech_end=ended, transcript=read, decided=decided))

    def _after_protection(self, turn: TurnOver) -> None:
        """What was said meanwhile waits; a mere sign of listening is none."""
        waiting = self._waiting_turn
        if waiting is not None:
            whole = f"{waiting.text} {turn.text}".strip()
            self._waiting_turn = replace(turn, text=whole, began=waiting.began)
        elif classify(turn.text, voiced_seconds=turn.ended - turn.began) is Utterance.SPEECH:
            self._waiting_turn = turn
        else:
            because = "a sign of listening to what nobody can interrupt"
            self._record.add(Sound(Utterance.BACKCHANNEL.value, turn.text, self._now(), because))

    async def _protection_over(self) -> None:
        """The rest of what is being said gives way to the turn that waited."""
        self._released = False
        if self._waiting_turn is not None and not self._protected:
            turn, self._waiting_turn = self._waiting_turn, None
            self._speaking.cut()
            await self._turn_over(turn)

    def _reply(self, text: str, stages: Stages) -> None:
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
        answer.turn.stages.speech_end = stages.speech_end
        answer.turn.stages.transcript = stages.transcript
        answer.turn.stages.decided = stages.decided

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
        self._timers.stop(NoInput)
        if self._keys_cut:
            await self._interrupted()
        if self._keypad.press(digit, self._now()):
            await self._keyed()
        else:
            self._await_keys()

    async def _keyed(self) -> None:
        """The entry is complete; while the caller also speaks it waits for the words, and for
        whatever keys must not cut."""
        self._timers.stop(KeysOver)
        if self._machine.open or not (self._keys_cut or self._floor.act is None):
            self._await_keys()
            return
        if digits := self._keypad.take():
            await self._floor.stop()
            now = self._now()
            hidden = self._record.mask.hide(digits)
            self._record.add(CallerTurn(hidden, now, now, now, keyed=True))
            self._reply(digits, Stages(decided=now))
        else:
            self._await_input()

    def _await_keys(self) -> None:
        self._timers.start(KeysOver(), self._facts.profile.keys.inter_digit_seconds)

    @property
    def _keys_cut(self) -> bool:
        """Whether a key stops what is being said."""
        return self._facts.profile.keys.cut_through and not self._protected

    # --- the agent's acts -----------------------------------------------------------------------

    def _perform(self, act: Act) -> None:
        self._timers.stop(NoInput)
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
        self._timers.stop(NoInput)
        if self._floor.act is None and not self._on_hold:
            self._timers.start(NoInput(), self._facts.profile.no_input_seconds)

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
            self._perform(self._give_up(phrase))
        else:
            self._perform(Saying(self._means, "no_input", phrase))

    def _give_up(self, phrase: str) -> Act:
        match self._facts.profile.no_input_leads_to:
            case Unheard.HANG_UP:
                return goodbye(self._means, phrase)
            case Unheard.PERSON:
                return Leaving(self._means, phrase, "no input")

    # --- how things stand -----------------------------------------------------------------------

    @property
    def _facts(self) -> CallFacts:
        return self._means.facts

    @property
    def _phrases(self) -> Phrases:
        return self._means.facts.profile.phrases

    @property
    def _protected(self) -> bool:
        return self._floor.act is not None and self._floor.act.protected

    @property
    def _spent(self) -> bool:
        return self._purse is not None and self._purse.spent

    def _agent(self) -> Agent:
        if self._means.asking.away or self._on_hold:
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
            self._keypad.agent_says(text)
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

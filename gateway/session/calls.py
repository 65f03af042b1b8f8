"""One call with its I/O: events in, the machine's commands out, one task that owns it all.

The machine decides, this module obeys. A call's events are worked off one after the other, and
a command is finished before the next begins (all of a SetUp's steps are), so a Release always
comes after everything it has to undo. A crash inside a call is that call's own: the caller goes on
in the dialplan.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from gateway.call.commands import (
    ChooseAgent,
    Command,
    Continue,
    Dial,
    OpenLeg,
    Release,
    Report,
    SetUp,
    StartConversation,
    Step,
    StopConversation,
)
from gateway.call.events import (
    CallEvent,
    CommandFailed,
    ConversationEnd,
    ConversationOver,
    DialExpired,
    Evicted,
    Requested,
)
from gateway.call.machine import CallMachine, CallState
from gateway.call.requests import CallRequest, RequestOutcome
from gateway.errors import GatewayError
from gateway.session.hands import Hands
from rtp.codec import Codec
from rtp.engine import Leg, MediaEngine, Tick
from rtp.errors import MediaPlaneError
from rtp.statistics import LegStatistics

MOST_EVENTS = 256
"""Events of one call that may wait; one more ends the call with an error."""
DIAL_GRACE = 5.0
"""Seconds after a dial's own timeout before we no longer wait for Asterisk to tell its end."""

log = structlog.get_logger()


class Conversation(Protocol):
    """What the agent does with the caller: `gateway.conversation.dialogue.Dialogue` is one."""

    async def run(self) -> None: ...
    def heard(self, tick: Tick, /) -> None: ...
    def dtmf(self, digit: str, /) -> None: ...
    def caller_holds(self, *, on: bool) -> None: ...


class Control(Protocol):
    """What the conversation may ask of its call."""

    async def request(self, request: CallRequest, /) -> RequestOutcome: ...


class Agent(Protocol):
    """Who answers this call. `listen_rate` is the sample rate its speech recognition wants."""

    @property
    def listen_rate(self) -> int: ...

    def converse(self, mouth: Leg, control: Control) -> Conversation: ...

    def ended(self, reason: str, media: LegStatistics | None) -> None:
        """The call is over, why, and how its media went."""
        ...


@dataclass(frozen=True, slots=True)
class Equipment:
    """What all calls work with. `longest` bounds a call with the agent, in seconds."""

    hands: Hands
    engine: MediaEngine
    codec: Codec
    longest: float


class CallSession:
    """One call from StasisStart to Release. `run` returns when nothing of the call is left.

    Cancelling `run` leaves the call as it is in Asterisk (the gateway is going away).
    """

    def __init__(
        self,
        machine: CallMachine,
        shared: Equipment,
        choose_agent: Callable[[], Awaitable[Agent]],
    ) -> None:
        self.machine = machine
        self.end_reason: str | None = None
        self._shared = shared
        self._choose_agent = choose_agent
        self._inbox: asyncio.Queue[CallEvent] = asyncio.Queue(MOST_EVENTS)
        self._timers: list[asyncio.TimerHandle] = []
        self._agent: Agent | None = None
        self._leg: Leg | None = None
        self._media: LegStatistics | None = None
        self._dialogue: Conversation | None = None
        self._conversation: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[RequestOutcome] | None = None

    def __repr__(self) -> str:
        return f"<CallSession {self.machine.ids.call} {self.machine.state.value}>"

    @property
    def leg(self) -> Leg | None:
        """The call's row of the media plane, while the agent is with the caller."""
        return self._leg

    # --- from outside -------------------------------------------------------------------------

    def post(self, event: CallEvent) -> None:
        """Tell the call what happened. Never blocks; too many waiting events end the call."""
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            log.error("call_events_overflowed", call=self.machine.ids.call)
            while not self._inbox.empty():
                self._inbox.get_nowait()
            self._inbox.put_nowait(Evicted("events overflowed"))

    def dtmf(self, digit: str) -> None:
        """A digit the caller pressed."""
        if self._dialogue is not None:
            self._dialogue.dtmf(digit)

    def hold(self, *, on: bool) -> None:
        """The caller put us on hold, or is back."""
        if self._dialogue is not None:
            self._dialogue.caller_holds(on=on)

    async def request(self, request: CallRequest) -> RequestOutcome:
        """CallControl: what the conversation asks of its call, answered when it is settled."""
        self._answer = asyncio.get_running_loop().create_future()
        self.post(Requested(request))
        try:
            return await self._answer
        finally:
            self._answer = None

    # --- the call's own task ------------------------------------------------------------------

    async def run(self, first: CallEvent | None) -> None:
        """Work until the Release is done. An adopted call has no `first` event."""
        if first is not None:
            self.post(first)
        self._later(self._shared.longest, Evicted("call too long"))
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._work(tasks)
        finally:
            for timer in self._timers:
                timer.cancel()
            self._close_leg()
            if self._agent is not None:
                self._agent.ended(self.end_reason or "gateway stopped", self._media)

    async def _work(self, tasks: asyncio.TaskGroup) -> None:
        while self.machine.state is not CallState.ENDED:
            results = deque([await self._inbox.get()])
            while results:
                for command in self.machine.handle(results.popleft()):
                    results.extend(await self._obey(command, tasks))

    async def _obey(self, command: Command, tasks: asyncio.TaskGroup) -> list[CallEvent]:
        """What became of it. A step that crashes leaves the others their time: what they make in
        Asterisk is there before it is cleared away."""
        if not isinstance(command, SetUp):
            result = await self._carry_out(command, tasks)
            return [] if result is None else [result]
        steps = (self._carry_out(step, tasks) for step in command.steps)
        results: list[CallEvent] = []
        for done in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(done, BaseException):
                raise done
            if done is not None:
                results.append(done)
        return results

    async def _carry_out(self, command: Step, tasks: asyncio.TaskGroup) -> CallEvent | None:
        match command:
            case ChooseAgent():
                return await self._choose(command)
            case OpenLeg():
                return self._open_leg(command)
            case StartConversation():
                if self._dialogue is not None:
                    self._conversation = tasks.create_task(self._converse(self._dialogue))
                return None
            case StopConversation():
                await self._stop_conversation()
                return None
            case Report(outcome):
                await self._report(outcome)
                return None
            case Release(reason=reason):
                self.end_reason = self.end_reason or reason
                await self._stop_conversation()
                return await self._shared.hands.carry_out(command)
            case Dial(channel=channel, timeout=timeout):
                self._later(timeout + DIAL_GRACE, DialExpired(channel))
                return await self._shared.hands.carry_out(command)
            case Continue(outcome=outcome):
                self.end_reason = outcome
                return await self._shared.hands.carry_out(command)
            case _:
                return await self._shared.hands.carry_out(command)

    async def _report(self, outcome: RequestOutcome) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(outcome)
            # The conversation notes it before the next command may be its end.
            await asyncio.sleep(0)

    async def _choose(self, command: ChooseAgent) -> CallEvent | None:
        try:
            self._agent = await self._choose_agent()
        except GatewayError as error:
            log.error("no_agent", call=self.machine.ids.call, error=str(error))
            return CommandFailed(command)
        return None

    def _open_leg(self, command: OpenLeg) -> CallEvent | None:
        agent, engine = self._agent, self._shared.engine
        assert agent is not None, "a call without an agent leaves"
        try:
            self._leg = engine.open(
                command.address,
                self._shared.codec,
                listen_rate=agent.listen_rate,
                on_tick=self._on_tick,
            )
        except MediaPlaneError as error:
            log.error("no_leg", call=self.machine.ids.call, error=str(error))
            return CommandFailed(command)
        self._dialogue = agent.converse(self._leg, self)
        return None

    def _on_tick(self, tick: Tick) -> None:
        if self._dialogue is not None:
            self._dialogue.heard(tick)

    async def _converse(self, dialogue: Conversation) -> None:
        try:
            await dialogue.run()
        except Exception:  # the call's edge: a bug ends this call, no other
            log.exception("conversation_crashed", call=self.machine.ids.call)
            self.post(ConversationOver(ConversationEnd.FAILED))
        else:
            self.post(ConversationOver(ConversationEnd.FINISHED))

    async def _stop_conversation(self) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.cancel()
            await asyncio.wait([conversation])
        self._dialogue = None
        self._close_leg()

    def _close_leg(self) -> None:
        leg, self._leg = self._leg, None
        if leg is not None:
            self._media = leg.statistics()
            leg.close()

    def _later(self, seconds: float, event: CallEvent) -> None:
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(seconds, self.post, event))

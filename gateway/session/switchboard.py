"""All calls of one gateway: which event belongs to which call, who may come in, who must go."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from gateway.ari.client import AriClient
from gateway.ari.events import (
    ApplicationReplaced,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHold,
    ChannelUnhold,
    Connected,
    Dial,
    Disconnected,
    Event,
    StasisEnd,
    StasisStart,
)
from gateway.ari.ids import ResourceId, Role, new_call_id
from gateway.ari.resources import Channel
from gateway.call.commands import Continue, Release
from gateway.call.events import (
    Arrived,
    CallerGone,
    CallEvent,
    Evicted,
    MediaGone,
    MediaReady,
    PersonAnswered,
    PersonGone,
)
from gateway.call.ids import CallIds
from gateway.call.machine import CallMachine, CallState
from gateway.call.requests import RequestOutcome
from gateway.errors import AriError
from gateway.metrics import Metrics
from gateway.session import books
from gateway.session.calls import Agent, CallSession, Equipment
from gateway.session.recovery import (
    NOT_CALLERS,
    Adopt,
    Delete,
    missed,
    newcomers,
    strays,
    survivors,
)

EVICTION_SECONDS = 10.0
"""How long calls may take to leave once they were told to."""

log = structlog.get_logger()

_BUSY = frozenset({17, 21})
_NO_ANSWER = frozenset({16, 18, 19, 26, 127})


_DIALSTATUS = {
    "BUSY": RequestOutcome.BUSY,
    "NOANSWER": RequestOutcome.NO_ANSWER,
    "CHANUNAVAIL": RequestOutcome.UNREACHABLE,
    "CONGESTION": RequestOutcome.UNREACHABLE,
}
"""Ends of a dial; a channel that Asterisk makes itself (Local) is destroyed without a cause."""


def outcome_of(cause: int) -> RequestOutcome:
    """Why a dialled person is not there, from the Q.850 cause of ChannelDestroyed."""
    if cause in _BUSY:
        return RequestOutcome.BUSY
    return RequestOutcome.NO_ANSWER if cause in _NO_ANSWER else RequestOutcome.UNREACHABLE


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A caller who just entered (at `arrived`, monotonic), before an agent is chosen."""

    call_id: str
    channel: Channel
    arrived: float


ChooseAgent = Callable[[Newcomer], Awaitable[Agent]]


class Switchboard:
    """Routes Asterisk's events to calls. `run` lasts until the application is lost or cancelled.

    At most `most` calls at once; while draining, none is taken. Who cannot be taken goes on in
    the dialplan at once.
    """

    def __init__(
        self,
        ari: AriClient,
        equipment: Equipment,
        choose_agent: ChooseAgent,
        metrics: Metrics,
        *,
        most: int,
    ) -> None:
        self.connected = False
        self.replaced = False
        self.draining = False
        self._ari = ari
        self._equipment = equipment
        self._choose_agent = choose_agent
        self._metrics = metrics
        self._most = most
        self._calls: dict[str, CallSession] = {}
        self._by_caller: dict[str, CallSession] = {}
        """Of callers who are in our application, as far as we were told."""
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def calls(self) -> tuple[CallSession, ...]:
        """The calls that are not released yet."""
        return tuple(self._calls.values())

    async def run(self) -> None:
        """Take calls until the application is replaced; AriError if it cannot be registered."""
        async with asyncio.TaskGroup() as tasks:
            await self._recover(tasks)
            async with aclosing(self._ari.events()) as events:
                async for event in events:
                    await self._on(event, tasks)
            self.evict_all("application replaced")

    async def drain(self, limit: float) -> None:
        """Take no new calls; let those under way finish for `limit` seconds, then send them on.

        Two people who talk with each other are left alone.
        """
        self.draining = True
        for patience in (limit, EVICTION_SECONDS):
            try:
                async with asyncio.timeout(patience):
                    await self._empty.wait()
            except TimeoutError:
                self.evict_all("draining")

    def evict_all(self, reason: str) -> None:
        """Send every caller who is with an agent on to the fallback."""
        for call in self.calls:
            call.post(Evicted(reason))

    # --- events -------------------------------------------------------------------------------

    async def _on(self, event: Event, tasks: asyncio.TaskGroup) -> None:
        match event:
            case StasisStart(channel=channel):
                self._entered(channel, tasks)
            case StasisEnd(channel=channel):
                self._left(channel.id, RequestOutcome.DONE)
            case ChannelDestroyed(channel=channel, cause=cause):
                self._left(channel.id, outcome_of(cause))
            case Dial(peer=peer, dialstatus=status) if status in _DIALSTATUS:
                self._left(peer.id, _DIALSTATUS[status])
            case ChannelDtmfReceived() | ChannelHold() | ChannelUnhold():
                self._caller_did(event)
            case Connected():
                self.connected = True
                self._metrics.ari_connected.set(1)
                self._metrics.ari_connections.inc()
                await self._resynchronise(tasks)
            case Disconnected():
                self.connected = False
                self._metrics.ari_connected.set(0)
            case ApplicationReplaced():
                self.connected, self.replaced = False, True
            case _:
                pass

    def _entered(self, channel: Channel, tasks: asyncio.TaskGroup) -> None:
        own = ResourceId.parse(channel.id)
        if own is None:
            if channel.technology not in NOT_CALLERS and channel.id not in self._by_caller:
                self._welcome(channel, tasks)
        elif (call := self._calls.get(own.call)) is None:
            tasks.create_task(books.clear(Delete(channel.id), self._equipment.hands))
        elif own.role is Role.MEDIA:
            call.post(MediaReady())
        elif own.role is Role.PERSON:
            call.post(PersonAnswered(channel.id))

    def _left(self, channel_id: str, outcome: RequestOutcome) -> None:
        own = ResourceId.parse(channel_id)
        if own is None:
            # Who comes again (the dialplan may lead back to us) is another call.
            if (call := self._by_caller.pop(channel_id, None)) is not None:
                call.post(CallerGone())
        elif (call := self._calls.get(own.call)) is not None:
            event: CallEvent = (
                PersonGone(channel_id, outcome) if own.role is Role.PERSON else MediaGone()
            )
            call.post(event)

    def _caller_did(self, event: ChannelDtmfReceived | ChannelHold | ChannelUnhold) -> None:
        if (call := self._by_caller.get(event.channel.id)) is None:
            return
        match event:
            case ChannelDtmfReceived(digit=digit):
                call.dtmf(digit)
            case ChannelHold():
                call.hold(on=True)
            case ChannelUnhold():
                call.hold(on=False)

    # --- calls --------------------------------------------------------------------------------

    def _welcome(self, channel: Channel, tasks: asyncio.TaskGroup) -> None:
        self._metrics.calls.inc()
        refusal = self._refusal()
        if refusal is not None:
            self._metrics.calls_refused.inc()
            log.warning("call_refused", reason=refusal, calls=len(self._calls))
            tasks.create_task(self._send_on(channel.id, refusal))
            return
        newcomer = Newcomer(new_call_id(), channel, time.monotonic())
        machine = CallMachine(CallIds(newcomer.call_id, channel.id))
        call = CallSession(machine, self._equipment, lambda: self._choose_agent(newcomer))
        self._host(call, tasks, Arrived())

    def _refusal(self) -> str | None:
        if self.draining:
            return "draining"
        return "max_calls" if len(self._calls) >= self._most else None

    def _host(self, call: CallSession, tasks: asyncio.TaskGroup, first: CallEvent | None) -> None:
        ids = call.machine.ids
        self._calls[ids.call] = self._by_caller[ids.caller] = call
        self._metrics.calls_active.set(len(self._calls))
        self._empty.clear()
        tasks.create_task(self._serve(call, first))

    async def _serve(self, call: CallSession, first: CallEvent | None) -> None:
        ids = call.machine.ids
        try:
            await call.run(first)
        except Exception:  # the call's edge: a bug ends this call, no other
            log.exception("call_crashed", call=ids.call, state=call.machine.state.value)
            call.end_reason = "crashed"
            await self._rescue(call)
        finally:
            del self._calls[ids.call]
            if self._by_caller.get(ids.caller) is call:
                del self._by_caller[ids.caller]
            self._metrics.calls_active.set(len(self._calls))
            self._metrics.calls_ended.labels(call.end_reason or "gateway stopped").inc()
            if not self._calls:
                self._empty.set()

    async def _rescue(self, call: CallSession) -> None:
        """A crashed call's caller gets somewhere, and nothing of it stays."""
        ids, hands = call.machine.ids, self._equipment.hands
        if call.machine.state is not CallState.CONNECTED:
            await hands.carry_out(Continue(ids.caller, "crashed"))
        others = (ids.media,) if call.machine.person is None else (ids.media, call.machine.person)
        await hands.carry_out(Release(others, ids.bridge, "crashed"))

    async def _send_on(self, channel_id: str, reason: str) -> None:
        await self._equipment.hands.carry_out(Continue(channel_id, reason))

    # --- books --------------------------------------------------------------------------------

    async def _recover(self, tasks: asyncio.TaskGroup) -> None:
        """What a gateway before us left in Asterisk is adopted, sent on, or cleared away."""
        try:
            steps = survivors(await books.read(self._ari))
        except AriError as error:
            # Not up yet: then there is nothing to recover either.
            log.info("nothing_recovered", reason=str(error))
            return
        for step in steps:
            match step:
                case Adopt(call_id, caller, person):
                    machine = CallMachine.adopted(CallIds(call_id, caller), person)
                    log.warning("call_adopted", call=call_id)
                    self._host(CallSession(machine, self._equipment, _nobody), tasks, None)
                case _:
                    await books.clear(step, self._equipment.hands)

    async def _resynchronise(self, tasks: asyncio.TaskGroup) -> None:
        """Asterisk replays nothing: give each call what it missed, clear away what is no call's,
        and welcome who came unseen."""
        # Who leaves while the books are read may still be in them.
        known = frozenset(self._by_caller)
        try:
            found = await books.read(self._ari)
        except AriError as error:
            log.warning("not_resynchronised", error=str(error))
            return
        for call in self.calls:
            for event in missed(call.machine, found):
                call.post(event)
        for channel in newcomers(found, known):
            self._metrics.calls_found.inc()
            log.warning("caller_found", channel=channel.id)
            self._welcome(channel, tasks)
        for step in strays(found, frozenset(self._calls)):
            await books.clear(step, self._equipment.hands)


async def _nobody() -> Agent:
    raise AssertionError("an adopted call needs no agent")

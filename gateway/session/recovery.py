"""What to do about what is already in Asterisk: after a restart, and after a lost connection.

Asterisk keeps calls when their application's WebSocket is lost, drops its events meanwhile, and
replays nothing. So the books are compared: `survivors` for a process that starts with empty
ones; `missed`, `strays` and `newcomers` for one that holds calls. All are pure.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias

from gateway.ari.ids import ResourceId, Role
from gateway.ari.resources import Bridge, Channel, ChannelState
from gateway.call.events import (
    CallerGone,
    CallEvent,
    MediaGone,
    MediaReady,
    PersonAnswered,
    PersonGone,
)
from gateway.call.machine import CallMachine, CallState
from gateway.call.requests import RequestOutcome

NOT_CALLERS = frozenset(
    {"UnicastRTP", "AudioSocket", "WebSocket", "Snoop", "Announcer", "Recorder"}
)
"""Channel technologies that enter an application but never are a caller."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Caller and person talk in a bridge of ours: watch over them until one hangs up."""

    call: str
    caller: str
    person: str


@dataclass(frozen=True, slots=True)
class HandBack:
    """A caller whose agent is gone: on to the dialplan's fallback."""

    channel: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A channel of ours that serves nobody."""

    channel: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """A bridge of ours that serves nobody."""

    bridge: str


Step: TypeAlias = Adopt | HandBack | Delete | Destroy


@dataclass(frozen=True, slots=True)
class Books:
    """What an Asterisk holds: the channels in our application by id, all channels, all bridges.

    Other gateways may work on the same Asterisk. A bridge is ours by its name, which is our
    application's; a channel we made is ours if it is in our application or of such a bridge's call.
    """

    application: str
    in_application: frozenset[str]
    channels: Sequence[Channel]
    bridges: Sequence[Bridge]

    @property
    def own_bridges(self) -> tuple[Bridge, ...]:
        return tuple(
            b for b in self.bridges if ResourceId.parse(b.id) and b.name == self.application
        )

    @property
    def callers(self) -> tuple[Channel, ...]:
        """Those in our application whom none of us made."""
        return tuple(
            channel
            for channel in self.channels
            if channel.id in self.in_application
            and not _is_made_by_us(channel.id)
            and channel.technology not in NOT_CALLERS
        )

    @property
    def own_channels(self) -> tuple[str, ...]:
        calls = {own.call for b in self.own_bridges if (own := ResourceId.parse(b.id))}
        return tuple(
            channel.id
            for channel in self.channels
            if (own := ResourceId.parse(channel.id))
            and (channel.id in self.in_application or own.call in calls)
        )


def survivors(books: Books) -> tuple[Step, ...]:
    """What a starting gateway finds of the one before it, and what becomes of each piece."""
    bridges = books.own_bridges
    callers = {channel.id for channel in books.callers}
    adopted = [step for bridge in bridges if (step := _adoption(bridge, callers)) is not None]
    kept = {id_ for step in adopted for id_ in (step.caller, step.person)}
    return (
        *adopted,
        *(HandBack(id_) for id_ in sorted(callers - kept)),
        *(Delete(id_) for id_ in books.own_channels if id_ not in kept),
        *(Destroy(b.id) for b in bridges if not _is_of(b.id, {step.call for step in adopted})),
    )


def newcomers(books: Books, known: Set[str]) -> tuple[Channel, ...]:
    """Callers who are in our application and are none of `known`: nobody told us that they came."""
    return tuple(channel for channel in books.callers if channel.id not in known)


def strays(books: Books, calls: frozenset[str]) -> tuple[Step, ...]:
    """What is ours in Asterisk and belongs to none of `calls`."""
    return (
        *(Delete(id_) for id_ in books.own_channels if not _is_of(id_, calls)),
        *(Destroy(bridge.id) for bridge in books.own_bridges if not _is_of(bridge.id, calls)),
    )


def _is_made_by_us(id_: str) -> bool:
    """Asterisk's own half of a Local channel we dialled has our id and `;2`."""
    return ResourceId.parse(id_.partition(";")[0]) is not None


def _is_of(id_: str, calls: Set[str]) -> bool:
    own = ResourceId.parse(id_)
    return own is not None and own.call in calls


def _adoption(bridge: Bridge, callers: set[str]) -> Adopt | None:
    own = ResourceId.parse(bridge.id)
    if own is None:
        return None
    caller = [id_ for id_ in bridge.channels if id_ in callers]
    person = [
        id_ for id_ in bridge.channels if (r := ResourceId.parse(id_)) and r.role is Role.PERSON
    ]
    if len(caller) == 1 and len(person) == 1:
        return Adopt(own.call, caller[0], person[0])
    return None


def missed(call: CallMachine, books: Books) -> tuple[CallEvent, ...]:
    """The events this call should have had while nobody listened."""
    in_application = books.in_application
    if call.state in (CallState.NEW, CallState.ENDED):
        return ()
    if call.ids.caller not in in_application:
        return (CallerGone(),)
    events: list[CallEvent] = []
    if call.ids.media in in_application:
        events.append(MediaReady())
    elif call.state in (CallState.TALKING, CallState.DIALING, CallState.JOINING):
        events.append(MediaGone())
    if call.person is not None:
        person = next((c for c in books.channels if c.id == call.person), None)
        if person is None:
            events.append(PersonGone(call.person, RequestOutcome.UNREACHABLE))
        elif person.state is ChannelState.UP and call.state is CallState.DIALING:
            events.append(PersonAnswered(call.person))
    return tuple(events)

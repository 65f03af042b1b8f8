"""What waits to be done in one conversation: everything that happens comes through here."""

import asyncio

from gateway.conversation.happenings import Event, Timed
from gateway.conversation.timers import Timers
from gateway.errors import GatewayError

MOST_EVENTS = 256


class DialogueOverrun(GatewayError):
    """More events waited than a conversation can have: it does not keep up with its call."""


class Inbox:
    """A bounded queue of events, and the `timers` whose events come into it."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        self._overrun = False
        self.timers: Timers[Timed] = Timers(self.post)

    def __repr__(self) -> str:
        return f"<Inbox of {len(self)}>"

    def __len__(self) -> int:
        """How many events wait."""
        return self._events.qsize()

    def post(self, event: Event) -> None:
        """Have `event` done in its turn; never blocks. One too many is told by `next`."""
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True

    async def next(self) -> Event:
        """Wait for what is to be done next. DialogueOverrun if events were lost."""
        event = await self._events.get()
        if self._overrun:
            raise DialogueOverrun(f"more than {MOST_EVENTS} events waited")
        return event

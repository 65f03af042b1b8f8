"""Reads the WebSocket at once and keeps its events until they are taken: bounded and in order.

Measured on Asterisk 22: when a client does not read, Asterisk gives the WebSocket up after
`websocket_write_timeout`, tells nobody, and leaves the connection open and silent. So reading
never waits for the consumer. No event is dropped alone either: a consumer that falls a whole
backlog behind loses the connection, is told so, and compares its books as after any other loss.

Measured, too: when an application registers again within about 2 ms of its old WebSocket's end,
Asterisk's clean-up of the old one can take the new registration away; the new WebSocket stays
open and silent. Without calls the application is then unknown; with calls Asterisk still lists it
and drops its events. So an event of our own is sent now and then: it must come back.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import chain, repeat
from typing import TypeAlias
from uuid import uuid4

import structlog

from gateway.ari.applications import Applications
from gateway.ari.events import (
    ApplicationReplaced,
    AriEvent,
    ChannelUserevent,
    Connected,
    Disconnected,
    Event,
    MalformedEvent,
    UnknownEvent,
    parse,
)
from gateway.ari.rest import Rest
from gateway.ari.websocket import EventSocket, connections, user_event
from gateway.errors import AriError, AriNotFound

_Entry: TypeAlias = Event | AriError | None

# The registration is most at risk right after it was made.
_FIRST_LOOKS_SECONDS = (0.05, 0.25, 1.0, 2.0)
# From Asterisk's answer to the event: 0.6 ms is usual, 3 ms was the longest of 800 (measured).
_ECHO_SECONDS = 1.0
_LOST = "the application is no longer registered"
_DEAF = "our own event did not come back"

log = structlog.get_logger(__name__)


class Listener:
    """One stream of events: `run` fills it until it ends, `events` empties it.

    `counts` has what became of messages (`event`, `unknown`, `malformed`), how often we were
    `connected`, how often the consumer `fell_behind`, and how often Asterisk left us `deaf`.
    """

    def __init__(self, rest: Rest, counts: Counter[str]) -> None:
        self._rest = rest
        self._counts = counts
        self._backlog: asyncio.Queue[_Entry] = asyncio.Queue()
        self._echo_name = f"{rest.settings.app}-{uuid4()}"
        self._echo = asyncio.Event()

    def __repr__(self) -> str:
        return f"Listener({self._backlog.qsize()} of {self._rest.settings.backlog} waiting)"

    async def events(self) -> AsyncIterator[Event]:
        """What was read, in order. Raises the AriError that ended reading, if one did."""
        while (entry := await self._backlog.get()) is not None:
            if isinstance(entry, AriError):
                raise entry
            yield entry
            self._backlog.task_done()

    async def run(self) -> None:
        """Connect, read, reconnect; until the application is replaced or cannot be registered."""
        try:
            await self._read_on()
        except AriError as error:
            self._backlog.put_nowait(error)
        else:
            self._backlog.put_nowait(None)

    async def _read_on(self) -> None:
        reconnected = False
        async with aclosing(connections(self._rest)) as sockets:
            async for socket in sockets:
                if not await self._settled():
                    await socket.close(_LOST)
                    continue
                self._counts["connected"] += 1
                self._backlog.put_nowait(Connected(reconnected))
                reconnected = True
                reason = await self._read_guarded(socket)
                if reason is None:
                    return
                log.warning("ari_disconnected", reason=reason)
                self._backlog.put_nowait(Disconnected(reason))
                # Whoever fell behind would only fall behind again.
                await self._backlog.join()

    async def _read_guarded(self, socket: EventSocket) -> str | None:
        async with asyncio.TaskGroup() as tasks:
            guard = tasks.create_task(self._guard(socket))
            reason = await self._read(socket)
            guard.cancel()
        await socket.close(reason or "replaced")
        return reason

    async def _guard(self, socket: EventSocket) -> None:
        """Close the socket when Asterisk no longer sends it our application's events."""
        for pause in chain(_FIRST_LOOKS_SECONDS, repeat(self._rest.settings.heartbeat)):
            await asyncio.sleep(pause)
            try:
                await self._hear_an_echo()
            except AriError as error:
                if _is_lost(error):
                    await socket.close(_LOST)
            except TimeoutError:
                self._counts["deaf"] += 1
                await socket.close(_DEAF)

    async def _hear_an_echo(self) -> None:
        self._echo.clear()
        await user_event(self._rest, self._echo_name, application=self._rest.settings.app)
        async with asyncio.timeout(_ECHO_SECONDS):
            await self._echo.wait()

    async def _read(self, socket: EventSocket) -> str | None:
        """Why the connection ended; None when the application now belongs to another client."""
        async with aclosing(socket.messages()) as messages:
            async for message in messages:
                if (event := self._event(message)) is None:
                    continue
                if self._backlog.qsize() >= self._rest.settings.backlog:
                    self._counts["fell_behind"] += 1
                    return "the consumer fell behind"
                self._backlog.put_nowait(event)
                if isinstance(event, ApplicationReplaced):
                    log.error("ari_application_replaced", app=self._rest.settings.app)
                    return None
        return socket.reason

    def _event(self, message: str) -> AriEvent | None:
        match parse(message):
            case UnknownEvent(type=type_):
                self._counts["unknown"] += 1
                log.debug("ari_unknown_event", type=type_)
                return None
            case MalformedEvent(reason=reason):
                self._counts["malformed"] += 1
                log.warning("ari_malformed_event", reason=reason)
                return None
            case ChannelUserevent(eventname=self._echo_name):
                self._echo.set()
                return None
            case event:
                self._counts["event"] += 1
                return event

    async def _settled(self) -> bool:
        """Silence the noise, as far as this Asterisk can; False if our application is not there."""
        settings = self._rest.settings
        try:
            await Applications(self._rest).filter(settings.app, disallowed=settings.silenced)
        except AriError as error:
            log.info("ari_events_not_filtered", error=str(error))
            return not _is_lost(error)
        return True


def _is_lost(error: AriError) -> bool:
    """The application is unknown, rather than the resource that would know it."""
    return isinstance(error, AriNotFound) and error.message == "Application not found"

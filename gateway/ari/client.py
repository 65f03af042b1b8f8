"""The client of one Asterisk: typed operations and typed events."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from gateway.ari.applications import Applications
from gateway.ari.asterisk import Asterisk
from gateway.ari.bridges import Bridges
from gateway.ari.channels import Channels
from gateway.ari.decoding import prepare
from gateway.ari.endpoints import DeviceStates, Endpoints
from gateway.ari.events import KINDS, Event
from gateway.ari.listener import Listener
from gateway.ari.recordings import Playbacks, Recordings
from gateway.ari.resources import Bridge, Channel
from gateway.ari.rest import Rest
from gateway.ari.settings import AriSettings


class AriClient:
    """Everything one Asterisk offers: an async context manager, one per Asterisk and process.

    Operations are grouped as ARI groups them and raise AriError only. `events` is independent of
    them: a client that only sends operations opens no WebSocket. `counts` says what became of
    the WebSocket's messages (see Listener).
    """

    def __init__(self, settings: AriSettings) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._rest = Rest(settings)
        self._tasks = asyncio.TaskGroup()
        self._reader: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()
        self.applications = Applications(self._rest)
        self.asterisk = Asterisk(self._rest)
        self.bridges = Bridges(self._rest)
        self.channels = Channels(self._rest)
        self.device_states = DeviceStates(self._rest)
        self.endpoints = Endpoints(self._rest)
        self.playbacks = Playbacks(self._rest)
        self.recordings = Recordings(self._rest)

    def __repr__(self) -> str:
        return f"AriClient({self.settings.base}, app={self.settings.app!r})"

    async def __aenter__(self) -> Self:
        prepare(*KINDS, Channel, Bridge)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._rest)
            await self._tasks.__aenter__()
            stack.push_async_exit(self._end_tasks)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Register the application and tell all that happens, across reconnects.

        Starts with Connected; a lost connection is Disconnected, then Connected(reconnected) once
        Asterisk is back. Ends by itself in one case only: after ApplicationReplaced, because the
        application then belongs to another process and taking it back would start a fight.
        Raises AriUnauthorized or AriForbidden if the very first connection is refused so, and
        RuntimeError if the events are already being read.
        Leave it with `contextlib.aclosing` to close the WebSocket at once.
        """
        if self._reader is not None and not self._reader.done():
            raise RuntimeError("one client reads its events once at a time")
        listener = Listener(self._rest, self.counts)
        reader = self._reader = self._tasks.create_task(listener.run())
        try:
            async for event in listener.events():
                yield event
        finally:
            reader.cancel()
            await asyncio.wait([reader])

    async def _end_tasks(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
        # A TaskGroup wraps what the block raised; of that it needs to know only a cancellation.
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            await self._tasks.__aexit__(kind, error, trace)
        else:
            await self._tasks.__aexit__(None, None, None)

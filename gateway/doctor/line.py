"""externalMedia channels of the doctor's, in its own application, gone when it has done."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass

from gateway.ari.client import AriClient
from gateway.ari.events import Connected, Event, StasisStart
from gateway.ari.resources import Address
from gateway.errors import AriError, AriUnreachable

EVENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A channel in Stasis; Asterisk said it sends from and listens at `address`."""

    id: str
    address: Address


class Entrance:
    """Where the doctor's channels enter: its own application, registered once.

    Asterisk does not like one that comes and goes quickly (see gateway.ari.listener).
    """

    def __init__(self, ari: AriClient, stack: AsyncExitStack) -> None:
        """The application is registered when first needed, until `stack` is closed."""
        self._ari = ari
        self._stack = stack
        self._events: AsyncIterator[Event] | None = None

    async def open(self) -> None:
        """Raises AriError."""
        if self._events is None:
            self._events = await self._stack.enter_async_context(aclosing(self._ari.events()))
            await self._until(lambda event: isinstance(event, Connected), "no event WebSocket")

    async def entered(self, names: Iterable[str]) -> None:
        """Wait until all these channels are in. Raises AriUnreachable."""
        waiting = set(names)

        def is_last(event: Event) -> bool:
            if isinstance(event, StasisStart):
                waiting.discard(event.channel.id)
            return not waiting

        await self._until(is_last, "no StasisStart of a new channel")

    async def _until(self, is_last: Callable[[Event], bool], otherwise: str) -> None:
        if self._events is None:
            raise RuntimeError("the entrance is not open")
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                async for event in self._events:
                    if is_last(event):
                        return
        except TimeoutError:
            pass
        raise AriUnreachable("events", None, otherwise)


@asynccontextmanager
async def lines(
    ari: AriClient, entrance: Entrance, external_hosts: Sequence[str], *, format: str
) -> AsyncIterator[tuple[Line, ...]]:
    """A channel to each of `external_hosts` (ip:port). Raises AriError.

    Their ids do not look like those of calls: a running gateway must not take them for its own.
    """
    names = {f"doctor-{secrets.token_hex(6)}": host for host in external_hosts}
    await entrance.open()
    try:
        made = [await _make(ari, name, host, format) for name, host in names.items()]
        await entrance.entered(names)
        yield tuple(made)
    finally:
        for name in names:
            with suppress(AriError):
                await ari.channels.hangup(name)


@asynccontextmanager
async def bridged(ari: AriClient, members: Sequence[Line]) -> AsyncIterator[None]:
    """The lines hear each other inside the block. Raises AriError."""
    bridge = f"doctor-{secrets.token_hex(6)}"
    await ari.bridges.create_with_id(bridge, name=ari.settings.app)
    try:
        await ari.bridges.add_channel(bridge, channel=[line.id for line in members])
        yield
    finally:
        with suppress(AriError):
            await ari.bridges.destroy(bridge)


async def _make(ari: AriClient, name: str, external_host: str, format: str) -> Line:
    channel = await ari.channels.external_media(
        app=ari.settings.app, channel_id=name, external_host=external_host, format=format
    )
    return Line(name, await ari.channels.media_address(channel))

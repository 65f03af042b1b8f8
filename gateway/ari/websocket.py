"""ARI's event half: an open WebSocket again and again, as an async iterator."""

import asyncio
import random
from collections.abc import AsyncGenerator

import aiohttp
import structlog

from gateway.ari.backoff import delays
from gateway.ari.rest import Rest, translated
from gateway.errors import AriError, AriForbidden, AriUnauthorized

_OPERATION = "events.eventWebsocket"
_LARGEST_MESSAGE = 1 << 20
_CLOSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class EventSocket:
    """One WebSocket: iterate for its messages; then `reason` tells why they ended."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._closed_because: str | None = None

    def __repr__(self) -> str:
        return f"EventSocket({self.reason if self._socket.closed else 'open'})"

    @property
    def reason(self) -> str:
        """Ours if we closed it, else what the connection died of."""
        if self._closed_because is not None:
            return self._closed_because
        error = self._socket.exception()
        if error is not None:
            return type(error).__name__
        return f"closed with code {self._socket.close_code}"

    async def messages(self) -> AsyncGenerator[str, None]:
        """Text messages until the connection ends, whoever ends it."""
        while True:
            message = await self._socket.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    yield message.data
                case aiohttp.WSMsgType.BINARY:
                    continue
                case _:
                    return

    async def close(self, reason: str) -> None:
        """End it now, and with it `messages`; Asterisk drops the application's registration."""
        self._closed_because = self._closed_because or reason
        await self._socket.close()


async def connect(rest: Rest) -> aiohttp.ClientWebSocketResponse:
    """Open the WebSocket and with it register the application. Raises AriError."""
    settings = rest.settings
    async with translated(_OPERATION), asyncio.timeout(settings.deadline):
        return await rest.session.ws_connect(
            rest.url("events"),
            params={"app": settings.app},
            heartbeat=settings.heartbeat,
            max_msg_size=_LARGEST_MESSAGE,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
        )


async def user_event(rest: Rest, event_name: str, *, application: str) -> None:
    """Have ChannelUserevent sent to `application`, and so to whoever has registered it.

    Raises AriNotFound when no client has. It is no error that the one who had is gone while
    calls are in the application: the event is dropped.
    """
    await rest.post(
        "events.userEvent", "events", "user", event_name, query={"application": application}
    )


async def connections(rest: Rest) -> AsyncGenerator[EventSocket, None]:
    """An open socket each time there is one, waiting in between; never ends by itself.

    Asterisk that is not up (refused, 404, 503) is waited for. A refusal that waiting cannot heal
    (AriUnauthorized, AriForbidden) is raised, but only if there never was a connection: with
    calls at hand it is better to keep trying.
    """
    connected = False
    waits = delays(random.random)
    while True:
        try:
            socket = await connect(rest)
        except (AriUnauthorized, AriForbidden) as error:
            if not connected:
                raise
            log.warning("ari_refused", error=str(error))
        except AriError as error:
            log.info("ari_not_connected", error=str(error))
        else:
            connected = True
            waits = delays(random.random)
            async with socket:
                yield EventSocket(socket)
        await asyncio.sleep(next(waits))

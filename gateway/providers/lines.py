"""WebSockets to a vendor, for requests that follow each other: opened once, used again.

A request has its line alone. One that came to its end in order leaves the line for the next
request, so that no handshake sits in a turn; one that was left or failed closes it, which stops
the vendor's work.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Generic, TypeVar

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType
from pydantic_core import from_json

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import Json
from gateway.providers.status import error_of

CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 0.1
"""A vendor that is still talking does not answer a goodbye, and an interruption must not wait."""
MOST_IDLE = 16
"""Idle lines that are kept; those of a burst of calls are closed."""
LARGEST_MESSAGE = 1 << 22

Purpose = TypeVar("Purpose")
Piece = TypeVar("Piece")


class Line:
    """A WebSocket of one request. Set `done` when the request came to its end in order."""

    def __init__(self, name: str, socket: ClientWebSocketResponse) -> None:
        self.done = False
        self.requests = 0
        self.idle_since = 0.0
        self._name = name
        self._socket = socket

    def __repr__(self) -> str:
        return f"<Line to {self._name}, {self.requests} requests>"

    @property
    def is_used_again(self) -> bool:
        """It may have died in the meantime: what fails at once is worth another line."""
        return self.requests > 1

    @property
    def alive(self) -> bool:
        return self.done and not self._socket.closed

    async def send(self, message: Mapping[str, Json]) -> None:
        """Raises ProviderUnavailable where the connection is lost."""
        try:
            await self._socket.send_json(message)
        except (OSError, aiohttp.ClientError) as error:
            raise self._lost(type(error).__name__) from None

    async def send_audio(self, audio: bytes) -> None:
        """As `send`."""
        try:
            await self._socket.send_bytes(audio)
        except (OSError, aiohttp.ClientError) as error:
            raise self._lost(type(error).__name__) from None

    async def receive(self, seconds: float | None = None) -> bytes | Mapping[str, object]:
        """The next message: audio, or an object of JSON. Raises ProviderTimeout after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                message = await self._socket.receive()
        except TimeoutError:
            raise ProviderTimeout(self._name, "no answer in time") from None
        match message.type:
            case WSMsgType.BINARY:
                return bytes(message.data)
            case WSMsgType.TEXT:
                return self._read(message.data)
            case _:
                raise self._lost(f"closed, {self._socket.close_code}")

    async def close(self) -> None:
        """A server that hangs is not waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close()

    def _read(self, text: str) -> Mapping[str, object]:
        try:
            told = from_json(text)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise ProviderProtocol(self._name, "a message that is no JSON object")
        return told

    def _lost(self, why: str) -> ProviderError:
        return ProviderUnavailable(self._name, f"connection lost ({why})")


async def dial(
    name: str,
    session: aiohttp.ClientSession,
    url: str,
    *,
    query: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str],
) -> Line:
    """A new line. Raises the errors of the HTTP status for the provider `name`."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            socket = await session.ws_connect(
                url, params=query, headers=headers, max_msg_size=LARGEST_MESSAGE
            )
    except TimeoutError:
        raise ProviderTimeout(name, "no connection in time") from None
    except aiohttp.WSServerHandshakeError as error:
        raise error_of(name, error.status, error.headers or {}) from None
    except (OSError, aiohttp.ClientError) as error:
        raise ProviderUnavailable(name, type(error).__name__) from None
    return Line(name, socket)


class Lines(Generic[Purpose]):
    """All lines of one provider, by what they were opened for (a voice, a model).

    An idle one is kept for `kept_seconds` and used for at most `most_requests`.
    """

    def __init__(
        self,
        connect: Callable[[aiohttp.ClientSession, Purpose], Awaitable[Line]],
        *,
        kept_seconds: float,
        most_requests: int,
    ) -> None:
        self._connect = connect
        self._kept_seconds = kept_seconds
        self._most_requests = most_requests
        self._idle: deque[tuple[Purpose, Line]] = deque()
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Made in the loop that uses it."""
        if self._session is None:
            # how many there may be at a time is decided elsewhere, by what the key allows
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    @asynccontextmanager
    async def line(self, purpose: Purpose, *, fresh: bool = False) -> AsyncIterator[Line]:
        """A line for one request, an idle one if there is and `fresh` does not forbid it."""
        await self._close_old()
        line = None if fresh else self._idle_for(purpose)
        if line is None:
            line = await self._connect(self.session, purpose)
        line.requests += 1
        line.done = False
        try:
            yield line
        finally:
            if line.alive and line.requests < self._most_requests and len(self._idle) < MOST_IDLE:
                line.idle_since = asyncio.get_running_loop().time()
                self._idle.append((purpose, line))
            else:
                await line.close()

    async def stream(
        self, purpose: Purpose, request: Callable[[Line], AsyncGenerator[Piece]]
    ) -> AsyncGenerator[Piece]:
        """The pieces of a request's answer; closing it closes the line.

        A line that was used before may have died since: if it fails before anything came, another
        one is tried, once.
        """
        for fresh in (False, True):
            begun = False
            async with self.line(purpose, fresh=fresh) as line, aclosing(request(line)) as pieces:
                try:
                    async for piece in pieces:
                        begun = True
                        yield piece
                    return
                except ProviderTimeout:
                    raise
                except ProviderUnavailable:
                    if begun or not line.is_used_again:
                        raise

    async def open(self, purpose: Purpose) -> None:
        """See that a line is ready. Raises what connecting raises."""
        async with self.line(purpose) as line:
            line.requests -= 1
            line.done = True

    async def close(self) -> None:
        """Close all that is idle."""
        while self._idle:
            await self._idle.popleft()[1].close()
        if self._session is not None:
            await self._session.close()

    def _idle_for(self, purpose: Purpose) -> Line | None:
        """The one that was used last: it is the surest to live."""
        for index in range(len(self._idle) - 1, -1, -1):
            if self._idle[index][0] == purpose:
                line = self._idle[index][1]
                del self._idle[index]
                return line
        return None

    async def _close_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._kept_seconds
        while self._idle and self._idle[0][1].idle_since < oldest:
            await self._idle.popleft()[1].close()

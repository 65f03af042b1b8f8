"""A TCP line in front of a vendor's server that is cut, hangs, slows down or garbles at will.

It works on bytes, so it does the same to every vendor, at the same stages: what is on the way
back to the client counts from the moment at which the line went bad.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

PIECE = 4096


class Does(StrEnum):
    """What a bad line does."""

    CUT = "cut"
    HANG = "hang"
    SLOW = "slow"
    LIE = "lie"


@dataclass(frozen=True, slots=True)
class Fault:
    """`does` it once `after` bytes have come back on a connection; 0: from the first moment, to
    all that is open. SLOW delays every piece by `seconds`."""

    does: Does
    after: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class BadLine:
    """`address` is the line's, as a URL of the server's own scheme."""

    address: str = ""
    _fault: Fault | None = None
    _since: int = 0
    """How often the line was changed: connections count their bytes anew."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def becomes(self, fault: Fault | None) -> None:
        """Be bad from now on, or (None) good again. What hung before is cut then."""
        if fault is None or (fault.does is Does.CUT and not fault.after):
            self._cut()
        self._fault = fault
        self._since += 1

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        """One connection to its end."""
        if self._fault is not None and self._fault.does is Does.CUT and not self._fault.after:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(host, port)
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as tasks:
                ways = {
                    tasks.create_task(self._there(reader, back)),
                    tasks.create_task(self._back(there, writer)),
                }
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
        finally:
            self._writers -= {writer, back}
            for each in (writer, back):
                each.transport.abort()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(PIECE):
                writer.write(data)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counted, since = 0, self._since
        with suppress(ConnectionError):
            while data := await reader.read(PIECE):
                if since != self._since:
                    counted, since = 0, self._since
                for passed in await self._treated(data, counted):
                    writer.write(passed)
                    await writer.drain()
                counted += len(data)
                if self._is_cut(counted):
                    return

    def _is_cut(self, counted: int) -> bool:
        fault = self._fault
        return fault is not None and fault.does is Does.CUT and counted >= fault.after

    async def _treated(self, data: bytes, counted: int) -> tuple[bytes, ...]:
        fault = self._fault
        if fault is None:
            return (data,)
        good = max(0, fault.after - counted)
        match fault.does:
            case Does.CUT:
                return (data[:good],)
            case Does.SLOW:
                await asyncio.sleep(fault.seconds)
                return (data,)
            case Does.LIE:
                return (data[:good] + bytes(byte ^ 0x2A for byte in data[good:]),)
            case Does.HANG:
                if counted + len(data) <= fault.after:
                    return (data,)
                # Nothing more comes; the connection is cut when the line becomes good again.
                await asyncio.Event().wait()
                return ()


@asynccontextmanager
async def bad_line(server: str) -> AsyncIterator[BadLine]:
    """A line to the server at the URL `server`, good at first."""
    parts = urlsplit(server)
    line = BadLine()
    host, port = parts.hostname or "", parts.port or 0

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):
            await line.carry(reader, writer, host, port)

    listening = await asyncio.start_server(carry, "127.0.0.1", 0)
    line.address = "{}://{}:{}".format(parts.scheme, *listening.sockets[0].getsockname()[:2])
    try:
        yield line
    finally:
        listening.close()
        line.becomes(None)
        await asyncio.sleep(0)

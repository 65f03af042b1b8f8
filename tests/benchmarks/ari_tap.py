"""A relay between the gateway and Asterisk's HTTP port that notes when StasisStart passes.

Events travel from Asterisk unmasked (RFC 6455 §5.1), so each can be read in the bytes as they
pass: the time is that of the wire, whatever the gateway does with it afterwards.
"""

import asyncio
import re
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from gateway.lab.ports import LOOPBACK

CHUNK = 1 << 16
KEPT = 4096
"""Bytes looked at again with the next chunk: an event is shorter."""
STASIS_START = re.compile(
    rb'"type":\s*"StasisStart".{0,600}?"caller":\s*\{\s*"name":\s*"[^"]*",\s*"number":\s*"(\d+)"'
)


class AriTap:
    """`async with AriTap(port) as tap:` — a gateway whose ARI_URL is `tap.url` is watched."""

    def __init__(self, asterisk_port: int) -> None:
        self.entered: dict[str, float] = {}
        """Caller number to the monotonic time at which its StasisStart passed."""
        self._asterisk_port = asterisk_port
        self._open: set[StreamWriter] = set()
        self._idle = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, LOOPBACK, 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        async with self._idle:
            await self._idle.wait_for(lambda: not self._open)

    async def _relay(self, from_gateway: StreamReader, to_gateway: StreamWriter) -> None:
        from_asterisk, to_asterisk = await asyncio.open_connection(LOOPBACK, self._asterisk_port)
        ends = {to_gateway, to_asterisk}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(from_gateway, to_asterisk, lambda _arrived, _bytes: None))
                tasks.create_task(_pump(from_asterisk, to_gateway, _StasisStarts(self.entered)))
        finally:
            async with self._idle:
                self._open -= ends
                self._idle.notify_all()


class _StasisStarts:
    """Finds the event in the bytes of one connection, also where two chunks share it."""

    def __init__(self, entered: dict[str, float]) -> None:
        self._entered = entered
        self._tail = b""

    def __call__(self, arrived: float, chunk: bytes) -> None:
        text = self._tail + chunk
        for event in STASIS_START.finditer(text):
            self._entered.setdefault(event[1].decode(), arrived)
        self._tail = text[-KEPT:]


async def _pump(
    source: StreamReader, target: StreamWriter, look: Callable[[float, bytes], None]
) -> None:
    """Pass everything on at once; the end of one direction ends the other's writer."""
    try:
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            look(time.monotonic(), chunk)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()

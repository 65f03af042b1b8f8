"""A UDP socket of the doctor's: it keeps what arrives and when."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.ari.resources import Address

_MOST_PACKETS = 1000


@dataclass(frozen=True, slots=True)
class Packet:
    """A datagram that arrived at `time` (monotonic seconds) from `source`."""

    time: float
    source: Address
    data: bytes


class Ear(asyncio.DatagramProtocol):
    """An open socket. What arrives beyond a bound is not kept."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.address: Address = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None
        self._arrived = asyncio.Event()

    def __repr__(self) -> str:
        return f"Ear({self.address[0]}:{self.address[1]}, {len(self.packets)} packets)"

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.address = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(self.packets) < _MOST_PACKETS:
            self.packets.append(Packet(time.monotonic(), addr[:2], data))
        self._arrived.set()

    def error_received(self, exc: Exception) -> None:
        """An ICMP refusal of something we sent: what does not arrive says it better."""

    def send(self, data: bytes, to: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, to)

    async def hear(self, enough: Callable[[], bool], seconds: float) -> None:
        """Wait until the packets are `enough`, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not enough():
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return


@asynccontextmanager
async def open_ear(bind: Address) -> AsyncIterator[Ear]:
    """An ear at `bind`. OSError if it cannot be there."""
    loop = asyncio.get_running_loop()
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=bind)
    try:
        yield ear
    finally:
        transport.close()
        await asyncio.sleep(0)  # the socket is closed in the loop's next turn


async def is_free(bind: Address) -> bool:
    """Whether nobody listens at `bind`. OSError if it is no address of this machine."""
    try:
        async with open_ear(bind):
            return True
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise

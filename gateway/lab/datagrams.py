"""UDP on loopback with the kernel's time of each datagram's arrival."""

import socket
import struct
import time
from collections.abc import Iterator

from gateway.lab.hearing import Packet
from gateway.lab.ports import LOOPBACK
from gateway.lab.sip import Address

SO_TIMESTAMPNS = 35
"""Linux's socket(7) option; Python has no name for it."""
TIMESPEC = struct.Struct("qq")
LARGEST = 8192
BUFFER = 4 << 20
RTP_HEADER = struct.Struct("!BBHII")


def timestamping_socket(port: int = 0) -> socket.socket:
    """A non-blocking UDP socket on loopback, for `received`."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    made.settimeout(0)
    made.bind((LOOPBACK, port))
    return made


def received(source: socket.socket) -> Iterator[tuple[float, bytes, Address]]:
    """(monotonic time of arrival, datagram, sender) of all that is waiting at `source`."""
    ahead = time.monotonic() - time.clock_gettime(time.CLOCK_REALTIME)
    while True:
        try:
            datagram, ancillary, _, sender = source.recvmsg(LARGEST, 64)
        except BlockingIOError:
            return
        seconds, nanoseconds = TIMESPEC.unpack_from(ancillary[0][2])
        yield seconds + nanoseconds / 1e9 + ahead, datagram, sender


def parse_packet(arrived: float, datagram: bytes) -> Packet | None:
    """A plain RTP packet as Asterisk and phones send it; None where it is not even that."""
    if len(datagram) < RTP_HEADER.size:
        return None
    _, kind, sequence, timestamp, ssrc = RTP_HEADER.unpack_from(datagram)
    payload = datagram[RTP_HEADER.size :]
    return Packet(arrived, ssrc, sequence, timestamp, kind & 0x7F, payload)

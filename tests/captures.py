"""Datagrams with their times in pcap files, as Wireshark reads them (IPv4 and UDP, no link layer).

Only what the tests need: one direction of one flow, nanoseconds, this machine's byte order.
"""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.emulator import Address

FOLDER = Path(__file__).parent / "data"

_MAGIC_NANOSECONDS = 0xA1B23C4D
_LINKTYPE_IPV4 = 228
_FILE = struct.Struct("=IHHiIII")
_RECORD = struct.Struct("=IIII")
_IP = struct.Struct(">BBHHHBBH4s4s")
_UDP = struct.Struct(">HHHH")
_HEADERS = _IP.size + _UDP.size


class Captured(NamedTuple):
    """A datagram and when it arrived, in seconds from any origin."""

    time: float
    datagram: bytes


def write_capture(
    path: Path, captured: Iterable[Captured], *, source: Address, destination: Address
) -> None:
    """Writes them as one flow whose first datagram came at 0."""
    with path.open("wb") as file:
        file.write(_FILE.pack(_MAGIC_NANOSECONDS, 2, 4, 0, 0, 65535, _LINKTYPE_IPV4))
        first: float | None = None
        for time, datagram in captured:
            first = time if first is None else first
            seconds, nanoseconds = divmod(round((time - first) * 1e9), 1_000_000_000)
            packet = _packet(datagram, source, destination)
            file.write(_RECORD.pack(seconds, nanoseconds, len(packet), len(packet)) + packet)


def read_capture(path: Path) -> list[Captured]:
    """What `write_capture` has written."""
    content = path.read_bytes()
    magic, *_, linktype = _FILE.unpack_from(content)
    if (magic, linktype) != (_MAGIC_NANOSECONDS, _LINKTYPE_IPV4):
        raise ValueError(f"{path} is not a capture of this kind")
    found, at = [], _FILE.size
    while at < len(content):
        seconds, nanoseconds, length, _ = _RECORD.unpack_from(content, at)
        at += _RECORD.size
        found.append(Captured(seconds + nanoseconds * 1e-9, content[at + _HEADERS : at + length]))
        at += length
    return found


def _packet(datagram: bytes, source: Address, destination: Address) -> bytes:
    length = _HEADERS + len(datagram)
    ends = [bytes(map(int, host.split("."))) for host, _ in (source, destination)]
    header = _IP.pack(0x45, 0, length, 0, 0, 64, 17, 0, *ends)
    total = sum(struct.unpack(f">{_IP.size // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack(">H", ~total & 0xFFFF) + header[12:]
    # A UDP checksum of 0 is none (RFC 768).
    return header + _UDP.pack(source[1], destination[1], length - _IP.size, 0) + datagram

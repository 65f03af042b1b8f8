"""The reorder ring: sequence numbers in, packets in order out (RFC 3550 §5.1, §A.1).

Order is all that is decided here. How long a gap may wait is a matter of time and lies with the
timeline; this ring only says what a packet is to its row and keeps those that came too early.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.packet import Packets
from rtp.streams import Streams

SLOTS = 64
"""Packets that may wait per row; one further ahead than this moves the row on."""

# RFC 3550 §A.1: further ahead than the one or further behind than the other, a packet does not
# belong to the stream as known; a second one in sequence after it shows a restarted sender.
MAX_DROPOUT = 3000
MAX_MISORDER = 100

_NONE = -1

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]


class Place(IntEnum):
    """What a packet is to its row."""

    NEXT = 0
    AHEAD = 1
    JUMP = 2
    """Too far ahead to wait for what is between."""
    RESTART = 3
    """First of a new stream: first packet at all, new SSRC, or a restarted sequence."""
    DUPLICATE = 4
    LATE = 5
    """Its turn has passed."""
    STRAY = 6
    """Far from the stream, and not (yet) confirmed by a second."""


class Ordered(NamedTuple):
    """The next packets of `rows`, one each; line i of `payload` holds `length[i]` bytes or more."""

    rows: Rows
    sequence_number: Integers
    timestamp: Integers
    payload_type: Integers
    arrival: NDArray[np.float64]
    payload: NDArray[np.uint8]
    length: Integers


class Reorder:
    """The order of every row's stream. In each call a row may appear once."""

    def __init__(self, rows: int, streams: Streams, payload_bytes: int) -> None:
        """Room for `SLOTS` packets of up to `payload_bytes` in each of `rows` rows."""
        self.waiting = np.zeros(rows, np.int64)
        self._streams = streams
        self._stray = np.full(rows, _NONE, np.int64)
        # By number modulo SLOTS: which of the last numbers has been passed without its packet,
        # and which packet ahead is held. What is neither has been given on.
        self._passed = np.full((rows, SLOTS), _NONE, np.int32)
        self._held = np.zeros((rows, SLOTS), np.bool_)
        self._newest = np.zeros(rows, np.int64)
        self._timestamp = np.zeros((rows, SLOTS), np.int64)
        self._payload_type = np.zeros((rows, SLOTS), np.int64)
        self._arrival = np.zeros((rows, SLOTS), np.float64)
        self._length = np.zeros((rows, SLOTS), np.int64)
        # Memory that no early packet ever touches is never made resident.
        self._payload = np.empty((rows, SLOTS, payload_bytes), np.uint8)

    def expected(self, rows: Rows) -> Integers:
        """The sequence numbers that are next."""
        return self._streams.number(rows)

    def place(self, rows: Rows, sequence_number: Integers, ssrc: Integers) -> Integers:
        """The `Place` of one packet per row. Strays and late ones are remembered."""
        ahead = _signed16(sequence_number - self.expected(rows))
        slot = sequence_number % SLOTS
        passed = self._passed[rows, slot] == sequence_number
        stray = (ahead >= MAX_DROPOUT) | (ahead < -MAX_MISORDER)
        restart = (ssrc != self._streams.ssrc[rows]) | (
            stray & (sequence_number == self._stray[rows])
        )
        place = np.select(
            (restart, stray, ahead == 0, ahead >= SLOTS, ahead > 0, passed | (ahead < -SLOTS)),
            (Place.RESTART, Place.STRAY, Place.NEXT, Place.JUMP, Place.AHEAD, Place.LATE),
            Place.DUPLICATE,
        )
        place[(place == Place.AHEAD) & self._held[rows, slot]] = Place.DUPLICATE
        lonely, found = place == Place.STRAY, passed & (place == Place.LATE)
        self._stray[rows[lonely]] = (sequence_number[lonely] + 1) & 0xFFFF
        self._passed[rows[found], slot[found]] = _NONE
        return place

    def overtaken(self, rows: Rows, sequence_number: Integers) -> NDArray[np.bool_]:
        """Which packets come after one that is held and has a later number (RFC 4737 §3.3)."""
        behind: NDArray[np.bool_] = _signed16(self._newest[rows] - sequence_number) > 0
        return behind & (self.waiting[rows] > 0)

    def restart(self, rows: Rows, sequence_number: Integers, ssrc: Integers) -> None:
        """A new stream begins with these packets; what waited of the old one is dropped."""
        self.waiting[rows] = 0
        self._stray[rows] = _NONE
        self._held[rows] = False
        before = (sequence_number[:, np.newaxis] - 1 - np.arange(SLOTS)) & 0xFFFF
        self._passed[rows[:, np.newaxis], before % SLOTS] = before
        self._streams.ssrc[rows] = ssrc
        self._streams.expect(rows, sequence_number)

    def advance(self, rows: Rows, sequence_number: Integers) -> Integers:
        """These packets are given on: the ones after them are next.

        Returns how many numbers before each were passed without their packets.
        """
        absent = (sequence_number - self.expected(rows)) & 0xFFFF
        for passed in range(1, 1 + min(int(absent.max(initial=0)), SLOTS)):
            behind = absent >= passed
            number = (sequence_number[behind] - passed) & 0xFFFF
            self._passed[rows[behind], number % SLOTS] = number
        self._streams.expect(rows, sequence_number + 1)
        return absent

    def hold(
        self, rows: Rows, packets: Packets, arrival: NDArray[np.float64], lines: NDArray[np.uint8]
    ) -> None:
        """Keeps packets that are ahead until their turn; `lines` are their datagrams."""
        slot = packets.sequence_number % SLOTS
        self._held[rows, slot] = True
        self._timestamp[rows, slot] = packets.timestamp
        self._payload_type[rows, slot] = packets.payload_type
        self._arrival[rows, slot] = arrival
        self._length[rows, slot] = packets.length
        newest = ~self.overtaken(rows, packets.sequence_number)
        self._newest[rows[newest]] = packets.sequence_number[newest]
        self.waiting[rows] += 1
        for row, at, line, start, length in zip(
            rows, slot, packets.line, packets.start, packets.length, strict=True
        ):
            self._payload[row, at, :length] = lines[line, start : start + length]

    def first_waiting(self, rows: Rows) -> tuple[Integers, Integers]:
        """Sequence number and timestamp of the first packet waiting in each of `rows`."""
        expected = self.expected(rows)
        ring = (expected[:, np.newaxis] + np.arange(SLOTS)) % SLOTS
        steps = np.argmax(self._held[rows[:, np.newaxis], ring], axis=1)
        sequence_number = (expected + steps) & 0xFFFF
        return sequence_number, self._timestamp[rows, sequence_number % SLOTS]

    def take(self, rows: Rows, sequence_number: Integers) -> Ordered:
        """Takes one waiting packet out of each of `rows`."""
        slot = sequence_number % SLOTS
        self._held[rows, slot] = False
        self.waiting[rows] -= 1
        length = self._length[rows, slot]
        return Ordered(
            rows=rows,
            sequence_number=sequence_number,
            timestamp=self._timestamp[rows, slot],
            payload_type=self._payload_type[rows, slot],
            arrival=self._arrival[rows, slot],
            payload=self._payload[rows, slot, : max(length.max(), 1)],
            length=length,
        )


def _signed16(difference: Integers) -> Integers:
    return ((difference + 0x8000) & 0xFFFF) - 0x8000

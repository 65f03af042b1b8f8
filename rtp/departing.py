"""What leaves now: the frames of all rows whose turn it is, written as datagrams.

One pass over all rows, part of the compiled thread that sends. No socket or clock is in here.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.compiled import part
from rtp.journal import FRAME_BYTES, PAGES, Journal, Pages, notes
from rtp.mutex import lock, new_mutex, unlock
from rtp.pacing import PACES, Identity, Paces, Pacing, is_due, nominal, rests, stamps
from rtp.packet import HEADER_BYTES, MARKER, writes_header
from rtp.playout import VOICES, Playout, Voices, departs, speaks

LINE_BYTES = HEADER_BYTES + FRAME_BYTES
"""Bytes of every datagram that leaves."""

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Departing(NamedTuple):
    """What compiled code works on: three tables under one lock."""

    paces: Paces
    voices: Voices
    pages: Pages


DEPARTING = types.NamedTuple((PACES, VOICES, PAGES), Departing)


class Mouths:
    """What all rows say and when, under one lock: any thread may use it."""

    def __init__(self, rows: int, slots: int) -> None:
        self.mutex = new_mutex()
        self.playout = Playout(rows, self.mutex)
        self.pacing = Pacing(rows, slots, self.mutex)
        self.journal = Journal(rows, self.mutex)
        self.departing = Departing(self.pacing.paces, self.playout.voices, self.journal.pages)

    def open(
        self, row: int, codec: Codec, identity: Identity, now: float, *, continuous: bool
    ) -> None:
        """Row `row` sends `codec` from its next place on, and has nothing to say yet."""
        self.playout.open(row, codec)
        self.pacing.open(row, codec, identity, now, continuous=continuous)

    def close(self, row: int) -> None:
        """It sends nothing more."""
        self.pacing.close(row)


@part
def leaves(
    departing: Departing, now: float, out: Bytes, rows: Rows, late: Floats
) -> tuple[int, float]:
    """Writes the datagrams that leave now to the first lines of `out` (rows, `LINE_BYTES`).

    Fills `rows`, and `late` in seconds after each one's slot. Returns how many leave, and when the
    next of all does: infinite if none does.
    """
    paces, voices, pages = departing.paces, departing.voices, departing.pages
    words = np.empty(3, np.uint32)
    count = 0
    first = np.inf
    lock(paces.mutex)
    for row in range(len(paces.following)):
        if is_due(paces, row, now):
            if rests(paces, row, speaks(voices, row), now):
                voices.speeches[row]["talking"] = False
            else:
                line = out[count]
                talking = voices.speeches[row]["talking"]
                spoken = departs(voices, row, line[HEADER_BYTES:])
                late[count] = stamps(paces, row, now, words)
                writes_header(line, words, MARKER if spoken and not talking else 0)
                notes(pages, row, nominal(paces, row), line[HEADER_BYTES:])
                rows[count] = row
                count += 1
        first = min(first, paces.following[row])
    unlock(paces.mutex)
    return count, first

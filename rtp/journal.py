"""What recorded rows have sent, until the recording takes it: a bounded ring of frames.

Whoever sends writes, in compiled code and for recorded rows alone; another thread takes.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.compiled import b1, compiled, f8, i8, part, u1
from rtp.mutex import MUTEX, Mutex, lock, new_mutex, unlock

FRAME_BYTES = 160
"""Bytes of every frame that leaves: PCMU, PCMA and G.722 agree."""

FRAMES_PER_ROW = 16
"""Room for so many of each row: a third of a second."""

_WRITTEN, _TAKEN, _DROPPED = range(3)

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Sent(NamedTuple):
    """Frames in the order in which they left, each with its row and the time it stands for."""

    rows: Rows
    times: Floats
    payload: Bytes

    def without(self, which: Rows) -> "Sent":
        """All but the frames at `which`."""
        return Sent(
            np.delete(self.rows, which),
            np.delete(self.times, which),
            np.delete(self.payload, which, axis=0),
        )


class Pages(NamedTuple):
    """What compiled code works on, while `mutex` is its own; `counts` are frames."""

    mutex: Mutex
    recorded: NDArray[np.bool_]
    counts: NDArray[np.int64]
    rows: Rows
    times: Floats
    payload: Bytes


PAGES = types.NamedTuple((MUTEX, b1[::1], i8[::1], i8[::1], f8[::1], u1[:, ::1]), Pages)


class Journal:
    """Frames that have left and that nobody has taken; the newest are dropped and counted when
    there are too many."""

    def __init__(self, rows: int, mutex: Mutex | None = None) -> None:
        size = rows * FRAMES_PER_ROW
        self.pages = Pages(
            new_mutex() if mutex is None else mutex,
            np.zeros(rows, np.bool_),
            np.zeros(3, np.int64),
            np.zeros(size, np.int64),
            np.zeros(size),
            # Memory that nothing recorded ever touches is never made resident.
            np.empty((size, FRAME_BYTES), np.uint8),
        )
        self.recorded = self.pages.recorded
        """The rows whose frames are kept."""

    @property
    def dropped(self) -> int:
        """Frames there was no room for."""
        return int(self.pages.counts[_DROPPED])

    def take(self) -> Sent:
        """All that is there; it is not there any more."""
        counts = self.pages.counts
        waiting = int(counts[_WRITTEN] - counts[_TAKEN])
        payload = np.empty((waiting, FRAME_BYTES), np.uint8)
        sent = Sent(np.empty(waiting, np.int64), np.empty(waiting), payload)
        _take(self.pages, *sent)
        return sent


@part
def notes(pages: Pages, row: int, time: float, frame: Bytes) -> None:
    """If `row` is recorded: it has sent `frame`, which stands for `time`."""
    if not pages.recorded[row]:
        return
    counts, size = pages.counts, len(pages.rows)
    if counts[_WRITTEN] - counts[_TAKEN] == size:
        counts[_DROPPED] += 1
        return
    place = counts[_WRITTEN] % size
    pages.rows[place], pages.times[place] = row, time
    for nth in range(FRAME_BYTES):
        pages.payload[place, nth] = frame[nth]
    counts[_WRITTEN] += 1


@compiled(types.void(PAGES, i8[::1], f8[::1], u1[:, ::1]))
def _take(pages: Pages, rows: Rows, times: Floats, payload: Bytes) -> None:
    lock(pages.mutex)
    for nth in range(len(rows)):
        place = pages.counts[_TAKEN] % len(pages.rows)
        rows[nth], times[nth] = pages.rows[place], pages.times[place]
        for at in range(FRAME_BYTES):
            payload[nth, at] = pages.payload[place, at]
        pages.counts[_TAKEN] += 1
    unlock(pages.mutex)

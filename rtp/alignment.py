"""Both directions of recorded rows on one time line, so that left and right stay together.

What is heard comes when the network lets it, what is sent leaves when its turn is; each frame
knows which 20 ms of the row's time it belongs to. A few frames are held until both sides of
their time must be there, and then given as pairs, one for every 20 ms since the row was started.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.journal import FRAME_BYTES
from rtp.timeline import CATCH_UP_FRAMES, MAX_WAIT

_SLOTS = 32
_HELD = CATCH_UP_FRAMES + round(MAX_WAIT / FRAME_SECONDS) + 1
_MOST_SAMPLES = 320
_UNKNOWN = np.nan

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Pairs(NamedTuple):
    """One frame of both directions for each of `rows`; where `left` is false nothing was sent."""

    rows: Rows
    heard: Samples
    sent: Bytes
    left: Mask


class Alignment:
    """The rows that are recorded. In each call a row may appear once."""

    def __init__(self, rows: int) -> None:
        self.count = 0
        """Rows that are recorded now."""
        self.active = np.zeros(rows, np.bool_)
        """Which they are."""
        self._start = np.zeros(rows)
        self._next = np.zeros(rows, np.int64)
        self._samples = np.zeros(rows, np.int64)
        # Time and place of the first frame of each direction; the others are counted from it.
        self._first = np.full((2, rows), _UNKNOWN)
        self._place = np.zeros((2, rows), np.int64)
        # Memory of rows that are never recorded is never made resident.
        self._heard = np.zeros((rows, _SLOTS, _MOST_SAMPLES), np.float32)
        self._sent = np.zeros((rows, _SLOTS, FRAME_BYTES), np.uint8)
        self._left = np.zeros((rows, _SLOTS), np.bool_)

    def start(self, row: int, codec: Codec, now: float) -> None:
        """Pairs of `row` are given from now on."""
        self.count += 1 - int(self.active[row])
        self.active[row] = True
        self._start[row] = now
        self._next[row] = 0
        self._samples[row] = codec.frame_samples
        self._first[:, row] = _UNKNOWN
        self._heard[row] = 0.0
        self._left[row] = False

    def stop(self, row: int, now: float) -> list[Pairs]:
        """The pairs of `row` that are still held; none come after."""
        if not self.active[row]:
            return []
        rows = np.array([row])
        last = int((now - self._start[row]) / FRAME_SECONDS)
        pairs = [self._take(rows) for _ in range(int(self._next[row]), last)]
        self.active[row] = False
        self.count -= 1
        return pairs

    def hear(self, rows: Rows, times: Floats, samples: Samples) -> None:
        """Frames heard; `times` is the row's own time, at the codec's own rate."""
        chosen = np.flatnonzero(self.active[rows])
        if len(chosen):
            rows, slot, fits = self._slots(0, rows[chosen], times[chosen])
            self._heard[rows, slot, : samples.shape[1]] = samples[chosen[fits]]

    def send(self, rows: Rows, times: Floats, payload: Bytes) -> None:
        """Frames that have left; `times` is when they would have, had none been early."""
        chosen = np.flatnonzero(self.active[rows])
        if len(chosen):
            rows, slot, fits = self._slots(1, rows[chosen], times[chosen])
            self._sent[rows, slot] = payload[chosen[fits]]
            self._left[rows, slot] = True

    def due(self, now: float) -> list[Pairs]:
        """The pairs whose time has passed for good."""
        pairs = []
        rows = np.flatnonzero(self.active)
        while len(rows):
            last = np.floor((now - self._start[rows]) / FRAME_SECONDS) - _HELD
            rows = rows[self._next[rows] < last]
            for samples in np.unique(self._samples[rows]):
                pairs.append(self._take(rows[self._samples[rows] == samples]))
        return pairs

    def _take(self, rows: Rows) -> Pairs:
        slot = self._next[rows] % _SLOTS
        samples = int(self._samples[rows[0]])
        pairs = Pairs(
            rows,
            self._heard[rows, slot, :samples],
            self._sent[rows, slot],
            self._left[rows, slot],
        )
        self._heard[rows, slot] = 0.0
        self._left[rows, slot] = False
        self._next[rows] += 1
        return pairs

    def _slots(self, side: int, rows: Rows, times: Floats) -> tuple[Rows, Rows, Mask]:
        """Where frames of these times lie, for those that still have a place."""
        new = np.isnan(self._first[side, rows])
        fresh = rows[new]
        self._first[side, fresh] = times[new]
        since = np.maximum(times[new] - self._start[fresh], 0.0)
        self._place[side, fresh] = (since / FRAME_SECONDS).astype(np.int64)
        frames = np.rint((times - self._first[side, rows]) / FRAME_SECONDS).astype(np.int64)
        place = self._place[side, rows] + frames
        ahead = place - self._next[rows]
        fits = (ahead >= 0) & (ahead < _SLOTS)
        return rows[fits], place[fits] % _SLOTS, fits

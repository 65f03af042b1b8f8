"""When packets are read: together, and soon after most of them have come.

A reading costs much the same however few packets it finds, so those of one crowd are read once in
20 ms, and each packet waits until then. How long is chance; where callers are few, or come in
step, another moment lets them wait less. Which one is seen from the times of arrival alone.
Callers' clocks differ by some parts per million, so it is looked for again and again. Pure.
"""

import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS
from rtp.compiled import compiled
from rtp.pacing import CROWD

READINGS = 50
"""Readings from one look to the next: a second."""

WORTH_SECONDS = 0.002
"""What packets must gain on average: the turn stays where it is for less."""

SOON = 0.001
"""Seconds: what comes so soon after a reading is part of the next one."""

# Seconds from one reading to the next, for one crowd of legs, or two, or more.
_READ_TOGETHER = (0.020, 0.010, 0.005)

_BINS = 40
_BIN_SECONDS = FRAME_SECONDS / _BINS
_NARROW = 2
"""Bins: a packet that comes so shortly before the turn will soon come too late for it."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Readings:
    """When the readings of some legs are; `at` is the time of one of them."""

    def __init__(self) -> None:
        self.at = 0.0
        self._phase = Phase()

    def next(self, now: float, legs: int) -> float:
        """When to read, if there has just been a reading; what comes until then waits."""
        crowds_before_the_last = max(legs - 1, 0) // CROWD
        between = _READ_TOGETHER[min(crowds_before_the_last, len(_READ_TOGETHER) - 1)]
        soon = now + SOON
        return soon + between - (soon - self.at) % between

    def found(self, arrivals: Floats, legs: int) -> None:
        """A reading has found packets that came at these times: the next ones may be moved.

        Those of many legs come at any time.
        """
        if legs <= CROWD and len(arrivals):
            self.at += self._phase.take(self.at, arrivals)


class Phase:
    """How long packets have waited for the turn lately."""

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)
        self._readings = 0
        # Line i: what a packet of each bin would wait if the turn came i bins later.
        bins = np.arange(_BINS)
        waits = (bins[:, np.newaxis] + bins) % _BINS
        self._waits = np.where(waits < _NARROW, _BINS, waits) * _BIN_SECONDS

    def take(self, turn: float, arrivals: Floats) -> float:
        """Packets came at these times. Returns by how many seconds the turn had better be later,
        or (negative) earlier, by half a frame at most; 0 in most readings.

        `turn` is the time of any turn; both are monotonic seconds.
        """
        _count(turn, arrivals, self._counts)
        self._readings += 1
        if self._readings < READINGS:
            return 0.0
        later = self._better()
        self._counts[:] = 0
        self._readings = 0
        return later

    def _better(self) -> float:
        means = self._waits @ self._counts / max(int(self._counts.sum()), 1)
        best = int(means.argmin())
        if means[0] - means[best] < WORTH_SECONDS:
            return 0.0
        return (best if best <= _BINS // 2 else best - _BINS) * _BIN_SECONDS


@compiled("void(f8, f8[::1], i8[::1])")
def _count(turn: float, arrivals: Floats, counts: Integers) -> None:
    for arrival in arrivals:
        counts[np.int64(np.floor((turn - arrival) / _BIN_SECONDS)) % _BINS] += 1

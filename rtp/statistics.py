"""What is counted: per leg and for the whole plane (RFC 3550 §A.3, §A.8; ITU-T G.107)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.compiled import compiled, f8, facts_of, i8, part

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Facts = NDArray[np.void]

_JITTER_GAIN = 1 / 16
_NO_TRANSIT = np.inf
_LONGEST_JITTER = 1.0
_BEST_RATING = 93.2
_LOSS_ROBUSTNESS = 25.1
_BINS, _BINS_PER_SECOND = 1000, 10000.0


@dataclass(frozen=True, slots=True)
class LegStatistics:
    """One leg, both directions, since it was opened. Jitter in seconds, packets as counts.

    `lost` are packets whose numbers and timestamps say that they were sent and never came;
    numbers the sender used up without as much time (keypad digits) are not. `reordered` were
    overtaken and came in time, `late` came after their turn had been given up. `concealed` and
    `silence` are frames given in place of lost packets and of silence. `mos` is the E-model's
    estimate for what was received.
    """

    received: int
    lost: int
    duplicate: int
    late: int
    reordered: int
    stray: int
    flooded: int
    stale: int
    other_payload: int
    restarts: int
    frames: int
    concealed: int
    silence: int
    jitter: float
    wait: float
    mos: float
    sent: int
    played: int
    flushed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class PlaneStatistics:
    """The whole plane since it was started.

    `dropped` counts datagrams by cause; `undelivered_ticks` those that the loop took too late.
    Lateness of outgoing frames in seconds.
    Frames `recorded` and not (a slow disk), and files that the disk refused.
    """

    legs: int
    received: int
    sent: int
    dropped: Mapping[str, int]
    undelivered_ticks: int
    late_p50: float
    late_p99: float
    late_max: float
    recorded: int = 0
    unrecorded: int = 0
    failed_recordings: int = 0


class ReceptionCounters:
    """The columns of what each row received."""

    def __init__(self, rows: int) -> None:
        self.received = np.zeros(rows, np.int64)
        self.lost = np.zeros(rows, np.int64)
        self.duplicate = np.zeros(rows, np.int64)
        self.late = np.zeros(rows, np.int64)
        self.reordered = np.zeros(rows, np.int64)
        self.stray = np.zeros(rows, np.int64)
        self.flooded = np.zeros(rows, np.int64)
        self.stale = np.zeros(rows, np.int64)
        self.other_payload = np.zeros(rows, np.int64)
        self.restarts = np.zeros(rows, np.int64)
        self.concealed = np.zeros(rows, np.int64)
        self.silence = np.zeros(rows, np.int64)
        self._columns: dict[str, Integers] = dict(vars(self))

    def reset(self, row: int) -> None:
        """The row counts for another leg from now on."""
        for column in self._columns.values():
            column[row] = 0

    def of(self, row: int) -> dict[str, int]:
        """All counts of `row` by name."""
        return {name: int(column[row]) for name, column in self._columns.items()}


JITTER = np.dtype([("seconds", "f8"), ("transit", "f8")], align=True)
JITTERS = facts_of(JITTER)


class Jitter:
    """Interarrival jitter of every row, in seconds (RFC 3550 §6.4.1, §A.8)."""

    def __init__(self, rows: int) -> None:
        self.facts: Facts = np.zeros(rows, JITTER)
        self.seconds = self.facts["seconds"]
        self._transit = self.facts["transit"]
        self._transit[:] = _NO_TRANSIT

    def reset(self, rows: Rows | int) -> None:
        """What comes next is a new stream."""
        self.seconds[rows] = 0.0
        self._transit[rows] = _NO_TRANSIT

    def observe(self, rows: Rows, transit: Floats) -> None:
        """A packet of each of `rows` has come; `transit` is its arrival less its timestamp.

        In seconds, from any origin. A jump of the timestamp, or a first packet, says nothing
        about the path.
        """
        _observe(self.facts, rows, transit)


@part
def takes_time(jitters: Facts, row: int, transit: float) -> None:
    """One packet, as `Jitter.observe` takes many."""
    jitter = jitters[row]
    difference = abs(transit - jitter["transit"])
    jitter["transit"] = transit
    if difference > _LONGEST_JITTER:
        difference = 0.0
    jitter["seconds"] += (difference - jitter["seconds"]) * _JITTER_GAIN


@compiled(types.void(JITTERS, i8[::1], f8[::1]))
def _observe(jitters: Facts, rows: Rows, transit: Floats) -> None:
    for nth, row in enumerate(rows):
        takes_time(jitters, row, transit[nth])


def mean_opinion_score(*, lost_share: float, burst_ratio: float = 1.0, delay: float = 0.0) -> float:
    """E-model quality, 1…4.5, of G.711 with concealment (ITU-T G.107; Ie and Bpl of G.113).

    `delay` is one way, in seconds, mouth to ear. Wideband codecs are rated on the same scale.
    """
    percent = 100.0 * min(max(lost_share, 0.0), 1.0)
    impairment = 95.0 * percent / (percent / burst_ratio + _LOSS_ROBUSTNESS)
    milliseconds = 1000.0 * delay
    delayed = 0.024 * milliseconds + 0.11 * max(milliseconds - 177.3, 0.0)
    rating = min(max(_BEST_RATING - delayed - impairment, 0.0), 100.0)
    score = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
    return min(max(score, 1.0), 4.5)


class Lateness:
    """How late frames left, as a histogram of fixed size."""

    def __init__(self) -> None:
        self.counts = np.zeros(_BINS + 1, np.int64)
        self.latest = np.zeros(1)

    @property
    def max(self) -> float:
        """The latest frame, in seconds."""
        return float(self.latest[0])

    def forget(self) -> None:
        """It is measured anew from now on."""
        self.counts[:] = 0
        self.latest[:] = 0.0

    def quantile(self, share: float) -> float:
        """Seconds not exceeded by `share` of the frames, to the next 0.1 ms."""
        cumulated = np.cumsum(self.counts)
        if not cumulated[-1]:
            return 0.0
        position = int(np.searchsorted(cumulated, share * cumulated[-1]))
        return min((position + 1) / _BINS_PER_SECOND, self.max)


@part
def counts_late(late: Floats, start: float, each: float, counts: Integers, latest: Floats) -> None:
    """Frames have left, one after the other, `late` seconds after their slot and those until the
    `start`, each taking `each`. They are counted in a `Lateness`'s `counts` and `latest`."""
    for nth in range(len(late)):
        after = late[nth] + start + (nth + 1) * each
        latest[0] = max(latest[0], after)
        counts[np.int64(min(max(after * _BINS_PER_SECOND, 0.0), len(counts) - 1.0))] += 1

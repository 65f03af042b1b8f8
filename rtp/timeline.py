"""Each row's time: packets in order become frames of 20 ms, and silence becomes frames too.

Order is by sequence number, time is by timestamp. `edge` is when the next frame's audio should
arrive; it follows early arrivals at once and late ones slowly, so it sits near the least delay
the path has shown. A frame that has not come `wait` after its edge is given up: the row's clock
gives a frame in its place and goes on. `wait` follows the leg's own measured lateness. So one
rule serves a lost packet, a caller on hold and a sender that suppresses silence, and the row
never falls silent towards its listener.

Audio that comes after its place was given up, but in order, is still released, because
recognising it late is better than not at all: the row is then ahead of the clock on the wall,
which `ahead` tells and the plane repays from the caller's silence.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.compiled import compiled, f8, facts_of, i8, part
from rtp.earliest import earliest
from rtp.reorder import Ordered
from rtp.streams import Streams

MIN_WAIT, MAX_WAIT = 0.010, 0.080
"""Bounds in seconds of how long a missing frame may hold back the ones behind it."""

FILL_FRAMES = 10
"""A timestamp further ahead than this, and not explained by time passed, is a new time base."""

CATCH_UP_FRAMES = 3
"""Frames the clock gives at once after the plane itself was held up; then it starts anew."""

_INITIAL_SPREAD = 0.016
_SPREAD_RISE = 0.5
_SPREAD_FALL = 1 / 256
_WAIT_PER_SPREAD = 1.25
_EDGE_RISE = 1 / 128
_PENDING_BYTES = 640
_NO_ROWS = np.zeros(0, np.intp)

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Facts = NDArray[np.void]


CLOCK = np.dtype(
    [
        ("edge", "f8"),
        ("spread", "f8"),
        ("wait", "f8"),
        # The time up to which frames have been given, on a clock that began at the origin.
        ("given", "f8"),
        ("origin", "f8"),
        ("seconds_per_unit", "f8"),
        ("stalled", "i8"),
        ("step", "i8"),
        ("frame_bytes", "i8"),
        ("fill", "i8"),
        ("quiet", "?"),
        ("rebase", "?"),
    ],
    align=True,
)
CLOCKS = facts_of(CLOCK)


class Frames(NamedTuple):
    """One frame for each of `rows`, all different.

    `given` is up to when frames have been given, these included, in each row's own time. `payload`
    is (n, bytes of a frame or more), or None: silence, or loss where `lost`. `ahead` is, where
    known, by how many seconds the row's time is ahead of the clock on the wall.
    """

    rows: Rows
    given: Floats
    payload: Bytes | None
    lost: bool = False
    ahead: Floats | None = None


class Timeline:
    """Timestamps and clocks of all rows. In each call a row may appear once."""

    def __init__(self, rows: int, streams: Streams) -> None:
        self.due = np.full(rows, np.inf)
        """When the clock gives the row's next frame if no packet does."""
        self.facts: Facts = np.zeros(rows, CLOCK)
        self.wait = self.facts["wait"]
        self.quiet = self.facts["quiet"]
        """The sender has said that it is silent (comfort noise), or has not spoken yet."""
        self._streams = streams
        self._stalled = self.facts["stalled"]
        self._edge = self.facts["edge"]
        self._spread = self.facts["spread"]
        self._origin = self.facts["origin"]
        self._given = self.facts["given"]
        self._rebase = self.facts["rebase"]
        self._step = self.facts["step"]
        self._frame_bytes = self.facts["frame_bytes"]
        self._seconds_per_unit = self.facts["seconds_per_unit"]
        self._fill = self.facts["fill"]
        self._step[:] = self._frame_bytes[:] = 1
        self._pending = np.zeros((rows, _PENDING_BYTES), np.uint8)

    def open(self, row: int, codec: Codec, now: float) -> None:
        """The row's clock starts now."""
        self._step[row] = codec.timestamp_step
        self._frame_bytes[row] = codec.frame_bytes
        self._seconds_per_unit[row] = 1 / codec.clock_rate
        self._spread[row] = _INITIAL_SPREAD
        self.wait[row] = _INITIAL_SPREAD * _WAIT_PER_SPREAD
        self._edge[row] = self._origin[row] = self._given[row] = now
        self.due[row] = now + FRAME_SECONDS
        self.quiet[row] = self._rebase[row] = True
        self._stalled[row] = self._fill[row] = 0

    def close(self, row: int) -> None:
        """The row has no clock any more."""
        self.due[row] = np.inf

    @property
    def earliest_due(self) -> float:
        """When the first clock gives a frame."""
        return earliest(self.due)

    def stand_in(self, rows: Rows, *, lost: bool) -> Frames:
        """What the clock has just given: loss, or silence."""
        return Frames(rows, self._given[rows], None, lost=lost)

    def given(self, row: int) -> int:
        """Frames given since the row was opened."""
        return round(float(self._given[row] - self._origin[row]) / FRAME_SECONDS)

    def restart(self, rows: Rows) -> None:
        """A new stream follows: its first timestamp is its time base."""
        self._rebase[rows] = True
        self._fill[rows] = 0

    def steady(self, rows: Rows) -> NDArray[np.bool_]:
        """For which rows the next packet, if it is one frame in turn, is all there is to it."""
        unsteady = (self._stalled[rows] > 0) | (self._fill[rows] > 0)
        steady: NDArray[np.bool_] = ~(unsteady | self.quiet[rows] | self._rebase[rows])
        return steady

    def observe(self, rows: Rows, timestamp: Integers, arrival: Floats) -> None:
        """Learns from a packet's lateness how long a gap of its row may wait."""
        missing = self._missing(rows, timestamp)
        known = (np.abs(missing) <= FILL_FRAMES * self._step[rows]) & ~self._rebase[rows]
        rows = rows[known]
        late = arrival[known] - self._edge[rows] - missing[known] * self._seconds_per_unit[rows]
        _learn(self.facts, rows, late)

    def covered(self, rows: Rows, timestamp: Integers) -> NDArray[np.bool_]:
        """Whether no audio is missing before `timestamp` that is still worth waiting for."""
        missing = self._missing(rows, timestamp)
        return (missing <= 0) | (missing > FILL_FRAMES * self._step[rows])

    def silence(self, rows: Rows) -> None:
        """Packets that carry no audio have come: what follows on the clock is silence."""
        self.quiet[rows] = True

    def append(self, packets: Ordered) -> list[Frames]:
        """The frames that become whole with the next packets, of any duration, of their rows."""
        rows, timestamp, length = packets.rows, packets.timestamp, packets.length
        units = length * self._step[rows] // self._frame_bytes[rows]
        missing = self._missing(rows, timestamp)
        whole = (length == self._frame_bytes[rows]) & (self._fill[rows] == 0)
        self._move(rows, packets.arrival, np.maximum(missing, 0), units)
        self._streams.timestamp[rows] = timestamp + units
        self._stalled[rows] = 0
        self.quiet[rows] = self._rebase[rows] = False
        if whole.all() and not (missing > 0).any():
            return [self._frames(rows, packets.payload)]
        frames = self._fill_silence(rows, missing)
        frames += self._join(rows, packets.payload, length)
        return frames

    def clock(self, now: float) -> Rows:
        """The rows whose next frame is due and has not come; each has one given in its place."""
        if self.earliest_due > now:
            return _NO_ROWS
        rows: Rows = (self.due <= now).nonzero()[0]
        if len(rows):
            held_up = now - self.due[rows] > CATCH_UP_FRAMES * FRAME_SECONDS
            if held_up.any():
                self._start_anew(rows[held_up], now)
            self._stalled[rows] += self._step[rows]
            self._edge[rows] += FRAME_SECONDS
            self._given[rows] += FRAME_SECONDS
            self.due[rows] = self._edge[rows] + self.wait[rows]
            self._streams.unsettle(rows)
        return rows

    def finish(self, rows: Rows) -> tuple[NDArray[np.bool_], Frames | None]:
        """Of `rows`, whose clock has just ticked: which had part of a frame, and those frames.

        What came of them is continued by its mirror image.
        """
        cut = self._fill[rows] > 0
        if not cut.any():
            return cut, None
        rows = rows[cut]
        fill = self._fill[rows]
        position = np.arange(_PENDING_BYTES) % (2 * fill[:, np.newaxis])
        mirrored = np.minimum(position, 2 * fill[:, np.newaxis] - 1 - position)
        payload = np.take_along_axis(self._pending[rows], mirrored, axis=1)
        self._stalled[rows] -= fill * self._step[rows] // self._frame_bytes[rows]
        self._fill[rows] = 0
        return cut, Frames(rows, self._given[rows], payload)

    def gap(self, rows: Rows, timestamp: Integers) -> Integers:
        """Units between the end of the last packet and `timestamp`; 0 on a new time base."""
        gap = _signed32(timestamp - self._streams.timestamp[rows])
        return np.where(self._rebase[rows], 0, gap)

    def stood_in(self, rows: Rows, timestamp: Integers) -> Integers:
        """Frames the clock has given in the gap before `timestamp`."""
        units = np.minimum(self._stalled[rows], np.maximum(self.gap(rows, timestamp), 0))
        frames: Integers = units // self._step[rows]
        return frames

    def drop_one(self, rows: Rows) -> None:
        """A frame of each of `rows` was left out, to be with the clock on the wall again."""
        self._given[rows] -= FRAME_SECONDS

    def add_one(self, rows: Rows) -> None:
        """A frame of each of `rows` was given once more than there was, to the same end."""
        self._given[rows] += FRAME_SECONDS

    def _frames(self, rows: Rows, payload: Bytes | None) -> Frames:
        """The next frames of `rows`."""
        given = self._given[rows] + FRAME_SECONDS
        self._given[rows] = given
        return Frames(rows, given, payload, ahead=given - self._edge[rows])

    def _missing(self, rows: Rows, timestamp: Integers) -> Integers:
        """Units of audio between what the row has given and `timestamp`; 0 on a new base.

        Negative if the clock has given more than was due, or the sender's clock went back.
        """
        missing = _signed32(timestamp - self._streams.timestamp[rows]) - self._stalled[rows]
        return np.where(self._rebase[rows], 0, missing)

    def _move(self, rows: Rows, arrival: Floats, missing: Integers, units: Integers) -> None:
        """Moves the edge: at once to an early packet, slowly to a late one."""
        jump = (missing > FILL_FRAMES * self._step[rows]) | self._rebase[rows]
        edge = self._edge[rows] + missing * self._seconds_per_unit[rows]
        late = arrival - edge
        edge += np.where((late < 0.0) | jump, late, late * _EDGE_RISE)
        edge += units * self._seconds_per_unit[rows]
        self._edge[rows] = edge
        self.due[rows] = edge + self.wait[rows]

    def _start_anew(self, rows: Rows, now: float) -> None:
        """The plane itself was held up: frames not given in that time are not made up for."""
        behind = now - self.due[rows]
        self._edge[rows] += behind
        self._given[rows] += behind
        self._origin[rows] += behind

    def _fill_silence(self, rows: Rows, missing: Integers) -> list[Frames]:
        """The sender was silent for a known, short time that the clock has not given."""
        count = np.where(missing <= FILL_FRAMES * self._step[rows], missing, 0) // self._step[rows]
        frames = []
        for nth in range(int(count.max(initial=0))):
            frames.append(self._frames(rows[count > nth], None))
        return frames

    def _join(self, rows: Rows, payload: Bytes, length: Integers) -> list[Frames]:
        """Cuts what is pending and what has come into frames, and keeps the rest."""
        fill, frame_bytes = self._fill[rows], self._frame_bytes[rows]
        total = fill + length
        width = int(total.max(initial=0))
        position = np.arange(width)
        joined = np.zeros((len(rows), max(width, _PENDING_BYTES)), np.uint8)
        joined[:, :_PENDING_BYTES] = self._pending[rows]
        coming = (position >= fill[:, np.newaxis]) & (position < total[:, np.newaxis])
        source = np.clip(position - fill[:, np.newaxis], 0, payload.shape[1] - 1)
        copied = np.take_along_axis(payload, source, axis=1)
        np.copyto(joined[:, :width], copied, where=coming)
        frames = []
        count = total // frame_bytes
        for nth in range(int(count.max(initial=0))):
            has = np.flatnonzero(count > nth)
            cut = (nth * frame_bytes[has])[:, np.newaxis] + np.arange(_PENDING_BYTES)
            cut = np.minimum(cut, joined.shape[1] - 1)
            frames.append(self._frames(rows[has], np.take_along_axis(joined[has], cut, axis=1)))
        rest = (count * frame_bytes)[:, np.newaxis] + np.arange(_PENDING_BYTES)
        rest = np.minimum(rest, joined.shape[1] - 1)
        self._pending[rows] = np.take_along_axis(joined, rest, axis=1)
        self._fill[rows] = total - count * frame_bytes
        return frames


@part
def _learn_one(clocks: Facts, row: int, late: float) -> None:
    """The wait follows what lateness shows: up fast, down slowly."""
    clock = clocks[row]
    over = min(max(late, 0.0), MAX_WAIT) - clock["spread"]
    clock["spread"] += max(over * _SPREAD_RISE, over * _SPREAD_FALL)
    clock["wait"] = min(max(clock["spread"] * _WAIT_PER_SPREAD, MIN_WAIT), MAX_WAIT)


@compiled(types.void(CLOCKS, i8[::1], f8[::1]))
def _learn(clocks: Facts, rows: Rows, late: Floats) -> None:
    for nth, row in enumerate(rows):
        _learn_one(clocks, row, late[nth])


@part
def follows(clocks: Facts, due: Floats, row: int, arrival: float) -> tuple[float, float]:
    """The next frame in turn of a steady row has come, and nothing else: its `given` and `ahead`.

    It is what `observe` and `_move` do then.
    """
    clock = clocks[row]
    late = arrival - clock["edge"]
    _learn_one(clocks, row, late)
    clock["edge"] += min(late, late * _EDGE_RISE) + FRAME_SECONDS
    clock["given"] += FRAME_SECONDS
    due[row] = clock["edge"] + clock["wait"]
    return clock["given"], clock["given"] - clock["edge"]


def _signed32(difference: Integers) -> Integers:
    return ((difference + 0x80000000) & 0xFFFFFFFF) - 0x80000000

"""When each row sends, and with which sequence number, timestamp and SSRC.

Time is cut into slots, a few in 20 ms, and every row has its place in one, so that the rows are
spread and a slot is one batch. A batch costs much the same however few are in it, so a slot is
used only when those before it are crowded. Sequence numbers and the SSRC are continuous for the
leg's life.

A *continuous* row sends silence when it has nothing to say: NAT bindings, RTP timeouts and
recordings stay as they are, and timestamps count frames. When it begins to speak its first frame
does not wait for the row's place but leaves at once, as an extra one, and all of the talkspurt is
one frame early; in the silence after it one frame is left out, so that earliness never adds up.
(The other choice, to wait for the place, costs up to 20 ms at the start of each answer. To move
the row to the slot it begins in would, under load, crowd rows into the same slots.)

A row that is not continuous sends nothing in silence, and its timestamps advance with time.

Either way the marker bit begins a talkspurt (RFC 3551 §4.1).
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.compiled import b1, compiled, f8, facts_of, i8, part, u4
from rtp.earliest import earliest
from rtp.packet import header_words

CATCH_UP = 0.060
"""Seconds of delay that are made up for by sending faster; beyond it, time is skipped."""

CROWD = 256
"""Rows that share a slot before another one is used: they leave within a millisecond."""

# Slots are told apart by far more than this; floats that mean the same slot differ by far less.
_EPSILON = 1e-5

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Words = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Facts = NDArray[np.void]

SENDER = np.dtype(
    [
        # Three words, and how far the timestamp goes with each frame.
        ("header", "u4", (3,)),
        ("step", "i8"),
        # The time that the timestamp has reached.
        ("reached", "f8"),
        ("skipped", "i8"),
        ("at_once", "?"),
        # Once silent, the row does not just go on: it is ahead, or not continuous.
        ("unsettled", "?"),
    ],
    align=True,
)
SENDERS = facts_of(SENDER)

_NONE_EXTRA = np.zeros(0, np.bool_)


class Identity(NamedTuple):
    """Where a stream's numbers begin; they should be random (RFC 3550 §5.1)."""

    ssrc: int
    sequence_number: int
    timestamp: int


class Pacing:
    """The clocks and counters of all rows that send."""

    def __init__(self, rows: int, slots: int) -> None:
        """`slots` slots in 20 ms at most."""
        self._slot = FRAME_SECONDS / slots
        self._shifted = 0.0
        self.next = np.full(rows, np.inf)
        """When each row sends its next frame; infinite while it has nothing to send."""
        self.waiting = 0
        """Rows that asked to be sent at once."""
        self.facts: Facts = np.zeros(rows, SENDER)
        self.skipped = self.facts["skipped"]
        """Frames of time that were lost because the plane was held up."""
        # In this order the slots in use are as far apart as can be.
        self._slots = np.array(sorted(range(slots), key=lambda nth: f"{nth:032b}"[::-1]))
        self._place = np.full(rows, -1, np.int64)
        self._at_once = self.facts["at_once"]
        self._continuous = np.zeros(rows, np.bool_)
        # Rows that are one frame ahead of their place.
        self._ahead = np.zeros(rows, np.bool_)
        self._unsettled = self.facts["unsettled"]
        self._reached = self.facts["reached"]
        self._place_time = np.zeros(rows)
        self._due = np.empty(rows, np.intp)
        self._header = self.facts["header"]
        self._step = self.facts["step"]
        self._units_per_second = np.zeros(rows)

    def open(
        self, row: int, codec: Codec, identity: Identity, now: float, *, continuous: bool
    ) -> None:
        """Row `row` sends `codec` from its next place on."""
        place = self._place_for_one()
        self._place[row] = place
        self._continuous[row] = continuous
        self._unsettled[row] = not continuous
        self._place_time[row] = place * self._slot + self._shifted
        turn = float(self._next_turn(np.array([row]), now)[0])
        self._reached[row] = turn if continuous else now
        self.next[row] = turn if continuous else np.inf
        self._header[row] = header_words(
            payload_type=codec.payload_type,
            sequence_number=identity.sequence_number,
            timestamp=identity.timestamp,
            ssrc=identity.ssrc,
        )
        self._step[row] = codec.timestamp_step
        self._units_per_second[row] = codec.clock_rate
        self._ahead[row] = False
        self.skipped[row] = 0

    def close(self, row: int) -> None:
        """The row sends nothing more."""
        self._answer(np.array([row]))
        self.next[row] = np.inf
        self._place[row] = -1

    def send_at_once(self, row: int) -> None:
        """The next frame of `row` does not wait for its turn, unless the row is ahead already."""
        if not self._ahead[row]:
            self.waiting += 1 - int(self._at_once[row])
            self._at_once[row] = True

    @property
    def turn(self) -> float:
        """When, in some 20 ms, the first slot's turn is."""
        return self._shifted

    def shift(self, seconds: float) -> None:
        """Every turn is later by `seconds`, or (negative) earlier, from the next one on."""
        self._shifted += seconds
        self._place_time += seconds
        self._reached += seconds
        self.next += seconds

    @property
    def earliest(self) -> float:
        """When the first row sends, unless one waits to be sent at once."""
        return earliest(self.next)

    def due(self, now: float) -> Rows:
        """The rows whose turn has come; valid until the next call."""
        return self._due[: _due(now, self.next, self.facts, self.waiting, self._due)]

    def rest(self, rows: Rows, speaking: Mask, now: float) -> Mask | None:
        """Which of `rows`, due now, do not send after all, because they have nothing to say.

        None if all send. A continuous one that was ahead is at its own place again then.
        """
        loose = self._unsettled[rows]
        if self.waiting:
            loose |= self._at_once[rows]
        resting: Mask = np.greater(loose, speaking)
        if not np.count_nonzero(resting):
            return None
        turn = self.next[rows] <= now + _EPSILON
        resting &= ~turn | self._ahead[rows] | ~self._continuous[rows]
        idle = rows[resting]
        self._answer(idle)
        continuous = self._continuous[idle]
        omitted = idle[continuous & turn[resting]]
        self.next[omitted] += FRAME_SECONDS
        self._ahead[omitted] = False
        self._unsettled[omitted] = False
        self.next[idle[~continuous]] = np.inf
        return resting

    def stamp(self, rows: Rows, now: float) -> tuple[Words, Floats]:
        """Headers, without marker, for one frame of each of `rows`, and how late each leaves.

        Lateness is in seconds after the frame's slot.
        """
        extra = _NONE_EXTRA
        if self.waiting:
            extra = self._at_once[rows]
            self._start(rows[extra], now)
        header, late = np.empty((len(rows), 3), np.uint32), np.empty(len(rows))
        _stamp(rows, extra, now, self.next, self.facts, header, late)
        return header, late

    def nominal(self, rows: Rows) -> Floats:
        """The time that the timestamps of the frames just stamped stand for."""
        return self._reached[rows] - FRAME_SECONDS

    def _start(self, rows: Rows, now: float) -> None:
        """These rows begin to speak: an extra frame leaves now, and the rest in their turns."""
        continuous = self._continuous[rows]
        self._catch_up_with_time(rows[~continuous], now)
        early = rows[self.next[rows] > now + _EPSILON]
        self.next[early] = self._next_turn(early, now) - FRAME_SECONDS
        self._ahead[early] = self._continuous[early]
        self._unsettled[early] = True
        self._answer(rows)

    def _catch_up_with_time(self, rows: Rows, now: float) -> None:
        """Timestamps of rows that have sent nothing go on from now."""
        silent = np.maximum(now - self._reached[rows], 0.0)
        units = np.rint(silent * self._units_per_second[rows]).astype(np.int64)
        self._header[rows, 1] += units.astype(np.uint32)
        self._reached[rows] += silent

    def _answer(self, rows: Rows) -> None:
        """What these rows asked for at once is done."""
        self.waiting -= int(self._at_once[rows].sum())
        self._at_once[rows] = False

    def _next_turn(self, rows: Rows, now: float) -> Floats:
        """The first time after now that is the place of each of `rows`."""
        frames = np.floor((now - self._place_time[rows]) / FRAME_SECONDS + _EPSILON) + 1
        turn: Floats = frames * FRAME_SECONDS + self._place_time[rows]
        return turn

    def _place_for_one(self) -> int:
        """The first slot with room; when all are crowded, the emptiest."""
        taken = self._place[self._place >= 0]
        crowd = np.bincount(taken, minlength=len(self._slots))[self._slots]
        nth = np.argmin(crowd) if (crowd >= CROWD).all() else np.argmax(crowd < CROWD)
        return int(self._slots[nth])


@compiled(i8(f8, f8[::1], SENDERS, i8, i8[::1]))
def _due(now: float, following: Floats, senders: Facts, waiting: int, due: Rows) -> int:
    """Fills `due` and returns how many are; `waiting` rows are to be sent at once."""
    count = 0
    for row in range(len(following)):
        if following[row] <= now + _EPSILON or (waiting > 0 and senders[row]["at_once"]):
            due[count] = row
            count += 1
    return count


@part
def stamps(row: int, late: float, following: Floats, senders: Facts, words: Words) -> None:
    """The header of the next frame of `row`, which leaves `late`, to `words`, without marker.

    Turns that are long past are not made up for: timestamps skip them.
    """
    sender = senders[row]
    header = sender["header"]
    if late > CATCH_UP:
        frames = np.floor(late / FRAME_SECONDS)
        sender["skipped"] += np.int64(frames)
        following[row] += frames * FRAME_SECONDS
        sender["reached"] += frames * FRAME_SECONDS
        header[1] = np.uint32((header[1] + np.int64(frames) * sender["step"]) & 0xFFFFFFFF)
    for word in range(3):
        words[word] = header[word]
    # The sequence number alone wraps within its word.
    number = np.int64(header[0]) + 1
    header[0] = np.uint32(number if number & 0xFFFF else number - 0x10000)
    header[1] = np.uint32((header[1] + sender["step"]) & 0xFFFFFFFF)
    sender["reached"] += FRAME_SECONDS
    following[row] += FRAME_SECONDS


@compiled(types.void(i8[::1], b1[::1], f8, f8[::1], SENDERS, u4[:, ::1], f8[::1]))
def _stamp(
    rows: Rows,
    extra: Mask,
    now: float,
    following: Floats,
    senders: Facts,
    words: Words,
    late: Floats,
) -> None:
    """Fills the last two, an element for each of `rows`; `extra` may be empty."""
    for nth, row in enumerate(rows):
        # What leaves at once is never late.
        late[nth] = 0.0 if len(extra) and extra[nth] else now - following[row]
        stamps(row, late[nth], following, senders, words[nth])

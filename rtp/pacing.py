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
from rtp.mutex import MUTEX, Mutex, lock, new_mutex, unlock
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
Facts = NDArray[np.void]

SENDER = np.dtype(
    [
        # Three words, and how far the timestamp goes with each frame and second.
        ("header", "u4", (3,)),
        ("step", "i8"),
        ("units_per_second", "f8"),
        # The time that the timestamp has reached.
        ("reached", "f8"),
        # A time at which it is the row's turn.
        ("place_time", "f8"),
        ("sent", "i8"),
        # Frames of time that were lost because the plane was held up.
        ("skipped", "i8"),
        ("at_once", "?"),
        ("continuous", "?"),
        # One frame ahead of its place.
        ("ahead", "?"),
        # Once silent, the row does not just go on: it is ahead, or not continuous.
        ("unsettled", "?"),
    ],
    align=True,
)
SENDERS = facts_of(SENDER)


class Identity(NamedTuple):
    """Where a stream's numbers begin; they should be random (RFC 3550 §5.1)."""

    ssrc: int
    sequence_number: int
    timestamp: int


class Paces(NamedTuple):
    """What compiled code works on, while `mutex` is its own.

    `following` is when each row sends its next frame, infinite while it has nothing to send;
    `waiting`, of one element, how many rows are to be sent at once.
    """

    mutex: Mutex
    following: Floats
    senders: Facts
    waiting: NDArray[np.int64]


PACES = types.NamedTuple((MUTEX, f8[::1], SENDERS, i8[::1]), Paces)


class Pacing:
    """The clocks and counters of all rows that send. Opening and closing are for one thread."""

    def __init__(self, rows: int, slots: int, mutex: Mutex | None = None) -> None:
        """`slots` slots in 20 ms at most."""
        self.facts: Facts = np.zeros(rows, SENDER)
        self.paces = Paces(
            new_mutex() if mutex is None else mutex,
            np.full(rows, np.inf),
            self.facts,
            np.zeros(1, np.int64),
        )
        self.sent = self.facts["sent"]
        self.skipped = self.facts["skipped"]
        self._slot = FRAME_SECONDS / slots
        # In this order the slots in use are as far apart as can be.
        self._slots = np.array(sorted(range(slots), key=lambda nth: f"{nth:032b}"[::-1]))
        self._place = np.full(rows, -1, np.int64)

    def open(
        self, row: int, codec: Codec, identity: Identity, now: float, *, continuous: bool
    ) -> None:
        """Row `row` sends `codec` from its next place on."""
        place = self._place_for_one()
        self._place[row] = place
        words = header_words(
            payload_type=codec.payload_type,
            sequence_number=identity.sequence_number,
            timestamp=identity.timestamp,
            ssrc=identity.ssrc,
        )
        _open(
            self.paces,
            row,
            np.array(words, np.uint32),
            codec.timestamp_step,
            codec.clock_rate,
            place * self._slot,
            now,
            continuous,
        )

    def close(self, row: int) -> None:
        """The row sends nothing more."""
        _close(self.paces, row)
        self._place[row] = -1

    def _place_for_one(self) -> int:
        """The first slot with room; when all are crowded, the emptiest."""
        taken = self._place[self._place >= 0]
        crowd = np.bincount(taken, minlength=len(self._slots))[self._slots]
        nth = np.argmin(crowd) if (crowd >= CROWD).all() else np.argmax(crowd < CROWD)
        return int(self._slots[nth])


@part
def asks_for_turn(paces: Paces, row: int) -> None:
    """The next frame of `row` does not wait for its turn, unless the row is ahead already."""
    sender = paces.senders[row]
    if not sender["ahead"] and not sender["at_once"]:
        sender["at_once"] = True
        paces.waiting[0] += 1


@part
def is_due(paces: Paces, row: int, now: float) -> bool:
    """Its turn has come, or it is to be sent at once."""
    if paces.following[row] <= now + _EPSILON:
        return True
    at_once: bool = paces.waiting[0] > 0 and paces.senders[row]["at_once"]
    return at_once


@part
def rests(paces: Paces, row: int, speaking: bool, now: float) -> bool:  # noqa: FBT001
    """Whether `row`, due now, does not send after all, because it has nothing to say.

    If it is continuous and was ahead, it is at its own place again then.
    """
    sender = paces.senders[row]
    if speaking or not (sender["unsettled"] or sender["at_once"]):
        return False
    is_turn = paces.following[row] <= now + _EPSILON
    if is_turn and sender["continuous"] and not sender["ahead"]:
        return False
    _answer(paces, row)
    if not sender["continuous"]:
        paces.following[row] = np.inf
    elif is_turn:
        paces.following[row] += FRAME_SECONDS
        sender["ahead"] = sender["unsettled"] = False
    return True


@part
def stamps(paces: Paces, row: int, now: float, words: Words) -> float:
    """The header of the next frame of `row`, which leaves now, to `words`, without marker.

    Returns how late it is, in seconds after its slot; what leaves at once is never late. Turns
    that are long past are not made up for: timestamps skip them.
    """
    following, sender = paces.following, paces.senders[row]
    header = sender["header"]
    late = 0.0
    if sender["at_once"]:
        _start(paces, row, now)
    else:
        late = now - following[row]
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
    sender["sent"] += 1
    return late


@part
def nominal(paces: Paces, row: int) -> float:
    """The time that the timestamp of the frame just stamped stands for."""
    time: float = paces.senders[row]["reached"] - FRAME_SECONDS
    return time


@part
def _start(paces: Paces, row: int, now: float) -> None:
    """It begins to speak: an extra frame leaves now, and the rest in their turns."""
    sender = paces.senders[row]
    if not sender["continuous"]:
        _catch_up_with_time(sender, now)
    if paces.following[row] > now + _EPSILON:
        paces.following[row] = _next_turn(sender, now) - FRAME_SECONDS
        sender["ahead"] = sender["continuous"]
        sender["unsettled"] = True
    _answer(paces, row)


@part
def _catch_up_with_time(sender: Facts, now: float) -> None:
    """Timestamps of a row that has sent nothing go on from now."""
    silent = max(now - sender["reached"], 0.0)
    header = sender["header"]
    units = np.int64(np.rint(silent * sender["units_per_second"]))
    header[1] = np.uint32((header[1] + units) & 0xFFFFFFFF)
    sender["reached"] += silent


@part
def _answer(paces: Paces, row: int) -> None:
    """What the row asked for at once is done."""
    sender = paces.senders[row]
    if sender["at_once"]:
        sender["at_once"] = False
        paces.waiting[0] -= 1


@part
def _next_turn(sender: Facts, now: float) -> float:
    """The first time after now that is the row's place."""
    place_time = sender["place_time"]
    frames = np.floor((now - place_time) / FRAME_SECONDS + _EPSILON) + 1
    turn: float = frames * FRAME_SECONDS + place_time
    return turn


@compiled(types.void(PACES, i8, u4[::1], i8, f8, f8, f8, b1))
def _open(
    paces: Paces,
    row: int,
    words: Words,
    step: int,
    units_per_second: float,
    place_time: float,
    now: float,
    continuous: bool,  # noqa: FBT001
) -> None:
    sender = paces.senders[row]
    lock(paces.mutex)
    sender["place_time"] = place_time
    turn = _next_turn(sender, now)
    sender["reached"] = turn if continuous else now
    paces.following[row] = turn if continuous else np.inf
    for word in range(3):
        sender["header"][word] = words[word]
    sender["step"] = step
    sender["units_per_second"] = units_per_second
    sender["continuous"] = continuous
    sender["unsettled"] = not continuous
    sender["ahead"] = False
    sender["sent"] = sender["skipped"] = 0
    unlock(paces.mutex)


@compiled(types.void(PACES, i8))
def _close(paces: Paces, row: int) -> None:
    lock(paces.mutex)
    _answer(paces, row)
    paces.following[row] = np.inf
    unlock(paces.mutex)

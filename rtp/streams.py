"""What the next packet of each row should look like, so that most packets need but one look.

Nearly every packet is the one that was expected: next number, next timestamp, same sender, same
codec, one frame. A row for which that would be all there is to say is *steady*, and a packet that
equals the row's expectation in every field takes the short way. (Header prediction, as TCP has
had it since Van Jacobson's of 1990.) Every other packet is parsed and sorted out with care.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import compiled
from rtp.packet import HEADER_BYTES

NO_STREAM = -1

_FIELDS = 4
_UNSTEADY = -1
_PLAIN = 0x8000

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Sorted(NamedTuple):
    """Datagrams, by their lines: at most one of each row is `expected` or `odd`.

    `expected` ones are what their rows expected; their `timestamps` are told. `later` ones are of
    rows that had another one before them.
    """

    expected: Rows
    timestamps: Integers
    odd: Rows
    later: Rows


class Streams:
    """The expectation of every row: a line of one matrix, so that one comparison is enough.

    A line is the three words of the header and the datagram's length. The sequence number and
    the timestamp may stand one past their range: the packet after a wrap is looked at with care.
    """

    def __init__(self, rows: int) -> None:
        self._expected = np.full((rows, _FIELDS), NO_STREAM, np.int64)
        self._step = np.zeros((rows, _FIELDS), np.int64)
        # The first word without its sequence number.
        self._kind = np.zeros(rows, np.int64)
        self._bytes = np.zeros(rows, np.int64)
        self._seen = np.zeros(rows, np.bool_)
        self._first = self._expected[:, 0]
        self.timestamp = self._expected[:, 1]
        self.ssrc = self._expected[:, 2]
        self._length = self._expected[:, 3]

    def open(self, row: int, payload_type: int, timestamp_step: int, frame_bytes: int) -> None:
        """The row has no stream yet; when it has, these are its packets."""
        self._first[row] = self._kind[row] = (_PLAIN | payload_type) << 16
        self.timestamp[row] = 0
        self.ssrc[row] = NO_STREAM
        self._length[row] = _UNSTEADY
        self._step[row] = (1, timestamp_step, 0, 0)
        self._bytes[row] = HEADER_BYTES + frame_bytes

    def number(self, rows: Rows) -> Integers:
        """The sequence numbers that are next."""
        return self._first[rows] & 0xFFFF

    def expect(self, rows: Rows, sequence_number: Integers) -> None:
        """These sequence numbers are next; they may be one past their range."""
        self._first[rows] = self._kind[rows] | (sequence_number & 0xFFFF)

    def settle(self, rows: Rows, steady: Mask) -> None:
        """Whether a whole frame in turn is all that these rows wait for."""
        self._length[rows] = np.where(steady, self._bytes[rows], _UNSTEADY)

    def unsettle(self, rows: Rows) -> None:
        """Something about these rows is out of the ordinary."""
        self._length[rows] = _UNSTEADY

    def sort(self, lines: Bytes, lengths: Integers, rows: Rows, which: Rows) -> Sorted:
        """Sorts the datagrams at `which` of `lines` (n, ≥ 12), which are of `rows`.

        `lengths` and `rows` tell of all lines. Rows whose expected packets have come expect the
        next ones.
        """
        count = len(which)
        expected, odd, later = np.empty((3, count), np.int64)
        timestamps = np.empty(count, np.int64)
        ends = _sort(
            lines,
            lengths,
            rows,
            which,
            self._expected,
            self._step,
            self._seen,
            expected,
            timestamps,
            odd,
            later,
        )
        return Sorted(
            expected[: ends[0]], timestamps[: ends[0]], odd[: ends[1]], later[: ends[2]]
        )


@compiled(
    "UniTuple(i8, 3)(u1[:, :], i8[::1], i8[::1], i8[::1], i8[:, ::1], i8[:, ::1], b1[::1],"
    " i8[::1], i8[::1], i8[::1], i8[::1])"
)
def _sort(
    lines: Bytes,
    lengths: Integers,
    row_of: Rows,
    which: Rows,
    expected: Integers,
    step: Integers,
    seen: Mask,
    steady: Rows,
    timestamps: Integers,
    odd: Rows,
    later: Rows,
) -> tuple[int, int, int]:
    """Fills the last four and returns how many are in each; `seen` is all false before and after.

    The fields of `expected` and `step` are those of `Streams`.
    """
    steadies = odds = laters = 0
    for line in which:
        row = row_of[line]
        if seen[row]:
            later[laters] = line
            laters += 1
            continue
        seen[row] = True
        fields = expected[row]
        same = lengths[line] == fields[3]
        for word in range(3):
            value = 0
            for byte in range(4 * word, 4 * word + 4):
                value = (value << 8) | np.int64(lines[line, byte])
            same = same and value == fields[word]
        if not same:
            odd[odds] = line
            odds += 1
            continue
        steady[steadies] = line
        timestamps[steadies] = fields[1]
        steadies += 1
        for field in range(4):
            fields[field] += step[row, field]
    for line in which:
        seen[row_of[line]] = False
    return steadies, odds, laters

"""What the next packet of each row should look like, so that most packets need but one look.

Nearly every packet is the one that was expected: next number, next timestamp, same sender, same
codec, one frame. A row for which that would be all there is to say is *steady*, and a packet that
equals the row's expectation in every field takes the short way. (Header prediction, as TCP has
had it since Van Jacobson's of 1990.) Every other packet is parsed and sorted out with care.
"""

import numpy as np
from numpy.typing import NDArray

from rtp.packet import HEADER_BYTES

NO_STREAM = -1

_FIELDS = 5
_UNSTEADY = -1
_PLAIN = 0x8000

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Streams:
    """The expectation of every row, a line of one matrix, and its columns by name.

    Sequence numbers and timestamps may stand one past their range, until they are used.
    """

    def __init__(self, rows: int) -> None:
        # The last line belongs to no row: what comes from nowhere is never expected.
        self._expected = np.full((rows + 1, _FIELDS), NO_STREAM, np.int64)
        self._step = np.zeros((rows + 1, _FIELDS), np.int64)
        self._frame_bytes = np.zeros(rows, np.int64)
        self.sequence_number = self._expected[:-1, 0]
        self.timestamp = self._expected[:-1, 1]
        self.ssrc = self._expected[:-1, 2]
        self._kind = self._expected[:-1, 3]
        self._length = self._expected[:-1, 4]

    def open(self, row: int, payload_type: int, timestamp_step: int, frame_bytes: int) -> None:
        """The row has no stream yet; when it has, these are its packets."""
        self.sequence_number[row] = self.timestamp[row] = 0
        self.ssrc[row] = NO_STREAM
        self._kind[row] = _PLAIN | payload_type
        self._length[row] = _UNSTEADY
        self._step[row] = (1, timestamp_step, 0, 0, 0)
        self._frame_bytes[row] = frame_bytes

    def settle(self, rows: Rows, steady: Mask) -> None:
        """Whether a whole frame in turn is all that these rows wait for."""
        self._length[rows] = np.where(steady, self._frame_bytes[rows], _UNSTEADY)

    def unsettle(self, rows: Rows) -> None:
        """Something about these rows is out of the ordinary."""
        self._length[rows] = _UNSTEADY

    def look(self, rows: Rows, words: NDArray[np.uint32], lengths: Integers) -> Mask:
        """Which datagrams, of these three header words and lengths, are as expected.

        A row of -1 expects nothing.
        """
        fields = np.empty((len(rows), _FIELDS), np.int64)
        fields[:, 1:3] = words[:, 1:]
        first = words[:, 0].astype(np.int64)
        np.bitwise_and(first, 0xFFFF, out=fields[:, 0])
        np.right_shift(first, 16, out=fields[:, 3])
        np.subtract(lengths, HEADER_BYTES, out=fields[:, 4])
        expected = self._expected[rows]
        same: Mask = (expected == fields).all(axis=1)
        return same

    def advance(self, rows: Rows) -> Integers:
        """The packets expected have come: the next ones are. Returns their timestamps."""
        expected = self._expected[rows]
        self._expected[rows] = expected + self._step[rows]
        return expected[:, 1]

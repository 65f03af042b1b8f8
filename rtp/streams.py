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

_FIELDS = 4
_ALL_FOUR = 0x01010101
_UNSTEADY = -1
_PLAIN = 0x8000

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


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
        # Lines as single elements: numpy copies those in a third of the time.
        self._lines = self._expected.view(f"V{self._expected.itemsize * _FIELDS}")[:, 0]
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

    def look(self, rows: Rows, words: NDArray[np.uint32], lengths: Integers) -> Mask | None:
        """Which datagrams, of these three header words and lengths, are as expected.

        None if all are.
        """
        fields = np.empty((len(rows), _FIELDS), np.int64)
        fields[:, :3] = words
        fields[:, 3] = lengths
        same = self._expected.take(rows, 0) == fields
        if np.count_nonzero(same) == same.size:
            return None
        # Four booleans are one word.
        whole: Mask = same.view(np.uint32)[:, 0] == _ALL_FOUR
        return whole

    def advance(self, rows: Rows) -> Integers:
        """The packets expected have come: the next ones are. Returns their timestamps."""
        expected = self._expected.take(rows, 0)
        following = expected + self._step.take(rows, 0)
        self._lines[rows] = following.view(self._lines.dtype)[:, 0]
        return expected[:, 1]

"""What the next packet of each row should look like, so that most packets need but one look.

Nearly every packet is the one that was expected: next number, next timestamp, same sender, same
codec, one frame. A row for which that would be all there is to say is *steady*, and a packet that
equals the row's expectation in every field takes the short way. (Header prediction, as TCP has
had it since Van Jacobson's of 1990.) Every other packet is parsed and sorted out with care.
"""

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import facts_of, part
from rtp.packet import HEADER_BYTES

NO_STREAM = -1

_UNSTEADY = -1
_PLAIN = 0x8000

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Facts = NDArray[np.void]

STREAM = np.dtype(
    [
        # The packet expected: three words of header, and how long the datagram is.
        ("first", "i8"),
        ("timestamp", "i8"),
        ("ssrc", "i8"),
        ("length", "i8"),
        ("step", "i8"),
        # The first word without its sequence number, and the length when all is well.
        ("kind", "i8"),
        ("bytes", "i8"),
    ],
    align=True,
)
STREAMS = facts_of(STREAM)


class Streams:
    """The expectation of every row.

    The sequence number and the timestamp may stand one past their range: the packet after a wrap
    is looked at with care.
    """

    def __init__(self, rows: int) -> None:
        self.facts: Facts = np.zeros(rows, STREAM)
        self._first = self.facts["first"]
        self.timestamp = self.facts["timestamp"]
        self.ssrc = self.facts["ssrc"]
        self._length = self.facts["length"]
        self._step = self.facts["step"]
        self._kind = self.facts["kind"]
        self._bytes = self.facts["bytes"]
        self.ssrc[:] = self._length[:] = NO_STREAM

    def open(self, row: int, payload_type: int, timestamp_step: int, frame_bytes: int) -> None:
        """The row has no stream yet; when it has, these are its packets."""
        self._first[row] = self._kind[row] = (_PLAIN | payload_type) << 16
        self.timestamp[row] = 0
        self.ssrc[row] = NO_STREAM
        self._length[row] = _UNSTEADY
        self._step[row] = timestamp_step
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


@part
def comes(streams: Facts, row: int, line: Bytes, length: int) -> bool:
    """The datagram in `line` is the one expected; if so, the next one is from now on."""
    stream = streams[row]
    if length != stream["length"]:
        return False
    if _word(line, 0) != stream["first"] or _word(line, 4) != stream["timestamp"]:
        return False
    if _word(line, 8) != stream["ssrc"]:
        return False
    stream["first"] += 1
    stream["timestamp"] += stream["step"]
    return True


@part
def _word(line: Bytes, at: int) -> np.int64:
    high = (np.int64(line[at]) << 24) | (np.int64(line[at + 1]) << 16)
    return high | (np.int64(line[at + 2]) << 8) | np.int64(line[at + 3])

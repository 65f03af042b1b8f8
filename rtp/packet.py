"""RTP headers, parsed and built for a whole batch of datagrams (RFC 3550 §5.1).

A batch is one uint8 array, a datagram per line. Nothing here raises on any bytes, and nothing
reads beyond a datagram's own length: what is malformed is left out and counted by cause.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import part

HEADER_BYTES = 12
COMFORT_NOISE = 13
"""Static payload type of comfort noise (RFC 3389 §4)."""

_VERSION_ONLY = 0x80
MARKER = 0x800000
"""The marker bit in the first word."""
_GOOD = -1
_EXTENSION_HEADER_BYTES = 4
# RTP and RTCP on one port: these second bytes are RTCP packet types (RFC 5761 §4).
_FIRST_RTCP_TYPE, _LAST_RTCP_TYPE = 192, 223

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]


class Malformed(IntEnum):
    """Why a datagram is not an RTP packet."""

    SHORT = 0
    VERSION = 1
    RTCP = 2
    CSRC = 3
    EXTENSION = 4
    PADDING = 5
    LONG = 6
    """It does not fit the line, so its end is not there."""


class Packets(NamedTuple):
    """The well-formed packets of a batch, one element each, in order of arrival.

    `nth` is which of the datagrams asked for it was, and `line` where it lies; its payload is the
    `length` bytes from `start` on.
    """

    nth: NDArray[np.intp]
    line: NDArray[np.intp]
    marker: Integers
    payload_type: Integers
    sequence_number: Integers
    timestamp: Integers
    ssrc: Integers
    start: Integers
    length: Integers


def parse(
    lines: Bytes, which: NDArray[np.intp], lengths: Integers
) -> tuple[Packets, Integers | None]:
    """The RTP packets among the datagrams at `which` of `lines` (n, width ≥ 12).

    The i-th of them has `lengths[i]` bytes. The second part is how many fell to each `Malformed`
    cause, None if none did.
    """
    words = lines[which, :HEADER_BYTES].view(">u4").astype(np.int64)
    nth, start, end, dropped = _validate(lines, which, words[:, 0], lengths)
    words, line = words[nth], which[nth]
    first = words[:, 0]
    packets = Packets(
        nth=nth,
        line=line,
        marker=(first >> 23) & 1,
        payload_type=(first >> 16) & 0x7F,
        sequence_number=first & 0xFFFF,
        timestamp=words[:, 1],
        ssrc=words[:, 2],
        start=start,
        length=end - start,
    )
    return packets, dropped


def header_words(
    *, payload_type: int, sequence_number: int, timestamp: int, ssrc: int
) -> tuple[int, int, int]:
    """A plain header without marker as three 32-bit words, the first with the number lowest."""
    return (_VERSION_ONLY << 24) | (payload_type << 16) | sequence_number, timestamp, ssrc


@part
def writes_header(line: Bytes, words: NDArray[np.uint32], marker: int) -> None:
    """Writes header `words` to the first 12 bytes of `line`; `marker` is `MARKER` or 0."""
    for word in range(3):
        value = np.int64(words[word])
        if word == 0:
            value |= marker
        for octet in range(4):
            line[4 * word + octet] = (value >> (24 - 8 * octet)) & 0xFF


def _is_rtcp(first: Integers) -> NDArray[np.bool_]:
    second = (first >> 16) & 0xFF
    return (second >= _FIRST_RTCP_TYPE) & (second <= _LAST_RTCP_TYPE)


def _validate(
    lines: Bytes, which: NDArray[np.intp], first: Integers, lengths: Integers
) -> tuple[NDArray[np.intp], Integers, Integers, Integers | None]:
    """Which datagrams are RTP, where their payloads start and end, and the drops by cause."""
    width = lines.shape[1]
    verdict = np.full(len(which), _GOOD, np.int64)

    def fail(cause: Malformed, failed: NDArray[np.bool_]) -> None:
        verdict[failed & (verdict == _GOOD)] = cause

    fail(Malformed.SHORT, lengths < HEADER_BYTES)
    fail(Malformed.LONG, lengths > width)
    fail(Malformed.VERSION, (first >> 30) != 2)
    fail(Malformed.RTCP, _is_rtcp(first))

    start = HEADER_BYTES + 4 * ((first >> 24) & 0xF)
    fail(Malformed.CSRC, start > lengths)

    # Reads are clipped into the array, so that failed lines are harmless; the verdict decides.
    extended = ((first >> 28) & 1) != 0
    if extended.any():
        header = np.minimum(start, width - _EXTENSION_HEADER_BYTES)
        high = lines[which, header + 2].astype(np.int64)
        extension_words = (high << 8) | lines[which, header + 3]
        start = start + np.where(extended, _EXTENSION_HEADER_BYTES + 4 * extension_words, 0)
        fail(Malformed.EXTENSION, extended & (start > lengths))

    end = lengths
    padded = ((first >> 29) & 1) != 0
    if padded.any():
        last = np.clip(lengths - 1, 0, width - 1)
        padding = np.where(padded, lines[which, last].astype(np.int64), 0)
        end = lengths - padding
        fail(Malformed.PADDING, padded & ((padding == 0) | (end < start)))

    good = np.flatnonzero(verdict == _GOOD)
    if len(good) == len(which):
        return good, start, end, None
    dropped = np.bincount(verdict[verdict != _GOOD], minlength=len(Malformed))
    return good, start[good], end[good], dropped

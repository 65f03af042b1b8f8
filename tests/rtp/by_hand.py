"""A plane whose time is moved by hand: what the threads do, without threads."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.compiled import compiled, f8, i8, u1
from rtp.departing import DEPARTING, Departing, Mouths, leaves

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Departures(NamedTuple):
    """What leaves now: the first lines of the caller's buffer, for these rows, so late; and when
    the next of all is to leave."""

    rows: Rows
    lateness: Floats
    following: float


def depart(mouths: Mouths, now: float, out: Bytes) -> Departures:
    """Writes the datagrams that leave now to the first lines of `out` (rows, `LINE_BYTES`)."""
    rows, late = np.empty(len(out), np.int64), np.empty(len(out))
    count, following = _depart(mouths.departing, now, out, rows, late)
    return Departures(rows[:count], late[:count], following)


@compiled(types.Tuple((i8, f8))(DEPARTING, f8, u1[:, ::1], i8[::1], f8[::1]))
def _depart(
    departing: Departing, now: float, out: Bytes, rows: Rows, late: Floats
) -> tuple[int, float]:
    return leaves(departing, now, out, rows, late)

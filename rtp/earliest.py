"""The first of many times."""

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import compiled, f8


@compiled(f8(f8[::1]))
def earliest(times: NDArray[np.float64]) -> float:
    """Infinite if there are none."""
    first = np.inf
    for time in times:
        first = min(first, time)
    return first

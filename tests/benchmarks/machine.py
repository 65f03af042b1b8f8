"""How late this machine itself is: figures of a few milliseconds are read beside it."""

import time

import numpy as np

NAPS = 300
NAP_SECONDS = 0.005


def lateness() -> tuple[float, float]:
    """How much later than asked a thread that sleeps is woken: p50 and p99, in milliseconds."""
    late = []
    for _ in range(NAPS):
        due = time.monotonic() + NAP_SECONDS
        time.sleep(NAP_SECONDS)
        late.append(time.monotonic() - due)
    p50, p99 = (float(np.percentile(late, rank)) * 1000 for rank in (50, 99))
    return p50, p99

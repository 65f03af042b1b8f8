"""The resampler's filters, designed once: `python -m rtp.design` writes rtp/filters.npz.

Designing takes scipy.signal, whose import takes seconds of CPU, which nobody should wait for at
every start. So the designs of the usual rates lie beside this module (tests/rtp/test_resample.py
compares), and only a pair of unusual rates is designed when it is first asked for.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin

from rtp.resample import DESIGNS, REACH

USUAL = (2, 3, 4, 5, 6, 441)
"""8, 16, 24, 32, 40 and 48 kHz, and 22.05 and 44.1 kHz to 8 and 16 kHz."""

# Beta and the cut-off, in cycles per sample of the narrower side, were found by search for the
# deepest stop band from 0.5 on.
_CUTOFF = 0.4575
_BETA = 8.3


def design(fineness: int) -> NDArray[np.float32]:
    """A Kaiser-windowed low pass, `fineness` taps to each sample of the narrower side."""
    response = firwin(
        2 * REACH * fineness + 1, 2 * _CUTOFF / fineness, window=("kaiser", _BETA), scale=False
    )
    return np.asarray(response * fineness, np.float32)


def write(path: Path) -> None:
    """Writes the usual designs, by their fineness."""
    designs = {str(fineness): design(fineness) for fineness in USUAL}
    np.savez_compressed(path, allow_pickle=False, **designs)


if __name__ == "__main__":
    write(DESIGNS)

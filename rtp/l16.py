"""L16: linear 16-bit samples in network byte order (RFC 3551 §4.5.11)."""

import numpy as np
from numpy.typing import NDArray

_FULL_SCALE = 32768.0

Samples = NDArray[np.float32]
Octets = NDArray[np.uint8]


def decode_l16(octets: Octets) -> Samples:
    """(…, 2n) octets to (…, n) samples, full scale ±1.0. The last axis must be contiguous."""
    return octets.view(">i2").astype(np.float32) * np.float32(1 / _FULL_SCALE)


def encode_l16(samples: Samples) -> Octets:
    """(…, n) samples to (…, 2n) octets; louder than full scale saturates."""
    rounded = np.rint(samples * np.float32(_FULL_SCALE))
    linear = np.clip(rounded, -_FULL_SCALE, _FULL_SCALE - 1).astype(">i2")
    octets: Octets = linear.view(np.uint8)
    return octets

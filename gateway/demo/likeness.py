"""Whether a recording holds a sound that is known: normalised cross-correlation. Pure."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def likeness(recording: Samples, sound: Samples) -> float:
    """The best match of `sound` anywhere in `recording`, 0 (not there) to 1 (sample by sample).

    Both at the same rate. Telephone coding leaves 0.9 and more; of a sound that was cut into two
    by lost packets the longer part counts.
    """
    if not len(sound) or len(recording) < len(sound):
        return 0.0
    size = 1 << (len(recording) + len(sound) - 1).bit_length()
    product = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(sound, size))
    places = len(recording) - len(sound) + 1
    overlap = np.abs(np.fft.irfft(product, size)[:places])
    energy = np.cumsum(np.concatenate(([0.0], np.square(recording, dtype=np.float64))))
    beneath = np.sqrt((energy[len(sound) :] - energy[: -len(sound)]).clip(0.0))
    norm = float(np.linalg.norm(sound))
    # A silent place is like nothing; without the floor it would be like everything.
    floor = 0.01 * float(beneath.max(initial=0.0)) + 1e-12
    return float((overlap / (np.maximum(beneath, floor) * max(norm, 1e-12))).max())

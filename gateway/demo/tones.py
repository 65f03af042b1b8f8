"""Ringing is not speech: takes the steady tones of a telephone network out of a recording. Pure."""

from itertools import pairwise

import numpy as np

from gateway.demo.talkspurts import RATE, Samples

WINDOW = RATE // 20
BAND = (380.0, 500.0)
"""Hz: where ringing tones lie (ITU-T E.180: 400 to 450 Hz; North America 440 + 480 Hz)."""
PURE = 0.9
"""Share of a window's energy in BAND that makes it a tone."""
STEADY = 8
"""Windows in a row (0.4 s): no vowel is that pure for that long."""


def without_tones(samples: Samples) -> Samples:
    """A copy of 8 kHz `samples` in which ringing is silence."""
    result = samples.copy()
    for first, last in _runs(_purity(samples) > PURE):
        if last - first >= STEADY:
            result[max(0, first - 1) * WINDOW : (last + 1) * WINDOW] = 0.0
    return result


def _purity(samples: Samples) -> Samples:
    """For every whole window the share of its energy that lies in BAND."""
    whole = len(samples) - len(samples) % WINDOW
    windows = samples[:whole].reshape(-1, WINDOW) * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(windows, axis=1)))
    frequencies = np.fft.rfftfreq(WINDOW, 1 / RATE)
    within = (frequencies >= BAND[0]) & (frequencies <= BAND[1])
    shares: Samples = power[:, within].sum(axis=1) / (power.sum(axis=1) + 1e-9)
    return shares


def _runs(marked: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """(first, behind the last) of every run of True."""
    padded = np.concatenate(([False], marked, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(padded))
    return [(int(start), int(end)) for start, end in list(pairwise(edges))[::2]]

"""Who spoke when: the stretches of a recording in which there is speech. Pure.

Made for telephone lines without noise (ours): speech is what is louder than the line.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RATE = 8000
WINDOW = 80
"""Samples (10 ms): how exactly a begin and an end are known."""
QUIET = 10 ** (-45 / 20)
"""RMS below which a line is quiet (-45 dBFS; the phones' own line noise is at -64)."""
SHORTEST = 0.06
"""Seconds: what is shorter is a click."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, in seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def cut(self, samples: Samples, *, margin: float = 0.0) -> Samples:
        """This stretch of 8 kHz `samples`, with `margin` seconds on both sides where there are."""
        first = max(0, round((self.start - margin) * RATE))
        return samples[first : max(first, round((self.end + margin) * RATE))]


def talkspurts(samples: Samples, *, pause: float) -> tuple[Span, ...]:
    """Stretches of speech in 8 kHz `samples`; only a silence of `pause` seconds parts them."""
    loud = np.flatnonzero(loudness(samples) > QUIET)
    if not len(loud):
        return ()
    gaps = np.flatnonzero(np.diff(loud) * WINDOW > pause * RATE) + 1
    edges = (0, *(int(gap) for gap in gaps), len(loud))
    spans = (
        Span(int(loud[first]) * WINDOW / RATE, int(loud[last - 1] + 1) * WINDOW / RATE)
        for first, last in pairwise(edges)
    )
    return tuple(span for span in spans if span.seconds >= SHORTEST)


def loudness(samples: Samples) -> Samples:
    """RMS of every whole WINDOW of `samples`."""
    whole = len(samples) - len(samples) % WINDOW
    windows = samples[:whole].reshape(-1, WINDOW)
    levels: Samples = np.sqrt(np.mean(np.square(windows), axis=1))
    return levels

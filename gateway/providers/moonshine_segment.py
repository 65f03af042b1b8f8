"""The audio of one segment of speech, bounded, with what is already settled of its text. Pure."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from gateway.providers.base import Samples
from gateway.providers.moonshine_decoder import NOTHING, RATE, Hypothesis

LONGEST = 30 * RATE
"""More audio than this is never held or read at once: the oldest is dropped."""
WINDOW = 8 * RATE
"""In longer speech, what came before a pause is settled and not read again."""
TAIL = RATE // 8
PAUSE_LEVEL = 0.1
"""A pause is where the last eighth of a second has less than a tenth of the window's level."""


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """Audio to be read: the samples up to `until`, which follow the text of `before`."""

    samples: Samples
    until: int
    before: Hypothesis


@dataclass(slots=True, eq=False)
class Segment:
    """Samples are numbered from the segment's begin; `start` is the first one still held."""

    number: int
    start: int = 0
    until: int = 0
    settled: Hypothesis = NOTHING
    _chunks: deque[Samples] = field(default_factory=deque)

    def add(self, samples: Samples) -> int:
        """Hold `samples` as well; returns how many of the oldest had to be dropped for them."""
        self._chunks.append(samples)
        self.until += len(samples)
        dropped = max(self.until - self.start - LONGEST, 0)
        self._forget(self.start + dropped)
        return dropped

    def excerpt(self) -> Excerpt:
        """All that is not settled, as one array."""
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.float32)
        return Excerpt(samples, self.until, self.settled)

    def settle(self, excerpt: Excerpt, read: Hypothesis) -> None:
        """`read` is the text up to the end of `excerpt`; kept for good if it was long and paused.

        This bounds the work for a caller who speaks for a minute to the last few seconds.
        """
        if len(excerpt.samples) >= WINDOW and ends_in_a_pause(excerpt.samples):
            self.settled = read
            self._forget(excerpt.until)

    def _forget(self, until: int) -> None:
        while self._chunks and self.start + len(self._chunks[0]) <= until:
            self.start += len(self._chunks.popleft())
        if self._chunks and self.start < until:
            self._chunks[0] = self._chunks[0][until - self.start :]
            self.start = until


def ends_in_a_pause(samples: Samples) -> bool:
    """Whether no word is being spoken at the end of `samples`."""
    return _level(samples[-TAIL:]) < PAUSE_LEVEL * _level(samples)


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0

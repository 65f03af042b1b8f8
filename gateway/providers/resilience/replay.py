"""What a recogniser that takes over in mid-call has to hear of the caller. Pure."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from gateway.providers.base import Samples, Transcript

KEPT_SECONDS = 30.0
"""Of one segment; the oldest audio goes first."""
COVERED_SECONDS = 0.4
"""A transcript answers for audio that ends no more than this behind it: it is asked for in a
pause, and what recognisers say to cover may end with the last word."""


@dataclass(slots=True)
class Segment:
    """The caller's latest segment, as a new ear would need it. `rate` is that of what is fed."""

    rate: int
    number: int = 0
    open: bool = False
    dropped_seconds: float = 0.0
    asked_at: float | None = None
    """When a transcript was asked for, or the last sign of life since, while it is missing."""
    _asked_for: float = 0.0
    _audio: deque[Samples] = field(default_factory=deque)
    _samples: int = 0
    _kept_from: float = 0.0
    _covered: float = 0.0

    def begin(self) -> int:
        self.number += 1
        self.open = True
        self.asked_at = None
        self._audio.clear()
        self._samples, self._kept_from, self._covered = 0, 0.0, 0.0
        return self.number

    def feed(self, samples: Samples) -> None:
        if not self.open:
            return
        self._audio.append(samples)
        self._samples += len(samples)
        while self._samples > KEPT_SECONDS * self.rate:
            oldest = self._audio.popleft()
            self._samples -= len(oldest)
            self._kept_from += len(oldest) / self.rate
            self.dropped_seconds += len(oldest) / self.rate

    def pause(self, now: float) -> None:
        """A transcript is wanted, unless the last one says all already."""
        if self.open and self._covered < self.seconds - COVERED_SECONDS:
            self.asked_at, self._asked_for = now, self.seconds

    def end(self) -> None:
        self.open = False
        self.asked_at = None

    def heard(self, transcript: Transcript, now: float) -> None:
        """A transcript came, in the numbers and times of the segment."""
        if transcript.segment != self.number:
            return
        self._covered = max(self._covered, transcript.audio_end)
        if self.asked_at is not None:
            answered = transcript.final or self._covered >= self._asked_for - COVERED_SECONDS
            self.asked_at = None if answered else now

    @property
    def seconds(self) -> float:
        """How long the segment is."""
        return self._kept_from + self._samples / self.rate

    @property
    def kept_from(self) -> float:
        """The second of the segment with which `audio` begins."""
        return self._kept_from

    def audio(self) -> Samples:
        """What is kept of it."""
        return np.concatenate(self._audio) if self._audio else np.zeros(0, np.float32)

"""What was heard in the last seconds, for whoever comes late: a detector, a recogniser. Pure."""

from collections import deque
from collections.abc import Iterator

from gateway.providers.base import Samples


class Recent:
    """At least the last `seconds` of a line, and less than a stretch more. `rate` is samples per
    second."""

    def __init__(self, rate: int, seconds: float) -> None:
        self._rate = rate
        self._most = round(seconds * rate)
        self._stretches: deque[tuple[float, Samples]] = deque()
        self._samples = 0

    def __repr__(self) -> str:
        return f"<Recent {self._samples / self._rate:.1f} s>"

    def add(self, until: float, samples: Samples) -> None:
        """What was heard next, `until` that time."""
        self._stretches.append((until, samples))
        self._samples += len(samples)
        while self._samples - len(oldest := self._stretches[0][1]) >= self._most:
            self._stretches.popleft()
            self._samples -= len(oldest)

    def since(self, time: float) -> Iterator[tuple[float, Samples]]:
        """All that was heard after `time`, in stretches, each with the time at which it began."""
        for until, samples in self._stretches:
            began = until - len(samples) / self._rate
            before = max(0, round((time - began) * self._rate))
            if before < len(samples):
                yield began + before / self._rate, samples[before:]

"""What a provider's key allows: requests at a time, requests a minute, and its own 429. Pure."""

from collections import deque
from dataclasses import dataclass

MINUTE = 60.0
FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 30.0
NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Limit:
    """`concurrent` requests (or streams) at a time, `per_minute` begun; None: as many as come."""

    concurrent: int | None = None
    per_minute: int | None = None


class Limiter:
    """Of one provider's key. `now` is monotonic seconds."""

    def __init__(self, limit: Limit | None = None) -> None:
        self._limit = limit or Limit()
        self._begun: deque[float] = deque()
        self._blocked_until = NEVER
        self._backoff = FIRST_BACKOFF
        self.inside = 0
        """Requests that are out."""

    def __repr__(self) -> str:
        return f"<Limiter {self.inside} inside of {self._limit}>"

    @property
    def most(self) -> int | None:
        return self._limit.concurrent

    def wait(self, now: float) -> float | None:
        """Seconds until a request may go out: 0.0 is now, None when somebody has to leave first."""
        if self._limit.concurrent is not None and self.inside >= self._limit.concurrent:
            return None
        return max(0.0, self._blocked_until - now, self._minute_wait(now))

    def enter(self, now: float) -> None:
        self.inside += 1
        if self._limit.per_minute is not None:
            self._begun.append(now)

    def left(self) -> None:
        self.inside -= 1

    def refused(self, now: float, retry_after: float | None) -> None:
        """The provider itself said that it is too much. Without a time we wait longer each time."""
        if retry_after is None:
            retry_after = self._backoff
            self._backoff = min(2 * self._backoff, LONGEST_BACKOFF)
        self._blocked_until = max(self._blocked_until, now + retry_after)

    def succeeded(self) -> None:
        self._backoff = FIRST_BACKOFF

    def _minute_wait(self, now: float) -> float:
        if self._limit.per_minute is None:
            return 0.0
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if len(self._begun) < self._limit.per_minute:
            return 0.0
        return self._begun[-self._limit.per_minute] + MINUTE - now

"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried. Pure.

CLOSED: all requests go out. When enough of those in the last `window` seconds have failed, it
is OPEN: none goes out, for `rest` seconds. Then it is HALF_OPEN: one request is a probe; if that
does well it is CLOSED, and otherwise OPEN again, for twice as long (at most `longest_rest`).
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

MOST_RESULTS = 256
NEVER = float("-inf")


class State(StrEnum):
    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """It opens at `failures` within `window` seconds, if they are `share` of all results."""

    failures: int = 3
    share: float = 0.5
    window: float = 30.0
    rest: float = 5.0
    longest_rest: float = 60.0


class Breaker:
    """Of one provider. `now` is monotonic seconds and never goes back."""

    def __init__(self, settings: BreakerSettings | None = None) -> None:
        self._settings = settings or BreakerSettings()
        self._results: deque[tuple[float, bool]] = deque(maxlen=MOST_RESULTS)
        self._open_until: float | None = None
        self._held_until = NEVER
        self._rest = self._settings.rest
        self._probed_at = NEVER

    def __repr__(self) -> str:
        return f"<Breaker open until {self._open_until}, {len(self._results)} results>"

    def state(self, now: float) -> State:
        if now < self._held_until:
            return State.OPEN
        if self._open_until is None:
            return State.CLOSED
        return State.OPEN if now < self._open_until else State.HALF_OPEN

    def remaining(self, now: float) -> float:
        """Seconds for which it stays open by its own finding."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def failures(self, now: float) -> int:
        """In the window."""
        self._forget(now)
        return sum(not well for _, well in self._results)

    def may(self, now: float) -> bool:
        """Whether a request may go out. Changes nothing."""
        match self.state(now):
            case State.CLOSED:
                return True
            case State.OPEN:
                return False
            case State.HALF_OPEN:
                # A probe that was never heard of again must not shut the door for good.
                return now - self._probed_at >= self._rest

    def enter(self, now: float) -> None:
        """A request that `may` go out does."""
        if self.state(now) is State.HALF_OPEN:
            self._probed_at = now

    def left(self) -> None:
        """A request was given up by whoever made it: nothing is known of the provider."""
        self._probed_at = NEVER

    def succeeded(self, now: float) -> None:
        self._probed_at = NEVER
        if self._open_until is not None:
            self._open_until = None
            self._rest = self._settings.rest
            self._results.clear()
        self._held_until = NEVER
        self._results.append((now, True))

    def failed(self, now: float) -> None:
        self._results.append((now, False))
        match self.state(now):
            case State.HALF_OPEN:
                self._rest = min(2 * self._rest, self._settings.longest_rest)
                self._open(now)
            case State.CLOSED:
                if self._too_many(now):
                    self._open(now)
            case State.OPEN:
                pass

    def hold(self, now: float, seconds: float) -> None:
        """Another gateway has found it broken: leave it alone for so long, unless it has just
        done well here: then the fault is the other gateway's own."""
        if self._results and self._results[-1] > (now - self._settings.rest, True):
            return
        self._held_until = max(self._held_until, now + seconds)

    def _open(self, now: float) -> None:
        self._open_until = now + self._rest
        self._probed_at = NEVER

    def _too_many(self, now: float) -> bool:
        failures = self.failures(now)
        return failures >= self._settings.failures and failures >= self._settings.share * len(
            self._results
        )

    def _forget(self, now: float) -> None:
        while self._results and self._results[0][0] <= now - self._settings.window:
            self._results.popleft()

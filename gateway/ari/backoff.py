"""How long to wait before trying again."""

from collections.abc import Callable, Iterator


def delays(
    jitter: Callable[[], float], *, first: float = 0.1, factor: float = 2.0, limit: float = 5.0
) -> Iterator[float]:
    """Seconds to wait before each next try, without end.

    Doubles from `first` to `limit`. `jitter()` gives 0…1 and takes up to half of each away, so
    that many gateways do not return to a restarted Asterisk in step.
    """
    delay = first
    while True:
        yield delay * (1 - 0.5 * jitter())
        delay = min(delay * factor, limit)

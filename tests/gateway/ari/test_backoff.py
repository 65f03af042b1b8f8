"""Waiting grows, has a limit, and is never in step."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from gateway.ari.backoff import delays


def test_each_wait_is_longer_up_to_the_limit() -> None:
    waits = list(islice(delays(lambda: 0.0, first=0.1, factor=2, limit=0.5), 5))
    assert waits == [0.1, 0.2, 0.4, 0.5, 0.5]


@given(st.floats(0, 1))
def test_jitter_takes_at_most_half(jitter: float) -> None:
    full = islice(delays(lambda: 0.0), 8)
    for wait, most in zip(delays(lambda: jitter), full, strict=False):
        assert most / 2 <= wait <= most

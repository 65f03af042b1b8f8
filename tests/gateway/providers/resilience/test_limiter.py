"""What a key allows is never exceeded, and what it allows is used."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.resilience.limiter import MINUTE, Limit, Limiter


def test_so_many_at_a_time() -> None:
    limiter = Limiter(Limit(concurrent=2))
    for _ in range(2):
        assert limiter.wait(0.0) == 0.0
        limiter.enter(0.0)
    assert limiter.wait(0.0) is None
    limiter.left()
    assert limiter.wait(0.0) == 0.0


def test_so_many_a_minute() -> None:
    limiter = Limiter(Limit(per_minute=2))
    limiter.enter(0.0)
    limiter.enter(10.0)
    assert limiter.wait(20.0) == 40.0
    assert limiter.wait(60.0) == 0.0


def test_a_refusal_holds_for_as_long_as_it_says() -> None:
    limiter = Limiter()
    limiter.refused(0.0, 7.0)
    assert (limiter.wait(6.0), limiter.wait(7.0)) == (1.0, 0.0)


def test_refusals_without_a_time_hold_longer_each_time_until_one_succeeds() -> None:
    limiter, waits = Limiter(), []
    for _ in range(7):
        limiter.refused(0.0, None)
        waits.append(limiter.wait(0.0))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    limiter.succeeded()
    limiter.refused(100.0, None)
    assert limiter.wait(100.0) == 1.0


@given(
    st.integers(1, 5), st.integers(1, 8), st.lists(st.floats(0.0, 20.0), min_size=1, max_size=80)
)
def test_whoever_asks_first_never_breaks_a_limit(
    concurrent: int, per_minute: int, pauses: list[float]
) -> None:
    limiter, now = Limiter(Limit(concurrent, per_minute)), 0.0
    begun: list[float] = []
    for index, pause in enumerate(pauses):
        now += pause
        if limiter.wait(now) == 0.0:
            limiter.enter(now)
            begun.append(now)
        elif limiter.inside and index % 2:
            limiter.left()
        assert limiter.inside <= concurrent
        assert sum(time > now - MINUTE for time in begun) <= per_minute
    while limiter.inside:
        limiter.left()
    assert limiter.wait(now + MINUTE) == 0.0

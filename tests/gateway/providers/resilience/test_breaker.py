"""A provider that keeps failing is left alone, and never for ever."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.resilience.breaker import Breaker, BreakerSettings, State

SETTINGS = BreakerSettings(failures=3, share=0.5, window=30.0, rest=5.0, longest_rest=20.0)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(SETTINGS)
    for _ in range(3):
        breaker.failed(now)
    return breaker


def test_it_opens_at_the_third_failure() -> None:
    breaker = Breaker(SETTINGS)
    for state in (State.CLOSED, State.CLOSED, State.OPEN):
        breaker.failed(0.0)
        assert breaker.state(0.0) is state


def test_failures_among_many_successes_are_not_enough() -> None:
    breaker = Breaker(SETTINGS)
    for second in range(20):
        breaker.succeeded(float(second))
    for _ in range(5):
        breaker.failed(20.0)
    assert breaker.state(20.0) is State.CLOSED


def test_failures_of_long_ago_are_forgotten() -> None:
    breaker = Breaker(SETTINGS)
    for now in (0.0, 1.0, 31.0):
        breaker.failed(now)
    assert breaker.state(31.0) is State.CLOSED
    assert breaker.failures(31.0) == 1


def test_after_a_rest_one_request_is_a_probe() -> None:
    breaker = opened()
    assert not breaker.may(4.9)
    assert breaker.may(5.0)
    breaker.enter(5.0)
    assert not breaker.may(5.1)
    breaker.succeeded(5.5)
    assert breaker.state(5.5) is State.CLOSED
    assert breaker.failures(5.5) == 0


def test_a_probe_that_fails_doubles_the_rest_to_its_bound() -> None:
    breaker, now, rests = opened(), 0.0, []
    for _ in range(4):
        rest = breaker.remaining(now)
        rests.append(rest)
        now += rest
        breaker.enter(now)
        breaker.failed(now)
    assert rests == [5.0, 10.0, 20.0, 20.0]


def test_a_probe_whose_caller_left_is_followed_by_another() -> None:
    breaker = opened()
    breaker.enter(5.0)
    breaker.left()
    assert breaker.may(5.0)


def test_what_another_gateway_found_holds_unless_it_just_did_well_here() -> None:
    breaker = Breaker(SETTINGS)
    breaker.hold(0.0, 2.0)
    assert (breaker.state(1.9), breaker.state(2.0)) == (State.OPEN, State.CLOSED)
    breaker.succeeded(10.0)
    breaker.hold(12.0, 2.0)
    assert breaker.state(12.0) is State.CLOSED
    breaker.hold(16.0, 2.0)
    assert breaker.state(16.0) is State.OPEN


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask", "succeed", "fail", "leave", "hold"]),
            st.floats(0.0, 40.0, allow_nan=False),
        ),
        max_size=60,
    )
)
def test_whatever_happens_it_is_asked_again_within_its_longest_rest(
    steps: list[tuple[str, float]],
) -> None:
    breaker, now = Breaker(SETTINGS), 0.0
    for step, pause in steps:
        now += pause
        match step:
            case "ask":
                if breaker.may(now):
                    breaker.enter(now)
            case "succeed":
                breaker.succeeded(now)
                assert breaker.state(now) is State.CLOSED
            case "fail":
                breaker.failed(now)
            case "leave":
                breaker.left()
            case _:
                breaker.hold(now, 2.0)
        assert breaker.may(now) <= (breaker.state(now) is not State.OPEN)
    assert breaker.may(now + SETTINGS.longest_rest)

"""The turn comes soon after the packets, where they leave a choice."""

import numpy as np
import pytest

from rtp.codec import FRAME_SECONDS
from rtp.pacing import CROWD
from rtp.phase import READINGS, SOON, WORTH_SECONDS, Phase, Readings

START = 1000.0


def moved(phases: list[float], turn: float, *, jitter: float = 0.0, rate: float = 1.0) -> float:
    """By how much the turn moves when packets come at these times of every frame."""
    phase, random = Phase(), np.random.default_rng(1)
    moves = []
    for nth in range(READINGS):
        times = START + nth * FRAME_SECONDS * rate + np.array(phases)
        moves.append(phase.take(turn, np.sort(times + random.uniform(0, jitter, len(times)))))
    assert not any(moves[:-1])
    return moves[-1]


def mean_wait(phases: list[float], turn: float) -> float:
    return float(np.mean((turn - np.array(phases)) % FRAME_SECONDS))


@pytest.mark.parametrize("at", [0.001, 0.006, 0.0131, 0.0199])
@pytest.mark.parametrize("turn", [0.0, 0.0043, 0.0177])
def test_callers_in_step_are_read_when_they_have_come(at: float, turn: float) -> None:
    after = turn + moved([at] * 50, turn)
    # Half a millisecond of resolution; what it would gain for less than two is not worth it.
    assert mean_wait([at], after) < WORTH_SECONDS + 0.0015


def test_the_last_of_a_burst_is_read_too() -> None:
    burst = [0.004 + nth * 0.0001 for nth in range(40)]
    after = moved(burst, 0.002)
    assert 0.0079 <= (0.002 + after) % FRAME_SECONDS <= 0.0100


def test_jitter_is_waited_for() -> None:
    after = 0.001 + moved([0.010] * 10, 0.001, jitter=0.003)
    assert 0.012 <= after % FRAME_SECONDS <= 0.0145


def test_no_move_is_longer_than_half_a_frame() -> None:
    random = np.random.default_rng(7)
    for _ in range(100):
        at, turn = random.uniform(0, FRAME_SECONDS, 2)
        move = moved([float(at)] * 3, float(turn))
        assert -FRAME_SECONDS / 2 <= move <= FRAME_SECONDS / 2


def test_callers_spread_evenly_leave_the_turn_where_it_is() -> None:
    assert moved([nth * FRAME_SECONDS / 50 for nth in range(50)], 0.0033) == 0.0


def test_few_callers_wait_less_on_average() -> None:
    random = np.random.default_rng(3)
    before, after = [], []
    for _ in range(200):
        phases = random.uniform(0, FRAME_SECONDS, 3).tolist()
        turn = float(random.uniform(0, FRAME_SECONDS))
        before.append(mean_wait(phases, turn))
        after.append(mean_wait(phases, turn + moved(phases, turn)))
    assert np.mean(after) < np.mean(before) - 0.003


@pytest.mark.parametrize("apart", [200e-6, -200e-6])
def test_a_clock_that_runs_apart_is_followed(apart: float) -> None:
    turn, at = 0.002, 0.0
    phase = Phase()
    waits = []
    for nth in range(120 * READINGS):
        at = 0.001 + nth * FRAME_SECONDS * apart
        turn += phase.take(turn, np.array([START + nth * FRAME_SECONDS + at]))
        waits.append((turn - at) % FRAME_SECONDS)
    assert max(waits) < WORTH_SECONDS + 0.0015


@pytest.mark.parametrize(
    ("legs", "between"), [(0, 0.020), (1, 0.020), (CROWD, 0.020), (CROWD + 1, 0.010), (5000, 0.005)]
)
def test_the_more_legs_the_more_often_they_are_read(legs: int, between: float) -> None:
    readings, now = Readings(), START
    for _ in range(100):
        after = readings.next(now, legs)
        turns = (after - readings.at) / between
        assert turns == pytest.approx(round(turns))
        assert after - now <= between + SOON + 1e-9
        now = after
    assert readings.next(now + SOON / 2, legs) - now == pytest.approx(between)


def test_a_reading_that_was_late_does_not_move_the_next_ones() -> None:
    readings = Readings()
    first = readings.next(START, 10)
    assert readings.next(first + 0.007, 10) == pytest.approx(first + 0.020)
    # What has come meanwhile can as well wait: there is one soon.
    assert readings.next(first + 0.0195, 10) == pytest.approx(first + 0.040)


def test_the_readings_of_one_crowd_move_to_its_packets_and_those_of_many_stay() -> None:
    for legs, moves in ((CROWD, True), (CROWD + 1, False)):
        readings = Readings()
        for nth in range(READINGS):
            readings.found(np.array([START + nth * FRAME_SECONDS + 0.004]), legs)
        assert (readings.at != 0.0) == moves

"""What was heard lately, however it came."""

import numpy as np
import pytest

from gateway.conversation.recent import Recent

RATE = 1000


def numbers(first: int, last: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.arange(first, last, dtype=np.float32)


def everything(recent: Recent) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.concatenate([samples for _, samples in recent.since(0.0)])


def test_only_what_came_after_a_time_is_given_to_the_sample() -> None:
    recent = Recent(RATE, 1.0)
    recent.add(10.1, numbers(0, 100))
    recent.add(10.12, numbers(100, 120))
    [(began, first), (then, second)] = recent.since(10.04)
    assert began == pytest.approx(10.04)
    assert then == pytest.approx(10.1)
    assert np.array_equal(np.concatenate([first, second]), numbers(40, 120))
    assert list(recent.since(10.12)) == []


def test_what_is_kept_is_bounded_in_time_and_not_in_pieces() -> None:
    recent = Recent(RATE, 0.5)
    for nth in range(100):
        recent.add(nth * 0.1, numbers(nth * 100, nth * 100 + 100))
    assert np.array_equal(everything(recent), numbers(9500, 10000))
    for nth in range(100):
        recent.add(10 + nth * 0.02, numbers(nth * 20, nth * 20 + 20))
    assert len(everything(recent)) == 500


def test_a_stretch_longer_than_all_that_is_kept_is_kept() -> None:
    recent = Recent(RATE, 0.1)
    recent.add(1.0, numbers(0, 1000))
    recent.add(2.0, numbers(1000, 2000))
    assert np.array_equal(everything(recent), numbers(1000, 2000))

"""The audio of a segment: bounded, counted, and settled in its pauses."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.base import Samples
from gateway.providers.moonshine_decoder import NOTHING, RATE, Hypothesis
from gateway.providers.moonshine_segment import LONGEST, WINDOW, Segment, ends_in_a_pause

READ = Hypothesis("so far", -1.0, 3)


def ramp(start: int, count: int) -> Samples:
    return np.arange(start, start + count, dtype=np.float32)


def voice(seconds: float) -> Samples:
    return np.sin(np.arange(int(seconds * RATE), dtype=np.float32))


def test_an_excerpt_is_everything_fed() -> None:
    segment = Segment(1)
    segment.add(ramp(0, 320))
    segment.add(ramp(320, 320))
    excerpt = segment.excerpt()
    assert np.array_equal(excerpt.samples, ramp(0, 640))
    assert (excerpt.until, excerpt.before) == (640, NOTHING)


@given(st.lists(st.integers(1, LONGEST + 100), max_size=6))
def test_no_more_than_the_longest_is_held_and_the_rest_is_counted(sizes: list[int]) -> None:
    segment = Segment(1)
    dropped = sum(segment.add(np.zeros(size, np.float32)) for size in sizes)
    held = len(segment.excerpt().samples)
    assert held == min(sum(sizes), LONGEST)
    assert held + dropped == sum(sizes) == segment.until


def test_the_oldest_is_what_is_dropped() -> None:
    segment = Segment(1)
    assert segment.add(ramp(0, LONGEST)) == 0
    assert segment.add(ramp(LONGEST, 100)) == 100
    assert segment.excerpt().samples[0] == 100


def test_long_speech_is_settled_in_a_pause() -> None:
    segment = Segment(1)
    segment.add(np.concatenate((voice(WINDOW / RATE), np.zeros(RATE, np.float32))))
    segment.settle(segment.excerpt(), READ)
    segment.add(ramp(0, 10))
    excerpt = segment.excerpt()
    assert np.array_equal(excerpt.samples, ramp(0, 10))
    assert excerpt.before == READ
    assert excerpt.until == WINDOW + RATE + 10


def test_nothing_is_settled_in_the_middle_of_a_word() -> None:
    segment = Segment(1)
    segment.add(voice(WINDOW / RATE + 1))
    segment.settle(segment.excerpt(), READ)
    assert segment.excerpt().before == NOTHING


def test_short_speech_is_read_again_as_a_whole() -> None:
    segment = Segment(1)
    segment.add(np.concatenate((voice(2.0), np.zeros(RATE, np.float32))))
    segment.settle(segment.excerpt(), READ)
    assert len(segment.excerpt().samples) == 3 * RATE


def test_a_pause_is_where_the_end_is_quiet() -> None:
    quiet = 0.01 * voice(0.2)
    assert ends_in_a_pause(np.concatenate((voice(1.0), quiet)))
    assert not ends_in_a_pause(voice(1.0))
    assert not ends_in_a_pause(np.zeros(0, np.float32))

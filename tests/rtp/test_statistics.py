"""Counting: jitter and loss as RFC 3550 has them, quality as the E-model has it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtp.statistics import Jitter, Lateness, counts_late, mean_opinion_score
from tests.emulator import Conditions, Delivery, GilbertElliott, Network, transmit
from tests.rtp.streams import FRAME, Caller, Ear, rtp

ONE = np.array([0])


def jitter_of(transits: list[float]) -> float:
    jitter = Jitter(1)
    jitter.reset(0)
    for transit in transits:
        jitter.observe(ONE, np.array([transit]))
    return float(jitter.seconds[0])


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=50))
def test_jitter_is_that_of_rfc_3550_a8(transits: list[float]) -> None:
    expected, last = 0.0, transits[0]
    for transit in transits[1:]:
        expected += (abs(transit - last) - expected) / 16
        last = transit
    assert jitter_of(transits) == pytest.approx(expected)


def test_a_new_time_base_is_no_jitter() -> None:
    assert jitter_of([0.1, 0.1, 5000.1, 5000.1]) == 0.0


def test_jitter_of_a_stream() -> None:
    caller, sent = Caller(), []
    for _ in range(3000):
        caller.says("a")
        sent.append(Delivery(*caller.said["a"]))
    ear = Ear().takes(transmit(Network(Conditions(jitter=0.010), seed=3), sent))
    # Two draws of an even spread lie a third of it apart on average.
    assert float(ear.reception.jitter.seconds[0]) == pytest.approx(0.010 / 3, rel=0.5)


def test_jitter_is_not_disturbed_by_the_timestamps_wrap() -> None:
    caller = Caller(timestamp=(1 << 32) - 300).says("abcdef")
    ear = Ear().takes(caller.said.values())
    assert float(ear.reception.jitter.seconds[0]) < 1e-6


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_lost_packets_are_counted_exactly(share: float) -> None:
    network = Network(Conditions(loss=GilbertElliott.bursty(share, 2)), seed=11)
    caller, sent = Caller(number=65000), []
    for _ in range(1500):
        caller.says("a")
        sent.append(Delivery(*caller.said["a"]))
    arrived = transmit(network, sent)
    last = Caller(number=caller.number, timestamp=caller.timestamp, time=caller.time).says("b")
    ear = Ear().takes([*arrived, *last.said.values()])
    before = next(nth for nth, one in enumerate(sent) if one.datagram == arrived[0].datagram)
    assert ear.counts()["lost"] == network.fates.lost - before
    assert ear.counts()["received"] == len(arrived) + 1


def test_numbers_left_out_without_time_are_not_lost() -> None:
    caller = Caller().says("ab").skips(numbers=9, frames=9, seconds=9 * FRAME).says("c")
    assert Ear().takes(caller.said.values()).counts()["lost"] == 9
    digit = Caller().says("ab").skips(numbers=19, frames=9, seconds=9 * FRAME).says("c")
    assert "lost" not in Ear().takes(digit.said.values()).counts()
    keypad = Caller().says("ab").skips(numbers=19).says("c")
    assert "lost" not in Ear().takes(keypad.said.values()).counts()


def test_empty_packets_count_as_no_audio() -> None:
    assert Ear().takes([(0.1, rtp(1, 1, b""))]).counts()["other_payload"] == 1


def test_opinion_falls_with_loss_and_delay() -> None:
    """ITU-T G.107 with G.711's Ie = 0 and Bpl = 25.1 (concealed): 4.41 without loss."""
    assert mean_opinion_score(lost_share=0.0) == pytest.approx(4.41, abs=0.01)
    assert mean_opinion_score(lost_share=0.01) == pytest.approx(4.33, abs=0.03)
    assert mean_opinion_score(lost_share=0.10) == pytest.approx(3.4, abs=0.15)
    scores = [mean_opinion_score(lost_share=share / 100) for share in range(100)]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 1.0
    assert mean_opinion_score(lost_share=0.0, delay=0.3) < mean_opinion_score(lost_share=0.0)
    bursty = mean_opinion_score(lost_share=0.05, burst_ratio=2.0)
    assert bursty < mean_opinion_score(lost_share=0.05)


def test_lateness_is_a_histogram_of_fixed_size() -> None:
    lateness = Lateness()
    assert lateness.quantile(0.99) == 0.0
    counts_late(np.linspace(0.0, 0.01, 1001), 0.0, 0.0, lateness.counts, lateness.latest)
    assert lateness.quantile(0.5) == pytest.approx(0.005, abs=0.0002)
    assert lateness.quantile(0.99) == pytest.approx(0.0099, abs=0.0002)
    for _ in range(100):
        counts_late(np.array([0.005]), 0.0, 0.0, lateness.counts, lateness.latest)
    assert lateness.quantile(0.5) == pytest.approx(0.005, abs=0.0002)
    counts_late(np.array([3.0, -0.001]), 0.0, 0.0, lateness.counts, lateness.latest)
    assert lateness.max == 3.0
    assert lateness.quantile(1.0) == pytest.approx(0.1, abs=0.001)

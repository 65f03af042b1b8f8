"""Concealment: it continues what it heard, never clicks, never shouts, and ends in silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.conceal import Concealer

Samples = NDArray[np.float32]

RATES = pytest.mark.parametrize("rate", [8000, 16000])
ROW = np.zeros(1, np.intp)


def voice(pitch: float, rate: int, frames: int) -> Samples:
    """A steady vowel: harmonics of `pitch` up to 1 kHz, in frames of 20 ms."""
    time = np.arange(frames * rate // 50) / rate
    harmonics = range(1, int(1000 / pitch) + 1)
    wave = sum(np.sin(2 * np.pi * pitch * n * time + n) / n for n in harmonics)
    return (0.2 * np.asarray(wave)).astype(np.float32).reshape(frames, -1)


def noise(seed: int, rate: int, frames: int, rows: int = 1) -> Samples:
    shape = (rows, frames, rate // 50) if rows > 1 else (frames, rate // 50)
    return np.random.default_rng(seed).uniform(-0.5, 0.5, shape).astype(np.float32)


def heard(frames: Samples, lost: set[int], rate: int) -> Samples:
    """`frames` through one row, those numbered in `lost` never arriving."""
    concealer = Concealer(1, rate)
    return np.concatenate(
        [
            concealer.lost(ROW)[0]
            if n in lost
            else concealer.good(ROW, frame[np.newaxis].copy())[0]
            for n, frame in enumerate(frames)
        ]
    )


@RATES
def test_without_loss_the_very_frames_pass(rate: int) -> None:
    concealer = Concealer(1, rate)
    for frame in noise(1, rate, 10)[:, np.newaxis]:
        before = frame.copy()
        assert concealer.good(ROW, frame) is frame
        assert np.array_equal(frame, before)


@RATES
@settings(deadline=None)
@given(pitch=st.floats(70, 380))
def test_a_vowel_goes_on_as_if_nothing_were_lost(rate: int, pitch: float) -> None:
    frames = voice(pitch, rate, 6)
    output = heard(frames, {4}, rate).reshape(6, -1)
    first_half = slice(0, rate // 100)
    error = output[4, first_half] - frames[4, first_half]
    assert np.sqrt(np.mean(error**2)) < 0.4 * np.sqrt(np.mean(frames[4, first_half] ** 2))


@RATES
@settings(deadline=None)
@given(pitch=st.floats(70, 400), lost=st.sets(st.integers(3, 19), max_size=12))
def test_it_never_clicks(rate: int, pitch: float, lost: set[int]) -> None:
    """No step from sample to sample is much larger than the voice itself makes."""
    frames = voice(pitch, rate, 20)
    steps = np.abs(np.diff(heard(frames, lost, rate)))
    assert steps.max() <= 1.5 * np.abs(np.diff(frames.reshape(-1))).max()


@RATES
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), lost=st.sets(st.integers(0, 19)))
def test_it_is_never_louder_than_what_was_said(rate: int, seed: int, lost: set[int]) -> None:
    frames = noise(seed, rate, 20)
    output = heard(frames, lost, rate)
    assert np.isfinite(output).all()
    assert np.abs(output).max() <= np.abs(frames).max() + 1e-6


@RATES
@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_it_is_silent_after_thirty_milliseconds(rate: int, seed: int) -> None:
    output = heard(noise(seed, rate, 12), set(range(4, 12)), rate).reshape(12, -1)
    loudness = np.sqrt(np.mean(output**2, axis=1))
    assert loudness[4] > 0.5 * loudness[3]
    assert loudness[4] > loudness[5] > 0
    assert not output[5, rate // 100 :].any()
    assert not output[6:].any()


@RATES
def test_after_a_long_loss_the_voice_fades_in(rate: int) -> None:
    frames = voice(120, rate, 12)
    output = heard(frames, {4, 5, 6, 7, 8}, rate).reshape(12, -1)
    assert abs(output[9, 0]) < 0.02
    assert np.array_equal(output[9, rate // 100 :], frames[9, rate // 100 :])
    assert np.array_equal(output[10:], frames[10:])


@RATES
def test_nothing_heard_yet_is_concealed_by_silence(rate: int) -> None:
    assert not Concealer(2, rate).lost(np.array([1, 0], np.intp)).any()


@RATES
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), data=st.data())
def test_rows_are_independent_of_order_and_company(
    rate: int, seed: int, data: st.DataObject
) -> None:
    rows, count = 4, 9
    frames = noise(seed, rate, count, rows)
    losses = [data.draw(st.sets(st.integers(0, count - 1))) for _ in range(rows)]
    concealer = Concealer(rows, rate)
    together = np.empty_like(frames)
    for n in range(count):
        order = np.array(data.draw(st.permutations(range(rows))), np.intp)
        missing = np.array([n in losses[row] for row in order])
        gone, come = order[missing], order[~missing]
        together[gone, n] = concealer.lost(gone)
        together[come, n] = concealer.good(come, frames[come, n])
    for row in range(rows):
        alone = heard(frames[row], losses[row], rate)
        assert np.allclose(together[row].reshape(-1), alone, atol=1e-6)


@RATES
def test_a_reset_row_has_no_past_and_leaves_the_others(rate: int) -> None:
    concealer = Concealer(2, rate)
    both = np.array([0, 1], np.intp)
    for frame in voice(100, rate, 5):
        concealer.good(both, np.stack([frame, frame]))
    concealer.lost(both)
    concealer.reset(0)
    fresh = noise(5, rate, 1)
    assert np.array_equal(concealer.good(ROW, fresh.copy()), fresh)
    concealer.reset(0)
    after = concealer.lost(both)
    assert not after[0].any()
    assert after[1].any()

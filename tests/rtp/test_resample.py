"""The resampler by sweep (gain, images, aliases, delay) and as a stream (cuts, rows, reset)."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.design import USUAL, design
from rtp.resample import DESIGNS, Resampler, StreamResampler, resample

Samples = NDArray[np.float32]

PAIRS = [
    (8000, 16000),
    (16000, 8000),
    (24000, 8000),
    (22050, 8000),
    (48000, 8000),
    (24000, 16000),
    (22050, 16000),
    (48000, 16000),
]
EACH_PAIR = pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
FRAMES = 40


def tone(frequency: float, rate: int, frames: int = FRAMES) -> Samples:
    time = np.arange(frames * rate // 50) / rate
    return np.sin(2 * np.pi * frequency * time).astype(np.float32)


def noise(seed: int, samples: int) -> Samples:
    return np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)


def streamed(signal: Samples, from_rate: int, to_rate: int) -> Samples:
    """`signal` through one row, frame by frame."""
    resampler = Resampler(1, from_rate, to_rate)
    row = np.zeros(1, np.intp)
    frames = signal.reshape(-1, 1, from_rate // 50)
    return np.concatenate([resampler.process(row, frame)[0] for frame in frames])


def settled(samples: Samples, rate: int) -> Samples:
    """Without the first 20 ms, in which the tone starts."""
    return samples[rate // 50 :]


def decibels(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1e-12)))


def amplitude_and_rest(samples: Samples, frequency: float, rate: int) -> tuple[float, float]:
    """The amplitude of a tone in `samples`, and the largest of any other (by spectrum)."""
    time = np.arange(len(samples)) / rate
    basis = np.stack([np.sin(2 * np.pi * frequency * time), np.cos(2 * np.pi * frequency * time)])
    weights, *_ = np.linalg.lstsq(basis.T, samples.astype(np.float64), rcond=None)
    return float(np.hypot(*weights)), strongest_tone(samples - weights @ basis)


def strongest_tone(samples: NDArray[np.floating]) -> float:
    window = np.kaiser(len(samples), 14)
    return float(np.abs(np.fft.rfft(samples * window)).max() * 2 / window.sum())


@EACH_PAIR
def test_the_pass_band_is_flat_and_has_no_images(from_rate: int, to_rate: int) -> None:
    for share in np.linspace(0.0125, 0.425, 34):
        frequency = share * min(from_rate, to_rate)
        output = settled(streamed(tone(frequency, from_rate), from_rate, to_rate), to_rate)
        gain, image = amplitude_and_rest(output, frequency, to_rate)
        assert abs(decibels(gain)) <= 0.1, frequency
        assert decibels(image) <= -80, frequency


@EACH_PAIR
def test_no_alias_and_no_image_whatever_the_tone(from_rate: int, to_rate: int) -> None:
    """What cannot be at the other rate is 80 dB down: images going up, aliases going down."""
    nyquist = min(from_rate, to_rate) / 2
    for frequency in np.linspace(0.86 * nyquist, 0.499 * from_rate, 60):
        output = settled(streamed(tone(frequency, from_rate), from_rate, to_rate), to_rate)
        rest = strongest_tone(output)
        if frequency < nyquist:
            gain, rest = amplitude_and_rest(output, frequency, to_rate)
            assert decibels(gain) < 0.1, frequency
        assert decibels(rest) <= -80, frequency


@EACH_PAIR
def test_a_constant_stays_exactly_itself(from_rate: int, to_rate: int) -> None:
    output = streamed(np.full(from_rate // 5, 0.5, np.float32), from_rate, to_rate)
    assert np.abs(settled(output, to_rate) - 0.5).max() < 1e-6


@EACH_PAIR
def test_the_delay_is_told_and_below_four_milliseconds(from_rate: int, to_rate: int) -> None:
    click = np.zeros(from_rate // 10, np.float32)
    click[from_rate // 50] = 1.0
    energy = streamed(click, from_rate, to_rate).astype(np.float64) ** 2
    delay = np.average(np.arange(len(energy)), weights=energy) / to_rate - 1 / 50
    assert delay == pytest.approx(Resampler(1, from_rate, to_rate).delay, abs=2e-5)
    assert delay <= 0.004


@EACH_PAIR
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), data=st.data())
def test_rows_are_independent_of_order_and_company(
    from_rate: int, to_rate: int, seed: int, data: st.DataObject
) -> None:
    rows, frames = 4, 5
    signals = noise(seed, rows * frames * from_rate // 50).reshape(rows, frames, -1)
    resampler = Resampler(rows, from_rate, to_rate)
    heard: list[list[Samples]] = [[] for _ in range(rows)]
    while any(len(frames_of_row) < frames for frames_of_row in heard):
        waiting = [row for row in range(rows) if len(heard[row]) < frames]
        batch = data.draw(st.permutations(waiting).map(lambda order: order[: 1 + len(order) // 2]))
        output = resampler.process(
            np.array(batch, np.intp), np.stack([signals[row, len(heard[row])] for row in batch])
        )
        for row, frame in zip(batch, output, strict=True):
            heard[row].append(frame)
    for row in range(rows):
        alone = streamed(signals[row].reshape(-1), from_rate, to_rate)
        assert np.allclose(np.concatenate(heard[row]), alone, atol=1e-5)


@EACH_PAIR
def test_any_number_of_rows_may_go_together(from_rate: int, to_rate: int) -> None:
    signals = noise(4, 27 * from_rate // 50).reshape(27, -1)
    together = Resampler(27, from_rate, to_rate).process(np.arange(27), signals)
    for row, signal in enumerate(signals):
        alone = Resampler(1, from_rate, to_rate).process(np.zeros(1, np.intp), signal[np.newaxis])
        assert np.allclose(together[row], alone[0], atol=1e-6)


@EACH_PAIR
@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32),
    samples=st.integers(0, 6000),
    cuts=st.lists(st.integers(0, 6000), max_size=6),
)
def test_a_stream_does_not_depend_on_where_it_is_cut(
    from_rate: int, to_rate: int, seed: int, samples: int, cuts: list[int]
) -> None:
    signal = noise(seed, samples)
    stream = StreamResampler(from_rate, to_rate)
    chunks = np.split(signal, sorted(min(cut, samples) for cut in cuts))
    output = np.concatenate([stream.push(chunk) for chunk in chunks] + [stream.finish()])
    at_once = StreamResampler(from_rate, to_rate)
    assert np.allclose(output, np.append(at_once.push(signal), at_once.finish()), atol=1e-5)
    assert len(output) == ceil(samples * to_rate / from_rate)


@EACH_PAIR
def test_a_stream_is_not_shifted(from_rate: int, to_rate: int) -> None:
    frequency = 440.0
    stream = StreamResampler(from_rate, to_rate)
    output = np.append(stream.push(tone(frequency, from_rate)), stream.finish())
    expected = tone(frequency, to_rate)
    middle = slice(to_rate // 50, -to_rate // 50)
    assert np.abs(output - expected)[middle].max() < 0.01


@EACH_PAIR
def test_a_whole_utterance_keeps_its_time_and_length(from_rate: int, to_rate: int) -> None:
    output = resample(tone(440.0, from_rate), from_rate, to_rate)
    assert output.dtype == np.float32
    assert output.shape == tone(440.0, to_rate).shape
    middle = slice(to_rate // 50, -to_rate // 50)
    assert np.abs(output - tone(440.0, to_rate))[middle].max() < 0.01


def test_a_whole_utterance_at_its_own_rate_is_left_alone() -> None:
    signal = noise(1, 100)
    assert resample(signal, 8000, 8000) is signal


def test_a_reset_row_starts_from_silence_and_leaves_the_others() -> None:
    resampler = Resampler(2, 8000, 16000)
    both, first = np.array([0, 1], np.intp), np.array([0], np.intp)
    loud = noise(2, 320).reshape(2, 160)
    resampler.process(both, loud)
    resampler.reset(0)
    silence = np.zeros((2, 160), np.float32)
    after = resampler.process(both, silence)
    assert not after[0].any()
    assert after[1].any()
    assert not resampler.process(first, silence[:1]).any()


def test_the_designs_that_are_kept_are_those_that_would_be_made() -> None:
    with np.load(DESIGNS) as kept:
        assert set(kept) == {str(fineness) for fineness in USUAL}
        for fineness in USUAL:
            assert np.allclose(kept[str(fineness)], design(fineness), rtol=0, atol=1e-6)


def test_unusual_rates_are_designed_when_they_are_asked_for() -> None:
    assert 9 not in USUAL
    out = settled(streamed(tone(1000, 36000), 36000, 8000), 8000)
    amplitude, rest = amplitude_and_rest(out, 1000, 8000)
    assert amplitude == pytest.approx(1.0, abs=0.01)
    assert decibels(rest) < -80


@pytest.mark.parametrize(("from_rate", "to_rate"), [(11025, 8000), (8000, 44117)])
def test_a_rate_without_whole_frames_is_refused(from_rate: int, to_rate: int) -> None:
    with pytest.raises(ValueError, match="20 ms"):
        Resampler(1, from_rate, to_rate)

"""Sounds that are no speech."""

import numpy as np
import pytest

from gateway.lab.noises import NOISES, PEAK, noise
from gateway.lab.sound import TELEPHONE_RATE


@pytest.mark.parametrize("kind", NOISES)
def test_a_noise_is_short_loud_and_always_the_same(kind: str) -> None:
    samples = noise(kind, 3)
    assert 0.15 < len(samples) / TELEPHONE_RATE < 2.0
    assert float(np.abs(samples).max()) == pytest.approx(PEAK)
    assert np.array_equal(samples, noise(kind, 3))
    assert not np.array_equal(samples[:1000], noise(kind, 4)[:1000])


@pytest.mark.parametrize("kind", NOISES)
def test_a_noise_fits_through_a_telephone(kind: str) -> None:
    spectrum = np.abs(np.fft.rfft(noise(kind, 1))) ** 2
    frequencies = np.fft.rfftfreq(len(noise(kind, 1)), 1 / TELEPHONE_RATE)
    outside = spectrum[(frequencies < 190) | (frequencies > 3510)].sum()
    assert outside < 0.001 * spectrum.sum()

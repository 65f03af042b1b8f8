"""Sounds on a caller's line that are no speech: coughs, breath, doors, dishes, keys. 8 kHz, -1..1.

Made here, of shaped noise and pulses, so that they need no recording and no licence; the same seed
makes the same sound. They stand for what a line brings, not for any real throat.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gateway.lab.sound import TELEPHONE_RATE

Samples = NDArray[np.float32]
Chance = np.random.Generator
LOWEST, HIGHEST = 200.0, 3500.0
"""What a telephone lets through, Hz."""
PEAK = 0.35


def cough(chance: Chance) -> Samples:
    """One to three bursts of air, each with a rough end."""
    bursts = [_cough_burst(chance) for _ in range(chance.integers(1, 4))]
    gap = _silence(chance.uniform(0.06, 0.16))
    return np.concatenate([part for burst in bursts for part in (burst, gap)])


def _cough_burst(chance: Chance) -> Samples:
    blast = _hiss(chance, chance.uniform(0.05, 0.09), attack=0.004, decay=0.03)
    rest = _hiss(chance, chance.uniform(0.12, 0.22), attack=0.01, decay=0.08, highest=1800.0)
    rough = _pulses(chance, len(rest) / TELEPHONE_RATE, chance.uniform(110, 260), jitter=0.25)
    return np.concatenate((blast, 0.45 * rest + 0.4 * rough * _envelope(len(rest), 0.01, 0.07)))


def throat(chance: Chance) -> Samples:
    """Somebody clears it: low, rough pulses in breath."""
    seconds = chance.uniform(0.25, 0.5)
    rough = _pulses(chance, seconds, chance.uniform(60, 110), jitter=0.35)
    breath = _hiss(chance, seconds, attack=0.03, decay=seconds, highest=1500.0)
    shape = _envelope(len(rough), 0.04, seconds / 2)
    return (0.7 * rough + 0.3 * breath[: len(rough)]) * shape


def sneeze(chance: Chance) -> Samples:
    """Breath drawn in, a moment of nothing, a blast."""
    drawn = 0.2 * _hiss(chance, chance.uniform(0.2, 0.35), attack=0.2, decay=0.5)
    blast = _hiss(chance, chance.uniform(0.25, 0.4), attack=0.005, decay=0.1)
    return np.concatenate((drawn, _silence(0.06), blast))


def breath(chance: Chance) -> Samples:
    """A sigh into the microphone."""
    return 0.5 * _hiss(chance, chance.uniform(0.4, 0.9), attack=0.12, decay=0.3, highest=2200.0)


def sniff(chance: Chance) -> Samples:
    """Twice, high and short."""
    one = _hiss(chance, chance.uniform(0.1, 0.18), attack=0.05, decay=0.08, lowest=900.0)
    return np.concatenate((one, _silence(0.1), 0.7 * one))


def door(chance: Chance) -> Samples:
    """A low thud and its echo."""
    thud = _hiss(chance, 0.3, attack=0.002, decay=0.05, highest=500.0)
    late = np.concatenate((_silence(0.05), 0.3 * thud))
    return np.concatenate((thud, _silence(0.05))) + late


def dishes(chance: Chance) -> Samples:
    """Some ringing blows of different pitch."""
    whole = _silence(0.7)
    for _ in range(chance.integers(2, 6)):
        at = int(chance.uniform(0, 0.4) * TELEPHONE_RATE)
        time = np.arange(len(whole) - at) / TELEPHONE_RATE
        tone = np.sin(2 * np.pi * chance.uniform(900, 3200) * time)
        whole[at:] += (tone * np.exp(-time / chance.uniform(0.02, 0.08))).astype(np.float32)
    return whole


def keys(chance: Chance) -> Samples:
    """Somebody types."""
    clicks = [
        np.concatenate(
            (
                _hiss(chance, 0.02, attack=0.001, decay=0.006, lowest=1200.0),
                _silence(chance.uniform(0.06, 0.16)),
            )
        )
        for _ in range(chance.integers(4, 9))
    ]
    return np.concatenate(clicks)


NOISES: Mapping[str, Callable[[Chance], Samples]] = {
    "cough": cough,
    "throat": throat,
    "sneeze": sneeze,
    "breath": breath,
    "sniff": sniff,
    "door": door,
    "dishes": dishes,
    "keys": keys,
}


def noise(kind: str, seed: int) -> Samples:
    """One of `NOISES`, as loud as a caller who speaks; KeyError if there is no such kind."""
    samples = _filtered(NOISES[kind](np.random.default_rng(seed)), LOWEST, HIGHEST)
    return samples * np.float32(PEAK / float(np.abs(samples).max()))


def _silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * TELEPHONE_RATE), np.float32)


def _hiss(
    chance: Chance,
    seconds: float,
    *,
    attack: float,
    decay: float,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
) -> Samples:
    """Noise between two frequencies that swells for `attack` and fades with `decay` seconds."""
    count = int(seconds * TELEPHONE_RATE)
    white = chance.standard_normal(count).astype(np.float32)
    return _filtered(white, lowest, highest) * _envelope(count, attack, decay)


def _pulses(chance: Chance, seconds: float, pitch: float, *, jitter: float) -> Samples:
    """A train of pulses through a throat without a mouth."""
    count = int(seconds * TELEPHONE_RATE)
    train = np.zeros(count, np.float32)
    at = 0.0
    while at < count:
        train[int(at)] = 1.0
        at += TELEPHONE_RATE / pitch * (1 + jitter * chance.standard_normal() / 2)
    time = np.arange(160) / TELEPHONE_RATE
    throat_sound = np.exp(-time * 120) * np.sin(2 * np.pi * 600 * time)
    voiced: Samples = np.convolve(train, throat_sound)[:count].astype(np.float32)
    return voiced


def _envelope(count: int, attack: float, decay: float) -> Samples:
    time = np.arange(count) / TELEPHONE_RATE
    rise = np.minimum(time / attack, 1.0)
    fall = np.exp(-np.maximum(time - attack, 0.0) / decay)
    return (rise * fall).astype(np.float32)


def _filtered(samples: Samples, lowest: float, highest: float) -> Samples:
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(len(samples), 1 / TELEPHONE_RATE)
    spectrum[(frequencies < lowest) | (frequencies > highest)] = 0
    narrow: Samples = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    return narrow

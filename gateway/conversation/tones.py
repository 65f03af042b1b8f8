"""What is heard that is no speech: a phone ringing, somebody at work. Pure.

Ringing tones are those of the caller's own country (ITU-T E.180, supplement 2).
"""

from dataclasses import dataclass

import numpy as np

from gateway.providers.base import Samples

LEVEL = 0.06
"""Amplitude of each frequency: about -24 dB, well below speech."""
RAMP_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Cadence:
    """`frequencies` in Hz sound together; `on_off` are seconds of sound and silence in turn."""

    frequencies: tuple[float, ...]
    on_off: tuple[float, ...]


_RINGING = {
    "US": Cadence((440.0, 480.0), (2.0, 4.0)),
    "CA": Cadence((440.0, 480.0), (2.0, 4.0)),
    "GB": Cadence((400.0, 450.0), (0.4, 0.2, 0.4, 2.0)),
    "IE": Cadence((400.0, 450.0), (0.4, 0.2, 0.4, 2.0)),
    "AU": Cadence((400.0, 425.0), (0.4, 0.2, 0.4, 2.0)),
    "NZ": Cadence((400.0, 450.0), (0.4, 0.2, 0.4, 2.0)),
    "IN": Cadence((400.0, 425.0), (0.4, 0.2, 0.4, 2.0)),
    "JP": Cadence((400.0,), (1.0, 2.0)),
    "FR": Cadence((440.0,), (1.5, 3.5)),
    "ES": Cadence((425.0,), (1.5, 3.0)),
    "CN": Cadence((450.0,), (1.0, 4.0)),
}
_ELSEWHERE = Cadence((425.0,), (1.0, 4.0))
_HOME = {"en": "US", "fr": "FR", "es": "ES", "zh": "CN", "ja": "JP"}


def ringing(language: str) -> Cadence:
    """The ringing tone where `language` (BCP 47) is spoken."""
    tongue, _, region = language.partition("-")
    return _RINGING.get(region.upper() or _HOME.get(tongue.lower(), ""), _ELSEWHERE)


def sound(cadence: Cadence, rate: int) -> Samples:
    """One period of the tone at `rate` samples a second."""
    parts: list[Samples] = []
    for index, seconds in enumerate(cadence.on_off):
        silent = index % 2 == 1
        parts.append(_silence(seconds, rate) if silent else _tone(cadence, seconds, rate))
    return np.concatenate(parts)


def _silence(seconds: float, rate: int) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def _tone(cadence: Cadence, seconds: float, rate: int) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * frequency * times) for frequency in cadence.frequencies]
    envelope = np.clip(np.minimum(times, seconds - times) / RAMP_SECONDS, 0.0, 1.0)
    tone: Samples = (LEVEL * envelope * np.sum(waves, axis=0)).astype(np.float32)
    return tone


def typing(rate: int) -> Samples:
    """Soft keystrokes for a second, then a moment's thought, at `rate` samples a second."""
    rng = np.random.default_rng(_TYPING_SEED)
    samples = np.zeros(round(TYPING_SECONDS * rate), np.float32)
    for begin in _KEYSTROKES:
        stroke = _keystroke(rate, rng)
        first = round(begin * rate)
        samples[first : first + len(stroke)] += stroke
    return samples


TYPING_SECONDS = 1.8
_TYPING_SEED = 3
_KEYSTROKES = (0.02, 0.16, 0.27, 0.44, 0.53, 0.71, 0.79)


def _keystroke(rate: int, rng: np.random.Generator) -> Samples:
    """A click that rings off within 40 ms; low-passed, so that it is soft."""
    times = np.arange(round(0.04 * rate)) / rate
    noise = np.convolve(rng.standard_normal(len(times)), np.ones(4) / 4, "same")
    onset = np.minimum(1.0, times / 0.002)
    stroke: Samples = (0.05 * noise * onset * np.exp(-times / 0.008)).astype(np.float32)
    return stroke


def music(rate: int) -> Samples:
    """Twelve seconds of broken chords on something like a harp, ending where they begin."""
    samples = np.zeros(round(len(_CHORDS) * _CHORD_SECONDS * rate), np.float32)
    for bar, chord in enumerate(_CHORDS):
        for step, note in enumerate(_ARPEGGIO):
            begin = bar * _CHORD_SECONDS + step * _CHORD_SECONDS / len(_ARPEGGIO)
            pluck = _pluck(chord[note % 3] * 2.0 ** (note // 3), rate)
            # What still sounds at the end is heard at the begin: the music has no seam.
            places = (round(begin * rate) + np.arange(len(pluck))) % len(samples)
            samples[places] += pluck
    return samples


_CHORD_SECONDS = 3.0
_CHORDS = (
    (261.6, 329.6, 392.0),
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 261.6),
    (196.0, 246.9, 293.7),
)
"""C, a, F, G: their lowest three notes in Hz; notes 3 to 5 are an octave higher."""
_ARPEGGIO = (0, 1, 2, 3, 4, 3, 2, 1)


def _pluck(frequency: float, rate: int) -> Samples:
    """A plucked string: three partials, the higher ones gone sooner."""
    times = np.arange(round(1.6 * rate)) / rate
    partials = sum(
        np.sin(2 * np.pi * frequency * n * times) * np.exp(-times * (1.5 + n)) / n**1.5
        for n in (1, 2, 3)
    )
    envelope = np.minimum(1.0, times / 0.006) * np.minimum(1.0, (times[-1] - times) / 0.05)
    pluck: Samples = (LEVEL * envelope * partials).astype(np.float32)
    return pluck

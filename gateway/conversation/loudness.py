"""All voices and prompts equally loud, and none of them ever clipped. Pure.

The level is the RMS of the audible frames, as a telephone level meter would give it (the idea of
ITU-T P.56: pauses do not count).
"""

import numpy as np
from numba import types

from gateway.conversation.clip import AUDIBLE_DECIBELS
from gateway.providers.base import Samples
from rtp.compiled import READABLE_FRAMES, READABLE_SAMPLES, compiled, f4

TARGET_DECIBELS = -20.0
"""Active speech level, relative to full scale: as loud as the prompts of a PBX."""
BACKGROUND_DECIBELS = -28.0
"""The same for what is heard while nobody speaks: music, somebody's own sound of waiting."""
FLOOR_DECIBELS = float(AUDIBLE_DECIBELS)
MOST_GAIN_DECIBELS = 20.0
KNEE = 0.7
"""Samples beyond this are bent, so that no sum of gains reaches full scale."""


def frames_of(samples: Samples, frame: int) -> Samples:
    """`samples` as rows of `frame`, the last padded with silence."""
    count = -(-len(samples) // frame)
    padded = np.zeros(count * frame, np.float32)
    padded[: len(samples)] = samples
    return padded.reshape(count, frame)


def decibels(frames: Samples) -> Samples:
    """The RMS level of each row of (n, samples), in dB relative to full scale."""
    levels = np.empty(len(frames), np.float32)
    _measure(np.ascontiguousarray(frames), levels)
    return levels


def active_level(frames: Samples) -> float | None:
    """The level of the audible frames together, or None when there are none."""
    levels = decibels(frames)
    audible = levels > FLOOR_DECIBELS
    if not audible.any():
        return None
    return float(10.0 * np.log10(np.mean(10.0 ** (levels[audible] / 10.0))))


def gain_for(level: float, target: float = TARGET_DECIBELS) -> float:
    """The factor that brings sound of `level` dB to `target`."""
    wanted = min(MOST_GAIN_DECIBELS, target - level)
    return float(10.0 ** (wanted / 20.0))


def levelled(frames: Samples, gain: float) -> tuple[Samples, Samples]:
    """`frames` (n, samples) times `gain`, limited as by `limited`, and the level of each."""
    out, levels = np.empty(frames.shape, np.float32), np.empty(len(frames), np.float32)
    scaled = np.ascontiguousarray(frames)
    _bend(scaled.reshape(-1), gain, out.reshape(-1))
    _measure(out, levels)
    return out, levels


def limited(samples: Samples, gain: float = 1.0) -> Samples:
    """`samples` times `gain`, peaks bent below full scale; what is below the knee is untouched."""
    out = np.empty(samples.shape, np.float32)
    _bend(np.ascontiguousarray(samples).reshape(-1), gain, out.reshape(-1))
    return out


@compiled(types.void(READABLE_FRAMES, f4[::1]), loose=True)
def _measure(frames: Samples, levels: Samples) -> None:
    for nth in range(len(frames)):
        power = np.float32(0.0)
        for sample in frames[nth]:
            power += sample * sample
        levels[nth] = 10.0 * np.log10(power / np.float32(frames.shape[1]) + np.float32(1e-10))


@compiled(types.void(READABLE_SAMPLES, f4, f4[::1]))
def _bend(samples: Samples, gain: float, out: Samples) -> None:
    loudest = np.float32(0.0)
    for nth in range(len(samples)):
        out[nth] = samples[nth] * gain
        loudest = max(loudest, abs(out[nth]))
    if loudest <= KNEE:
        return
    room = np.float32(1.0 - KNEE)
    for nth in range(len(out)):
        over = abs(out[nth]) - np.float32(KNEE)
        if over > 0.0:
            bent = np.float32(KNEE + room * np.tanh(over / room))
            out[nth] = bent if out[nth] > 0.0 else -bent


class Level:
    """One voice's loudness as heard so far, so that all its clauses get the same gain.

    A voice keeps its gain once it has been heard for a few seconds: a loud word stays loud.
    """

    SETTLED_SECONDS = 4.0
    FRAME_SECONDS = 0.02

    def __init__(self) -> None:
        self._power = 0.0
        self._seconds = 0.0

    @classmethod
    def of(cls, frames: Samples) -> "Level":
        """The level of a recording that is there as a whole, so that its gain is right at once."""
        level = cls()
        if (known := active_level(frames)) is not None:
            level._power = float(10.0 ** (known / 10.0)) * cls.SETTLED_SECONDS / cls.FRAME_SECONDS
            level._seconds = cls.SETTLED_SECONDS
        return level

    def hear(self, frames: Samples) -> float:
        """Take 20 ms `frames` of the voice; the factor they should be multiplied by."""
        levels = decibels(frames)
        audible = levels[levels > FLOOR_DECIBELS]
        if len(audible) and self._seconds < self.SETTLED_SECONDS:
            self._power += float(np.sum(10.0 ** (audible / 10.0)))
            self._seconds += len(audible) * self.FRAME_SECONDS
        if not self._seconds:
            return 1.0
        mean = self._power * self.FRAME_SECONDS / self._seconds
        return gain_for(float(10.0 * np.log10(mean)))

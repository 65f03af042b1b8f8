"""A voice's audio, chunk by chunk, into wire-ready frames: rate, level, pauses, codec. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.conversation.clip import Clip
from gateway.conversation.loudness import (
    FLOOR_DECIBELS,
    Level,
    decibels,
    frames_of,
    levelled,
)
from gateway.providers.base import Samples, WordTime
from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.resample import StreamResampler
from rtp.wire import WireEncoder

LEAD_FRAMES = 1
"""Silence kept before the first sound: more would only be waited for."""
FADE_SECONDS = 0.004
RESAMPLED_SECONDS = 0.25
"""Resampled in one go: ten times faster than a sentence of seconds."""


class Framer:
    """One utterance on its way to the wire. `push` chunks, then `finish`; both return clips.

    `pause` is the silence in seconds that the utterance ends with, whatever the voice added.
    Leading silence is dropped and word times are moved with it.
    """

    def __init__(self, codec: Codec, rate: int, level: Level, *, pause: float) -> None:
        self._rate = codec.sample_rate
        self._frame = codec.frame_samples
        self._resampler = (
            None if rate == codec.sample_rate else StreamResampler(rate, codec.sample_rate)
        )
        self._stretch = round(RESAMPLED_SECONDS * rate)
        self._wire = WireEncoder(codec, codec.sample_rate)
        self._level = level
        self._gain: float | None = None
        self._pause = round(pause * FRAMES_PER_SECOND)
        self._rest = np.zeros(0, np.float32)
        self._held = np.zeros((0, self._frame), np.float32)
        """Frames not let out yet: they may turn out to be the silence at the end."""
        self._held_levels = np.zeros(0, np.float32)
        self._began = False
        self._dropped = 0

    def push(self, samples: Samples, words: Sequence[WordTime] = ()) -> Clip:
        """The frames that are certain now (perhaps none)."""
        if self._resampler is not None:
            # A whole sentence at once is a product so large that BLAS wakes all its threads.
            pieces = [
                self._resampler.push(samples[start : start + self._stretch])
                for start in range(0, len(samples), self._stretch)
            ]
            samples = np.concatenate(pieces) if pieces else samples
        return self._take(samples, words)

    def finish(self) -> Clip:
        """The end: the last sound faded out, then the pause."""
        tail = np.zeros(0, np.float32) if self._resampler is None else self._resampler.finish()
        rest = frames_of(np.concatenate((self._rest, tail)), self._frame)
        return self._take(rest.reshape(-1), (), ends=True)

    def _take(self, samples: Samples, words: Sequence[WordTime], *, ends: bool = False) -> Clip:
        if not ends:
            samples = np.concatenate((self._rest, samples))
            whole = len(samples) // self._frame * self._frame
            samples, self._rest = samples[:whole], samples[whole:]
        frames, levels = self._levelled(samples.reshape(-1, self._frame))
        if len(self._held):
            frames = np.concatenate((self._held, frames))
            levels = np.concatenate((self._held_levels, levels))
        frames, levels = self._without_lead(frames, levels)
        certain = self._certain(levels, ends=ends)
        self._held, self._held_levels = frames[certain:], levels[certain:]
        out, levels = frames[:certain], levels[:certain]
        if ends:
            out = self._ended(out)
            levels = decibels(out)
        return self._clip(out, levels, words)

    def _levelled(self, frames: Samples) -> tuple[Samples, Samples]:
        if self._gain is None and len(frames) and (decibels(frames) > FLOOR_DECIBELS).any():
            self._gain = self._level.hear(frames)
        return levelled(frames, self._gain or 1.0)

    def _without_lead(self, frames: Samples, levels: Samples) -> tuple[Samples, Samples]:
        if self._began or not len(frames):
            return frames, levels
        audible = np.flatnonzero(levels > FLOOR_DECIBELS)
        first = int(audible[0]) if len(audible) else len(frames)
        drop = max(0, first - LEAD_FRAMES)
        self._dropped += drop
        frames, levels = frames[drop:], levels[drop:]
        if len(audible):
            self._began = True
            frames = frames.copy()
            _fade_in(frames)
            levels = decibels(frames)
        return frames, levels

    def _certain(self, levels: Samples, *, ends: bool) -> int:
        """How many of the frames with these levels cannot be part of the silence at the end."""
        if not self._began:
            return 0
        audible = np.flatnonzero(levels > FLOOR_DECIBELS)
        last = int(audible[-1]) + 1 if len(audible) else 0
        # The last sound is held back until it is known whether it has to be faded out.
        return last if ends else max(0, last - 1)

    def _ended(self, frames: Samples) -> Samples:
        self._held = self._held[:0]
        if not self._began:
            return frames
        frames = frames.copy()
        if len(frames):
            ramp = _ramp(self._rate)
            frames.reshape(-1)[-len(ramp) :] *= ramp[::-1]
        return np.concatenate((frames, np.zeros((self._pause, self._frame), np.float32)))

    def _clip(self, frames: Samples, levels: Samples, words: Sequence[WordTime]) -> Clip:
        shift = self._dropped / FRAMES_PER_SECOND
        return Clip(
            self._wire.push(frames.reshape(-1)),
            _whole(levels),
            tuple(WordTime(word.word, max(0.0, word.start - shift)) for word in words),
        )


def as_it_is(samples: Samples, codec: Codec) -> Clip:
    """`samples` at the codec's rate as a clip, without levelling or trimming: tones, typing."""
    frames = frames_of(samples, codec.frame_samples)
    wire = WireEncoder(codec, codec.sample_rate).push(frames.reshape(-1))
    return Clip(wire, _whole(decibels(frames)))


def _whole(levels: Samples) -> NDArray[np.int8]:
    """In whole dB, none above full scale."""
    return np.minimum(np.maximum(np.rint(levels), -100), 0).astype(np.int8)


def _ramp(rate: int) -> Samples:
    return np.linspace(0.0, 1.0, max(1, round(FADE_SECONDS * rate)), dtype=np.float32)


def _fade_in(frames: Samples) -> None:
    if len(frames):
        ramp = _ramp(frames.shape[1] * FRAMES_PER_SECOND)
        frames.reshape(-1)[: len(ramp)] *= ramp

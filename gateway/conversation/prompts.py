"""Recordings, and sounds to wait by, as they leave on the wire. Pure."""

from collections.abc import Iterator
from functools import cache

from gateway.conversation import tones
from gateway.conversation.clip import Clip
from gateway.conversation.framer import Framer, as_it_is
from gateway.conversation.loudness import (
    BACKGROUND_DECIBELS,
    Level,
    active_level,
    frames_of,
    gain_for,
    limited,
)
from gateway.profile import Recording, Sound
from gateway.providers.base import Samples
from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.resample import resample

CHUNK_SECONDS = 1.0
"""A prompt is made wire-ready so much at a time: other calls go on in between."""


def spoken(recording: Recording, codec: Codec, *, pause: float) -> Iterator[Clip]:
    """A recorded prompt, levelled like a voice, `pause` seconds of silence at its end."""
    frame = recording.rate // FRAMES_PER_SECOND
    level = Level.of(frames_of(recording.samples, frame))
    framer = Framer(codec, recording.rate, level, pause=pause)
    step = round(CHUNK_SECONDS * recording.rate)
    for start in range(0, len(recording.samples), step):
        clip = framer.push(recording.samples[start : start + step])
        if len(clip):
            yield clip
    yield framer.finish()


def backdrop(sound: Sound | Recording, codec: Codec, language: str) -> Clip | None:
    """One round of a sound to wait by, below the level of speech; None for silence. Made once."""
    match sound:
        case Sound.SILENCE:
            return None
        case Sound.RINGING:
            return _ringing(codec, language)
        case _:
            return _background(sound, codec)


@cache
def _ringing(codec: Codec, language: str) -> Clip:
    return as_it_is(tones.sound(tones.ringing(language), codec.sample_rate), codec)


@cache
def _background(sound: Sound | Recording, codec: Codec) -> Clip:
    rate = codec.sample_rate
    if isinstance(sound, Recording):
        return as_it_is(_quiet(resample(sound.samples, sound.rate, rate), rate), codec)
    if sound is Sound.MUSIC:
        return as_it_is(_quiet(tones.music(rate), rate), codec)
    return as_it_is(tones.typing(rate), codec)


def _quiet(samples: Samples, rate: int) -> Samples:
    """`samples` at the level of a background."""
    level = active_level(frames_of(samples, rate // FRAMES_PER_SECOND))
    if level is None:
        return samples
    return limited(samples, gain_for(level, BACKGROUND_DECIBELS))

import numpy as np

from gateway.demo.talkspurts import RATE, Samples, Span, talkspurts
from gateway.demo.tones import without_tones


def ringing(seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    both = np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)
    return (0.05 * both).astype(np.float32)


def voice(seconds: float) -> Samples:
    """A vowel's harmonics: some of them in the band of ringing tones, most not."""
    time = np.arange(round(seconds * RATE)) / RATE
    harmonics = [np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 12)]
    mixed: Samples = (0.1 * np.sum(harmonics, axis=0)).astype(np.float32)
    return mixed


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def test_ringing_becomes_silence() -> None:
    line = np.concatenate([quiet(0.53), ringing(2.0), quiet(0.5)])
    assert talkspurts(without_tones(line), pause=0.3) == ()


def test_speech_stays_as_it_is() -> None:
    assert np.array_equal(without_tones(voice(2.0)), voice(2.0))


def test_speech_ends_where_ringing_begins() -> None:
    line = np.concatenate([voice(1.0), quiet(0.2), ringing(2.0)])
    assert talkspurts(without_tones(line), pause=0.5) == (Span(0.0, 1.0),)


def test_a_short_beep_is_no_ringing() -> None:
    assert np.array_equal(without_tones(ringing(0.2)), ringing(0.2))

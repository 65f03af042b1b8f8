"""Audio of a voice to frames on the wire: the same however it was cut, level, without clicks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.conversation.clip import Clip, joined
from gateway.conversation.framer import Framer
from gateway.conversation.loudness import TARGET_DECIBELS, Level, active_level, frames_of, limited
from gateway.providers.base import AudioFormat, Encoding, WordTime
from gateway.providers.sound import decoded
from rtp.codec import Codec
from rtp.g711 import decode_mulaw

Samples = NDArray[np.float32]


def tone(seconds: float, rate: int, level: float = 0.1) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def silence(seconds: float, rate: int) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def framed(samples: Samples, rate: int, step: int = 10**9, pause: float = 0.2) -> Clip:
    framer = Framer(Codec.PCMU, rate, Level(), pause=pause)
    clips = [framer.push(samples[i : i + step]) for i in range(0, len(samples), step)]
    return joined([*clips, framer.finish()])


@pytest.mark.parametrize("rate", [8000, 16000, 24000])
def test_the_sound_is_framed_and_ends_with_its_pause(rate: int) -> None:
    clip = framed(np.concatenate((silence(0.5, rate), tone(1.0, rate), silence(0.4, rate))), rate)
    assert clip.frames.shape[1] == 160
    assert abs(len(clip) - 61) <= 2
    assert clip.voiced[2:49].all()
    assert not clip.voiced[-9:].any()


def test_silence_at_the_begin_is_not_waited_for_and_word_times_move_with_it() -> None:
    framer = Framer(Codec.PCMU, 8000, Level(), pause=0.1)
    samples = np.concatenate((silence(0.4, 8000), tone(0.5, 8000)))
    clip = framer.push(samples, (WordTime("hello", 0.4),))
    assert clip.voiced[1]
    assert clip.words[0].start == pytest.approx(0.02, abs=0.02)


def test_quiet_and_loud_voices_come_out_equally_loud() -> None:
    levels = []
    for amplitude in (0.02, 0.1, 0.7):
        clip = framed(tone(1.0, 8000, amplitude), 8000)
        levels.append(active_level(decode_mulaw(clip.frames)))
    assert all(level is not None and abs(level - TARGET_DECIBELS) < 1.0 for level in levels)


def test_the_last_sound_fades_out() -> None:
    samples = np.full(800, 0.3, np.float32)
    clip = framed(samples, 8000, pause=0.02)
    ear = decode_mulaw(clip.frames).reshape(-1)
    assert abs(ear[0]) < 0.02
    assert np.abs(np.diff(ear)).max() < 0.05


def test_an_utterance_without_sound_has_no_frames() -> None:
    assert len(framed(silence(1.0, 8000), 8000)) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(37, 5000), st.integers(0, 3))
def test_frames_do_not_depend_on_the_chunks(step: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [tone(0.3, 24000) if rng.random() < 0.6 else silence(0.25, 24000) for _ in range(6)]
    samples = np.concatenate((tone(0.1, 24000), *parts))
    whole, cut = framed(samples, 24000), framed(samples, 24000, step)
    assert np.array_equal(whole.voiced, cut.voiced)
    assert np.array_equal(whole.frames[10:], cut.frames[10:]) or _close(whole, cut)


def _close(one: Clip, other: Clip) -> bool:
    """The gain is settled by the first audible chunk, so it may differ a little with its size."""
    a, b = decode_mulaw(one.frames), decode_mulaw(other.frames)
    return bool(np.abs(a - b).max() < 0.05)


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=200))
def test_nothing_can_clip(values: list[float]) -> None:
    samples = limited(np.array(values, np.float32))
    assert np.abs(samples).max() <= 1.0


@pytest.mark.parametrize(
    ("encoding", "audio", "samples"),
    [
        (Encoding.PCM_S16, b"\x00\x40\x00\xc0\x7f", [0.5, -0.5]),
        (Encoding.PCM_F32, np.array([0.25], "<f4").tobytes(), [0.25]),
        (Encoding.MULAW, b"\xff", [0.0]),
        (Encoding.ALAW, b"\xd5", [0.00024414062]),
    ],
)
def test_every_encoding_is_read(encoding: Encoding, audio: bytes, samples: list[float]) -> None:
    assert decoded(audio, AudioFormat(encoding, 8000)).tolist() == pytest.approx(samples)


@given(
    st.integers(0, 40),
    st.lists(st.tuples(st.text(max_size=8), st.floats(0, 100)), max_size=5),
)
def test_a_clip_survives_the_store(frames: int, words: list[tuple[str, float]]) -> None:
    rng = np.random.default_rng(frames)
    clip = Clip(
        rng.integers(0, 256, (frames, 160), np.uint8),
        rng.integers(-100, 0, frames, np.int8),
        tuple(WordTime(word, start) for word, start in words),
    )
    back = Clip.from_bytes(clip.to_bytes())
    assert np.array_equal(back.frames, clip.frames)
    assert np.array_equal(back.levels, clip.levels)
    assert back.words == clip.words


@given(st.binary(max_size=100))
def test_anything_else_in_the_store_is_a_value_error(stored: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored clip"):
        Clip.from_bytes(stored)


def test_a_truncated_clip_is_a_value_error() -> None:
    stored = framed(tone(0.2, 8000), 8000).to_bytes()
    with pytest.raises(ValueError, match="not a stored clip"):
        Clip.from_bytes(stored[:-1])


def test_frames_are_filled_up_with_silence() -> None:
    assert frames_of(np.ones(161, np.float32), 160).sum() == 161

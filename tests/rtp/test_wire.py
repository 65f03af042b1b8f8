"""Speech becomes frames: of the right codec, size and rate, wherever the stream was cut."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.g711 import decode_alaw, decode_mulaw
from rtp.g722 import G722Decoder
from rtp.wire import WireEncoder

Samples = NDArray[np.float32]
RATES = [8000, 16000, 22050, 24000, 48000]


def tone(rate: int, samples: int) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(samples) / rate)).astype(np.float32)


def decoded(codec: Codec, frames: NDArray[np.uint8]) -> Samples:
    match codec:
        case Codec.PCMU:
            return decode_mulaw(frames).reshape(-1)
        case Codec.PCMA:
            return decode_alaw(frames).reshape(-1)
        case _:
            return G722Decoder(1).decode(np.zeros(1, np.intp), frames.reshape(1, -1)).reshape(-1)


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate", RATES)
@settings(deadline=None)
@given(samples=st.integers(0, 5000), cuts=st.lists(st.integers(0, 5000), max_size=4))
def test_the_frames_do_not_depend_on_the_cuts(
    codec: Codec, rate: int, samples: int, cuts: list[int]
) -> None:
    signal = tone(rate, samples)
    encoder, at_once = WireEncoder(codec, rate), WireEncoder(codec, rate)
    chunks = np.split(signal, sorted(min(cut, samples) for cut in cuts))
    frames = np.concatenate([encoder.push(chunk) for chunk in chunks] + [encoder.finish()])
    expected = np.concatenate([at_once.push(signal), at_once.finish()])
    assert frames.shape == (ceil(samples * 50 / rate), codec.send_codec.frame_bytes)
    assert frames.dtype == np.uint8
    error = decoded(codec, frames) - decoded(codec, expected)
    assert np.abs(error).max(initial=0) < 0.05


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate", RATES)
def test_the_pitch_survives(codec: Codec, rate: int) -> None:
    encoder = WireEncoder(codec, rate)
    frames = np.concatenate([encoder.push(tone(rate, rate)), encoder.finish()])
    samples = decoded(codec, frames)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) == 440
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_the_last_frame_is_filled_with_silence() -> None:
    encoder = WireEncoder(Codec.PCMU, 8000)
    assert len(encoder.push(tone(8000, 100))) == 0
    assert encoder.finish()[0, 100:].tolist() == [0xFF] * 60

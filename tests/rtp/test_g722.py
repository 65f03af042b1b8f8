"""G.722 as a leg uses it: frame by frame, a state per direction and row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.g722 import G722Decoder, G722Encoder

Samples = NDArray[np.float32]

FRAME = 320
QMF_DELAY = 22
"""Samples by which encoder and decoder together delay: two 24-tap quadrature mirror filters."""


def speechlike(seed: int, frames: int) -> Samples:
    generator = np.random.default_rng(seed)
    time = np.arange(frames * FRAME) / 16000
    tones = [
        generator.uniform(0.05, 0.2) * np.sin(2 * np.pi * generator.uniform(100, 3500) * time)
        for _ in range(4)
    ]
    signal: Samples = np.sum(tones, axis=0).astype(np.float32)
    return signal


def decoded(octets: NDArray[np.uint8]) -> Samples:
    samples: Samples = G722Decoder(1).decode(np.zeros(1, np.intp), octets[np.newaxis])[0]
    return samples


def test_a_wideband_tone_comes_through() -> None:
    """6 kHz: what a narrowband codec could not carry."""
    tone = (0.3 * np.sin(2 * np.pi * 6000 * np.arange(50 * FRAME) / 16000)).astype(np.float32)
    output = decoded(G722Encoder().encode(tone))
    spectrum = np.abs(np.fft.rfft(output[FRAME:] * np.hanning(len(output) - FRAME)))
    assert np.argmax(spectrum) == pytest.approx(6000 / 8000 * len(spectrum), abs=1)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_decoded_is_what_was_encoded(seed: int) -> None:
    sent = speechlike(seed, 25)
    heard = decoded(G722Encoder().encode(sent))
    settled = slice(5 * FRAME, 24 * FRAME)
    aligned = heard[QMF_DELAY:][settled]
    error = np.sqrt(np.mean((aligned - sent[settled]) ** 2))
    assert error < 0.1 * np.sqrt(np.mean(sent[settled] ** 2))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 10 * FRAME // 2), max_size=5))
def test_encoding_does_not_depend_on_where_the_stream_is_cut(seed: int, cuts: list[int]) -> None:
    signal = speechlike(seed, 10)
    encoder = G722Encoder()
    chunks = np.split(signal, sorted(2 * cut for cut in cuts))
    octets = np.concatenate([encoder.encode(chunk) for chunk in chunks])
    assert np.array_equal(octets, G722Encoder().encode(signal))
    assert len(octets) == len(signal) // 2


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), data=st.data())
def test_rows_keep_their_own_state(seed: int, data: st.DataObject) -> None:
    rows, frames = 3, 6
    streams = np.stack([G722Encoder().encode(speechlike(seed + n, frames)) for n in range(rows)])
    decoder = G722Decoder(rows)
    together = np.empty((rows, frames, FRAME), np.float32)
    for frame in range(frames):
        order = np.array(data.draw(st.permutations(range(rows))), np.intp)
        octets = streams.reshape(rows, frames, -1)[order, frame]
        together[order, frame] = decoder.decode(order, octets)
    for row in range(rows):
        assert np.array_equal(together[row].reshape(-1), decoded(streams[row]))


def test_a_reset_row_is_another_stream() -> None:
    decoder = G722Decoder(2)
    both = np.array([0, 1], np.intp)
    loud = G722Encoder().encode(speechlike(1, 1))
    first = decoder.decode(both, np.stack([loud, loud]))
    decoder.reset(0)
    again = decoder.decode(both, np.stack([loud, loud]))
    assert np.array_equal(again[0], first[0])
    assert not np.array_equal(again[1], first[1])


def test_half_a_pair_of_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="pairs"):
        G722Encoder().encode(np.zeros(3, np.float32))


def test_too_loud_saturates() -> None:
    assert np.isfinite(decoded(G722Encoder().encode(np.full(FRAME, 99.0, np.float32)))).all()

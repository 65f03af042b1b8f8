"""G.711 against the standard's own arithmetic, written here one sample at a time."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from rtp.g711 import decode_alaw, decode_mulaw, encode_alaw, encode_mulaw

Decode = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Encode = Callable[[NDArray[np.float32]], NDArray[np.uint8]]

ALL_CODES = np.arange(256, dtype=np.uint8)
ALL_SAMPLES = np.arange(-32768, 32768)
MULAW_MINUS_ZERO = 0x7F

LAWS = pytest.mark.parametrize(
    ("decode", "encode"),
    [(decode_mulaw, encode_mulaw), (decode_alaw, encode_alaw)],
    ids=["mulaw", "alaw"],
)


def mulaw_level(code: int) -> int:
    code ^= 0xFF
    magnitude = (2 * (code & 15) + 33 << (code >> 4 & 7)) - 33
    return -4 * magnitude if code & 0x80 else 4 * magnitude


def alaw_level(code: int) -> int:
    code ^= 0x55
    chord, step = code >> 4 & 7, code & 15
    magnitude = 2 * step + 1 if chord == 0 else 2 * step + 33 << chord - 1
    return 8 * magnitude if code & 0x80 else -8 * magnitude


def mulaw_decision_values() -> list[int]:
    """Table 2a: between two of these lies one level (16-bit units: four of the table's)."""
    values = [0, 1] + [31 + 2 * step for step in range(-14, 1)]
    for chord in range(1, 8):
        values += [values[-1] + (2 << chord) * step for step in range(1, 17)]
    return [4 * value for value in values]


def alaw_decision_values() -> list[int]:
    """Table 1a (16-bit units: eight of the table's, whose first level is 1)."""
    values = [2 * step for step in range(33)]
    for chord in range(2, 8):
        values += [values[-1] + (1 << chord) * step for step in range(1, 17)]
    return [8 * value for value in values]


def floats(sixteen_bits: NDArray[np.int64]) -> NDArray[np.float32]:
    return (sixteen_bits / 32768).astype(np.float32)


def test_mulaw_levels_are_the_standards() -> None:
    assert (decode_mulaw(ALL_CODES) * 32768).tolist() == [mulaw_level(code) for code in range(256)]


def test_alaw_levels_are_the_standards() -> None:
    assert (decode_alaw(ALL_CODES) * 32768).tolist() == [alaw_level(code) for code in range(256)]


def test_mulaw_changes_level_at_the_standards_decision_values() -> None:
    levels = decode_mulaw(encode_mulaw(floats(ALL_SAMPLES)))
    assert changes_of_level(levels) == mulaw_decision_values()[1:128]


def test_alaw_changes_level_at_the_standards_decision_values() -> None:
    levels = decode_alaw(encode_alaw(floats(ALL_SAMPLES)))
    assert changes_of_level(levels) == alaw_decision_values()[1:128]


def changes_of_level(levels: NDArray[np.float32]) -> list[int]:
    positive = levels[32768:]
    changes: list[int] = (np.flatnonzero(np.diff(positive)) + 1).tolist()
    return changes


@LAWS
def test_every_code_survives_a_round_trip(decode: Decode, encode: Encode) -> None:
    again = encode(decode(ALL_CODES))
    changed = ALL_CODES[again != ALL_CODES].tolist()
    assert changed in ([], [MULAW_MINUS_ZERO])
    assert np.array_equal(decode(again), decode(ALL_CODES))


@LAWS
def test_both_signs_are_treated_alike(decode: Decode, encode: Encode) -> None:
    samples = floats(ALL_SAMPLES[ALL_SAMPLES > 0])
    assert np.array_equal(decode(encode(-samples)), -decode(encode(samples)))


@LAWS
def test_too_loud_saturates(decode: Decode, encode: Encode) -> None:
    loudest = decode(encode(np.array([1.0, -1.0], np.float32)))
    beyond = decode(encode(np.array([1e6, -1e6], np.float32)))
    assert beyond.tolist() == loudest.tolist()
    assert loudest[0] == -loudest[1] > 0.95


@LAWS
def test_what_is_no_number_reaches_no_memory_of_others(decode: Decode, encode: Encode) -> None:
    """A voice that breaks must break nothing else."""
    bad = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e30], np.float32)
    levels = decode(encode(bad))
    assert (np.abs(levels) > 0.9).all()
    assert (levels[[1, 3, 5]] > 0).all()
    assert (levels[[0, 2, 4]] < 0).all()


def test_silence_is_the_quietest_positive_code() -> None:
    assert encode_mulaw(np.zeros(1, np.float32)).tolist() == [0xFF]
    assert encode_alaw(np.zeros(1, np.float32)).tolist() == [0xD5]


@LAWS
@settings(deadline=None)
@given(
    codes=arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0)),
)
def test_any_shape_is_kept(decode: Decode, encode: Encode, codes: NDArray[np.uint8]) -> None:
    samples = decode(codes)
    assert samples.shape == codes.shape
    assert samples.dtype == np.float32
    assert encode(samples).shape == codes.shape
    assert encode(samples).dtype == np.uint8


@LAWS
@settings(deadline=None)
@given(sample=st.floats(-1, 1, width=32))
def test_the_error_stays_within_half_a_step(decode: Decode, encode: Encode, sample: float) -> None:
    level = decode(encode(np.array([sample], np.float32)))[0]
    half_a_step = max((32768 * abs(sample) + 132) / 32, 8)
    assert 32768 * abs(level - sample) <= half_a_step + 0.5

"""G.711 mu-law and A-law as table look-ups over arrays of any shape but () (ITU-T G.711).

Samples are float32 with full scale ±1.0; codes are uint8 as they travel. Samples on a decision
value go to the louder level; louder than full scale saturates.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.compiled import READABLE_LINES, READABLE_SAMPLES, compiled, part, u1

_FULL_SCALE = np.float32(32768.0)
_HALF = np.float32(0.5)
_MOST = np.float32(65535.0)
_SIGN = 0x80
_SIXTEEN_BITS = np.arange(-32768, 32768, dtype=np.int32)

Samples = NDArray[np.float32]
Codes = NDArray[np.uint8]


def decode_mulaw(codes: Codes) -> Samples:
    """The levels of mu-law `codes`; both zeros (0xFF and 0x7F) are 0.0."""
    return _levels_of(codes, _MULAW_LEVELS)


def encode_mulaw(samples: Samples) -> Codes:
    """The mu-law codes of finite `samples`; silence is 0xFF, never 0x7F."""
    return _codes_of(samples, _MULAW_CODES)


def decode_alaw(codes: Codes) -> Samples:
    """The levels of A-law `codes`."""
    return _levels_of(codes, _ALAW_LEVELS)


def encode_alaw(samples: Samples) -> Codes:
    """The A-law codes of finite `samples`; silence is 0xD5."""
    return _codes_of(samples, _ALAW_CODES)


def _levels_of(codes: Codes, levels: Samples) -> Samples:
    if codes.ndim != 2:
        return np.take(levels, codes)
    samples = np.empty(codes.shape, np.float32)
    _look_up(codes, levels, samples)
    return samples


@compiled(types.void(READABLE_LINES, types.float32[::1], types.float32[:, ::1]))
def _look_up(codes: Codes, levels: Samples, samples: Samples) -> None:
    for line in range(codes.shape[0]):
        for nth in range(codes.shape[1]):
            samples[line, nth] = levels[codes[line, nth]]


def _codes_of(samples: Samples, table: Codes) -> Codes:
    codes = np.empty(samples.shape, np.uint8)
    _encode(np.ascontiguousarray(samples).reshape(-1), table, codes.reshape(-1))
    return codes


@part
def code_of(sample: np.float32, table: Codes) -> np.uint8:
    """The code of one sample, by one line of `CODES`.

    What is louder than full scale saturates, and what is no number is the most negative.
    """
    offset = sample * _FULL_SCALE + (_FULL_SCALE + _HALF)
    place = 0
    if offset >= _MOST:
        place = len(table) - 1
    elif offset > 0.0:
        place = int(offset)
    code: np.uint8 = table[place]
    return code


@compiled(types.void(READABLE_SAMPLES, u1[::1], u1[::1]))
def _encode(samples: Samples, table: Codes, codes: Codes) -> None:
    for nth in range(len(samples)):
        codes[nth] = code_of(samples[nth], table)


def _mulaw_levels() -> NDArray[np.int32]:
    inverted = ~np.arange(256) & 0xFF
    exponent, mantissa = (inverted >> 4) & 7, inverted & 15
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(inverted & _SIGN, -magnitude, magnitude).astype(np.int32)


def _alaw_levels() -> NDArray[np.int32]:
    toggled = np.arange(256) ^ 0x55
    exponent, mantissa = (toggled >> 4) & 7, toggled & 15
    linear = (mantissa << 4) + 8
    magnitude = np.where(exponent, (linear + 256) << np.maximum(exponent - 1, 0), linear)
    return np.where(toggled & _SIGN, magnitude, -magnitude).astype(np.int32)


def _mulaw_codes() -> Codes:
    magnitude = np.minimum(np.abs(_SIXTEEN_BITS), 32635) + 132
    exponent = np.log2(magnitude).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    codes: NDArray[np.int32] = _sign_bits() | exponent << 4 | mantissa
    return (codes ^ 0xFF).astype(np.uint8)


def _alaw_codes() -> Codes:
    magnitude = np.minimum(np.abs(_SIXTEEN_BITS), 32767) >> 4
    exponent = np.maximum(np.log2(np.maximum(magnitude, 1)).astype(np.int32) - 3, 0)
    mantissa = (magnitude >> np.maximum(exponent - 1, 0)) & 15
    codes: NDArray[np.int32] = _sign_bits() | exponent << 4 | mantissa
    return (codes ^ (_SIGN | 0x55)).astype(np.uint8)


def _sign_bits() -> NDArray[np.int32]:
    return np.where(_SIXTEEN_BITS < 0, _SIGN, 0).astype(np.int32)


LEVELS: Samples = (np.stack((_mulaw_levels(), _alaw_levels())) / _FULL_SCALE).astype(np.float32)
"""Of each code: mu-law, A-law."""
_MULAW_LEVELS, _ALAW_LEVELS = LEVELS
CODES: Codes = np.stack((_mulaw_codes(), _alaw_codes()))
"""Of samples rounded to 16 bits, counted from the most negative (0.0 is 32768): mu-law, A-law."""
_MULAW_CODES, _ALAW_CODES = CODES

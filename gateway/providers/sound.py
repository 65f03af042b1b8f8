"""What voices send, as samples. Pure."""

import numpy as np
from numpy.typing import NDArray

from gateway.providers.base import AudioFormat, Encoding, Samples
from rtp.g711 import decode_alaw, decode_mulaw

AUDIBLE_POWER = 1e-5
"""The power (-50 dB relative to full scale) below which a frame is a pause."""


def decoded(audio: bytes, audio_format: AudioFormat) -> Samples:
    """The samples of `audio` in -1.0 … 1.0; an odd byte at the end is not a sample."""
    match audio_format.encoding:
        case Encoding.MULAW:
            return decode_mulaw(np.frombuffer(audio, np.uint8))
        case Encoding.ALAW:
            return decode_alaw(np.frombuffer(audio, np.uint8))
        case Encoding.PCM_S16:
            whole = len(audio) // 2 * 2
            return np.frombuffer(audio[:whole], "<i2").astype(np.float32) / np.float32(32768.0)
        case Encoding.PCM_F32:
            whole = len(audio) // 4 * 4
            return np.frombuffer(audio[:whole], "<f4").astype(np.float32)


def audible(frames: Samples) -> NDArray[np.bool_]:
    """Which of the rows are no pause."""
    loud: NDArray[np.bool_] = np.mean(np.square(frames), axis=-1) > AUDIBLE_POWER
    return loud

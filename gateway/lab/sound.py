"""Mono 16-bit wav files as float arrays, the way telephones exchange them."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.lab.errors import LabError

TELEPHONE_RATE = 8000
FULL_SCALE = 32768.0


def read_wav(path: Path) -> NDArray[np.float32]:
    """Samples in -1..1 of an 8 kHz mono 16-bit wav file; anything else is a LabError."""
    with wave.open(str(path), "rb") as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (TELEPHONE_RATE, 1, 2):
            raise LabError(str(path), f"8 kHz mono 16 bit is needed, not {shape}")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return (samples / FULL_SCALE).astype(np.float32)


def write_wav(path: Path, *channels: NDArray[np.float32]) -> None:
    """One or two channels of equal length, -1..1, as an 8 kHz 16-bit wav file."""
    interleaved = np.stack(channels, axis=1)
    samples = np.clip(np.round(interleaved * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(TELEPHONE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def line_noise(seconds: float, *, level: float = 0.0006) -> NDArray[np.float32]:
    """The faint hiss of a quiet line (-64 dBFS), always the same."""
    noise = np.random.default_rng(0).standard_normal(int(seconds * TELEPHONE_RATE))
    return (noise * level).astype(np.float32)

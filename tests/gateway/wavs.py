"""Wav files for tests of recorded prompts."""

import wave
from pathlib import Path

import numpy as np


def write_wav(
    file: Path, *, seconds: float = 1.2, rate: int = 16000, channels: int = 1, width: int = 2,
    level: float = 0.3,
) -> Path:  # fmt: skip
    """Words of 0.25 s of tone with 0.05 s of silence between them."""
    times = np.arange(round(seconds * rate)) / rate
    tone = level * np.sin(2 * np.pi * 300 * times) * (times % 0.3 < 0.25)
    tone = np.repeat(tone, channels)
    match width:
        case 1:
            audio = np.round(tone * 127 + 128).astype(np.uint8).tobytes()
        case 3:
            quads = np.round(tone * 2147483000).astype("<i4").tobytes()
            audio = np.frombuffer(quads, np.uint8).reshape(-1, 4)[:, 1:].tobytes()
        case _:
            audio = np.round(tone * (2.0 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        wav.writeframes(audio)
    return file

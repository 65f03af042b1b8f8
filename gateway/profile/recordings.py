"""Recorded prompts: wav files beside a profile, wherever words or a sound of waiting can stand.

What a prompt says stands in a text file of the same name (`hello.wav`, `hello.txt`), so that
history and record can tell what of it was heard. A file that cannot be used is a ValueError with
the fix; the profile's reader adds file and field.
"""

import hashlib
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

LONGEST_SECONDS = 300.0
SHORTEST_SECONDS = 0.1
LOWEST_RATE = 8000
HIGHEST_RATE = 48000
CONVERT = "convert it: sox {name} -c 1 -b 16 -r 16000 new.wav"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """`samples` in -1.0 … 1.0 at `rate`, mono; `digest` tells recordings apart."""

    name: str
    samples: Samples
    rate: int
    digest: str

    def __repr__(self) -> str:
        return f"<Recording {self.name} {self.seconds:.1f} s>"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def is_wav(said: str) -> bool:
    """Whether a phrase is the name of a wav file and no words."""
    return said.lower().endswith(".wav") and len(said.split()) == 1


def plain(said: str) -> str:
    """Words as recordings are found by them: white space does not count."""
    return " ".join(said.split())


@dataclass
class Recordings:
    """The recordings of one profile: `by_words` holds those met so far."""

    folder: Path
    by_words: dict[str, Recording] = field(default_factory=dict)

    def words_of(self, name: str) -> str:
        """What the prompt `name` says; from now on it is said by the recording."""
        recording = self.sound(name)
        text = (self.folder / name).with_suffix(".txt")
        try:
            words = plain(text.read_text("utf-8"))
        except OSError:
            raise ValueError(f"needs its words in {text.name} beside it; write that file") from None
        except UnicodeDecodeError:
            raise ValueError(f"{text.name} is not UTF-8; save it as that") from None
        if not words:
            raise ValueError(f"{text.name} is empty; write the words that are said")
        if "{" in words or "}" in words:
            raise ValueError(f"{text.name} has braces, but nothing can be filled into a recording")
        known = self.by_words.setdefault(words, recording)
        if known.digest != recording.digest:
            raise ValueError(f"says the same words as {known.name}; use one of them")
        return words

    def sound(self, name: str) -> Recording:
        """The wav file `name`, read and checked."""
        file = self.folder / name
        try:
            with wave.open(str(file), "rb") as wav:
                return _read(wav, name)
        except FileNotFoundError:
            raise ValueError("there is no such file beside the profile; correct the name") from None
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}; correct its permissions") from None
        except (wave.Error, EOFError) as error:
            reason = str(error) or "it ends too early"
            raise ValueError(f"is no PCM wav file ({reason}); {_convert(name)}") from None


def _read(wav: wave.Wave_read, name: str) -> Recording:
    if wav.getnchannels() != 1:
        raise ValueError(f"has {wav.getnchannels()} channels, one is needed; {_convert(name)}")
    rate = wav.getframerate()
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        wanted = f"{LOWEST_RATE} to {HIGHEST_RATE} are possible"
        raise ValueError(f"has {rate} samples a second, {wanted}; {_convert(name)}")
    if (width := wav.getsampwidth()) not in _DECODERS:
        raise ValueError(f"has samples of {8 * width} bits, 8 to 32 are possible; {_convert(name)}")
    seconds = wav.getnframes() / rate
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        wanted = f"{SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g} are possible"
        raise ValueError(f"lasts {seconds:.1f} seconds, {wanted}; cut it")
    samples = _DECODERS[width](wav.readframes(wav.getnframes()))
    if not np.abs(samples).max(initial=0.0) > 0.001:
        raise ValueError("holds only silence; record it again")
    digest = hashlib.sha256(samples.tobytes() + rate.to_bytes(4, "big")).hexdigest()
    return Recording(name, samples, rate, digest)


def _unsigned_8(audio: bytes) -> Samples:
    return (np.frombuffer(audio, np.uint8).astype(np.float32) - 128.0) / np.float32(128.0)


def _signed_16(audio: bytes) -> Samples:
    return np.frombuffer(audio, "<i2").astype(np.float32) / np.float32(32768.0)


def _signed_24(audio: bytes) -> Samples:
    triples = np.frombuffer(audio, np.uint8).reshape(-1, 3)
    quads = np.zeros((len(triples), 4), np.uint8)
    quads[:, 1:] = triples
    return _signed_32(quads.tobytes())


def _signed_32(audio: bytes) -> Samples:
    return np.frombuffer(audio, "<i4").astype(np.float32) / np.float32(2147483648.0)


_DECODERS: Mapping[int, Callable[[bytes], Samples]] = {
    1: _unsigned_8,
    2: _signed_16,
    3: _signed_24,
    4: _signed_32,
}


def _convert(name: str) -> str:
    return CONVERT.format(name=name)

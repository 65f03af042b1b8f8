"""Audio as it leaves on the wire, with what is known about it: what is played and cached. Pure."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.providers.base import WordTime

CLIP_VERSION = 2
_HEADER = struct.Struct("<4sHHII")
_MAGIC = b"CLIP"
AUDIBLE_DECIBELS = -50
"""Frames with a level below this are pauses."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """`frames` (n, frame bytes) of 20 ms, wire-ready; `levels` (n,) is how loud each is, in whole
    dB relative to full scale; `words` are times from the first frame of the utterance."""

    frames: NDArray[np.uint8]
    levels: NDArray[np.int8]
    words: tuple[WordTime, ...] = ()

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        return f"<Clip {len(self) * 0.02:.2f} s, {len(self.words)} words>"

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Which frames are audible."""
        return self.levels > AUDIBLE_DECIBELS

    def part(self, start: int, stop: int) -> "Clip":
        """Frames `start` to `stop`; the words belong to the part with the first frame."""
        words = self.words if start == 0 else ()
        return Clip(self.frames[start:stop], self.levels[start:stop], words)

    def to_bytes(self) -> bytes:
        words = json.dumps([[word.word, word.start] for word in self.words]).encode()
        count, width = self.frames.shape
        header = _HEADER.pack(_MAGIC, CLIP_VERSION, width, count, len(words))
        return header + self.frames.tobytes() + self.levels.tobytes() + words

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Clip":
        """What `to_bytes` made; ValueError for anything else."""
        try:
            magic, version, width, count, text = _HEADER.unpack_from(stored)
        except struct.error as error:
            raise ValueError("not a stored clip") from error
        audio = _HEADER.size + count * width
        if (magic, version) != (_MAGIC, CLIP_VERSION) or len(stored) != audio + count + text:
            raise ValueError("not a stored clip of this version")
        frames = np.frombuffer(stored, np.uint8, count * width, _HEADER.size)
        words = json.loads(stored[audio + count :])
        return cls(
            frames.reshape(count, width),
            np.frombuffer(stored, np.int8, count, audio),
            tuple(WordTime(str(word), float(start)) for word, start in words),
        )


def joined(clips: Sequence[Clip]) -> Clip:
    """The pieces of one utterance, at least one, as a whole."""
    return Clip(
        np.concatenate([clip.frames for clip in clips]),
        np.concatenate([clip.levels for clip in clips]),
        tuple(word for clip in clips for word in clip.words),
    )

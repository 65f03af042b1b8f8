"""What can be said without a voice: recorded phrases on disk, ready for the wire.

Each agent's apology is kept there once a voice has said it, for the day when none does. Beside
this file lies a recording for a gateway whose voice never spoke (made with hibari, Apache-2.0).
"""

import hashlib
import os
import wave
from functools import cache
from pathlib import Path

import numpy as np
import structlog

from gateway.conversation.clip import CLIP_VERSION, Clip
from gateway.conversation.framer import Framer
from gateway.conversation.loudness import Level
from gateway.languages import base_language
from rtp.codec import Codec

SHIPPED = Path(__file__).with_name("apology.wav")
SHIPPED_LANGUAGE = "en"
SHIPPED_PAUSE = 0.3

log = structlog.get_logger()


class Spares:
    """Phrases as clips for one codec; in `folder`, so that they outlive a restart, if there is
    one. A disk that fails is reported and never in the way."""

    def __init__(self, codec: Codec, folder: Path | None = None) -> None:
        self._codec = codec
        self._folder = folder
        self._clips: dict[str, Clip] = {}

    def keep(self, text: str, language: str, clip: Clip) -> None:
        """Have `text` for the days to come. Writes a file."""
        key = self._key(text, language)
        self._clips[key] = clip
        if self._folder is None:
            return
        file = self._folder / key
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(clip.to_bytes())
            part.replace(file)
        except OSError as error:
            log.warning("spare_not_written", reason=error.strerror)

    def load(self, text: str, language: str) -> None:
        """Have what was kept before at hand. Reads a file."""
        if self._folder is None:
            return
        key = self._key(text, language)
        try:
            self._clips[key] = Clip.from_bytes((self._folder / key).read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            log.warning("spare_not_read", reason=type(error).__name__)

    def find(self, text: str, language: str) -> Clip | None:
        """`text` as it was kept; else, in its own language, the shipped apology."""
        kept = self._clips.get(self._key(text, language))
        if kept is None and base_language(language) == SHIPPED_LANGUAGE:
            return self.shipped()
        return kept

    def shipped(self) -> Clip:
        """The apology that comes with the gateway, in English."""
        return _shipped(self._codec)

    def _key(self, text: str, language: str) -> str:
        parts = (str(CLIP_VERSION), self._codec.value, language, text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32] + ".clip"


@cache
def _shipped(codec: Codec) -> Clip:
    with wave.open(str(SHIPPED), "rb") as recording:
        frames = recording.readframes(recording.getnframes())
        rate = recording.getframerate()
    samples = np.frombuffer(frames, "<i2").astype(np.float32) / np.float32(32768.0)
    framer = Framer(codec, rate, Level(), pause=SHIPPED_PAUSE)
    first, last = framer.push(samples), framer.finish()
    return Clip(
        np.concatenate((first.frames, last.frames)), np.concatenate((first.levels, last.levels))
    )

"""How a local recogniser hears: every `SECONDS_PER_WORD` of sound is the next of its words."""

from itertools import cycle

import numpy as np

from tests.vendors.sound import SECONDS_PER_WORD

MULAW_SILENCE = 0xFF


class WordsInSound:
    """One stream of mu-law (`width` 1) or PCM (2) at `rate` Hz, in which silence is no word."""

    def __init__(self, words: tuple[str, ...], rate: int, width: int) -> None:
        self._coming = cycle(words)
        self._rate = rate
        self._width = width
        self._bytes = 0
        self._sound = 0
        self.heard: list[str] = []

    def hear(self, audio: bytes) -> bool:
        """Whether `audio` completes another word."""
        self._bytes += len(audio)
        if self._width == 1:
            self._sound += len(audio) - audio.count(MULAW_SILENCE)
        else:
            self._sound += int(np.count_nonzero(np.frombuffer(audio, "<i2")))
        before = len(self.heard)
        while self._sound >= (len(self.heard) + 1) * SECONDS_PER_WORD * self._rate:
            self.heard.append(next(self._coming))
        return len(self.heard) > before

    @property
    def text(self) -> str:
        return " ".join(self.heard)

    @property
    def seconds(self) -> float:
        """How much was heard, with the silence."""
        return self._bytes / (self._width * self._rate)

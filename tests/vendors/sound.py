"""What local servers hear and say: words in the level of audio, characters as bytes of sound."""

from collections.abc import Iterator

import numpy as np

from gateway.providers.base import Samples

SECONDS_PER_WORD = 0.2
CHUNK = 160
CHUNKS_PER_CHARACTER = 4
AUDIBLE = 0.001


def words_in(samples: Samples, rate: int) -> int:
    """How many words `samples` hold: one in every SECONDS_PER_WORD that is not silent."""
    sound = int(np.count_nonzero(np.abs(samples) > AUDIBLE))
    return int(sound / rate / SECONDS_PER_WORD + 1e-6)


def spoken(text: str) -> Iterator[bytes]:
    """Every character as four chunks of a byte of its own, whatever the format is."""
    for character in text:
        for _ in range(CHUNKS_PER_CHARACTER):
            yield bytes([ord(character) % 256]) * CHUNK

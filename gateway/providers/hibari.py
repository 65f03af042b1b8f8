"""hibari on this machine: an American English voice without a key or a network.

A young package of one maintainer (Apache-2.0), so its model is pinned by hash and there is a
second voice behind it (`classic`). What it says begins and ends with a third of a second of
silence, which a caller would hear as slowness: only as much as speech needs is kept.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers import inference
from gateway.providers.base import AudioFormat, Encoding, Samples, SpeechChunk, Voice
from gateway.providers.loading import Loading
from gateway.providers.weights import Weights, verified

NAME = "hibari"
RATE = 24_000
FORMAT = AudioFormat(Encoding.PCM_F32, RATE)
MODEL = Weights(
    "hibari",
    "hibari-tts==0.2.1",
    "assets/hibari.onnx",
    "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)
VOICE = "heart"
"""The one voice inside the package; others would be fetched from the internet."""
SEED = 0
"""The same text sounds the same every time, so that it can be cached."""
LONGEST_PHONEMES = 400
"""The model was trained on no more at once; text without punctuation is cut at a word."""

FRAME = RATE // 200
SILENCE_LEVEL = 10 ** (-55 / 20)
LEAD_FRAMES = 3
PAUSE_AFTER_SENTENCE = 0.22
PAUSE_AFTER_CLAUSE = 0.10
SENTENCE_END = frozenset(".!?…")
CLOSING = " \"'”’)]"


class Synthesizer(Protocol):
    """The part of `hibari.Hibari` that is used here."""

    def phonemize(self, text: str) -> list[str]: ...
    def from_phonemes(self, phonemes: str, speed: float, seed: int) -> NDArray[np.float32]: ...


class Hibari:
    """TextToSpeech on `workers` threads, about a hundred times faster than speech on each."""

    name = NAME
    settings_key = f"{NAME}:{MODEL.distribution}:{VOICE}:{SEED}"

    def __init__(self, *, workers: int) -> None:
        self._pool = inference.workers(NAME, workers)
        self._loading = Loading(self._pool, _load)

    async def warm(self) -> None:
        """Load the model and speak once; raises ProviderRefused if it is not the one we know."""
        await self._loading.model()

    async def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """A chunk per sentence, as it is made. Closing the iterator stops after the one in work.

        Raises ProviderRefused for another language or voice, ProviderUnavailable where the text
        has no sound (other scripts).
        """
        _check(voice)
        model = await self._loading.model()
        loop = asyncio.get_running_loop()
        sentences = await loop.run_in_executor(self._pool, _phonemes, model, text)
        if not sentences:
            raise ProviderUnavailable(NAME, "the text has nothing this voice can say")
        for phonemes in sentences:
            samples = await loop.run_in_executor(self._pool, _speak, model, phonemes, voice.speed)
            yield SpeechChunk(samples.tobytes(), FORMAT)


def trimmed(samples: Samples, pause: float) -> Samples:
    """Speech from just before its first sound, with `pause` seconds after its last one."""
    whole = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.flatnonzero(np.sqrt(np.mean(np.square(whole), axis=1)) > SILENCE_LEVEL)
    if not len(loud):
        return samples[:0]
    first = max(int(loud[0]) - LEAD_FRAMES, 0) * FRAME
    last = (int(loud[-1]) + 1) * FRAME
    silence = np.zeros(int(pause * RATE), np.float32)
    return np.concatenate((samples[first:last], silence))


def split_long(phonemes: str, longest: int = LONGEST_PHONEMES) -> Iterator[str]:
    """`phonemes` in pieces of at most `longest`, cut at spaces where there are any."""
    while len(phonemes) > longest:
        cut = phonemes.rfind(" ", 1, longest)
        cut = cut if cut > 0 else longest
        yield phonemes[:cut]
        phonemes = phonemes[cut:].lstrip()
    yield phonemes


def _check(voice: Voice) -> None:
    if voice.language.split("-")[0].lower() != "en":
        raise ProviderRefused(NAME, f"speaks English only, not {voice.language}")
    if voice.name not in (None, VOICE):
        raise ProviderRefused(NAME, f"has the voice {VOICE} only, not {voice.name}")


def _load() -> Synthesizer:
    path: Path = verified(MODEL)
    # Reason for the late import: it costs half a second, and other voices do not need it.
    import hibari

    model: Synthesizer = hibari.Hibari(voice=VOICE, model=str(path), threads=1)
    for phonemes in _phonemes(model, "Hello."):
        _speak(model, phonemes, 1.0)
    return model


def _phonemes(model: Synthesizer, text: str) -> list[str]:
    sentences = model.phonemize(text)
    pieces = [piece for sentence in sentences for piece in split_long(sentence)]
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _speak(model: Synthesizer, phonemes: str, speed: float) -> Samples:
    sound = model.from_phonemes(phonemes, speed, SEED)
    ended = phonemes.rstrip(CLOSING)[-1:] in SENTENCE_END
    return trimmed(sound, PAUSE_AFTER_SENTENCE if ended else PAUSE_AFTER_CLAUSE)

"""When each word of the embedded voice begins and ends, read out of the voice itself.

hibari decides how long every phoneme lasts in the middle of its network and tells nobody. Here
that number is made an output, so the truth about a word owes nothing to the estimate it judges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import numpy as np
import onnx
import soxr
from numpy.typing import NDArray

from gateway.lab.sound import TELEPHONE_RATE
from gateway.providers.hibari import MODEL, RATE, VOICE
from gateway.providers.weights import verified

DURATIONS = "/Clip_output_0"
"""Where the network has clipped its rounded durations: in frames, one for each phoneme."""
PUNCTUATION = frozenset('.,!?;:…—"“”')

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Word:
    """From `begin` to `end`, in seconds."""

    begin: float
    end: float


class WordTimes:
    """Loads the voice a second time, with one more output; about a second."""

    def __init__(self) -> None:
        # Reason for the late imports: loading them takes as long, and other parts need them not.
        import hibari
        import onnxruntime

        path = verified(MODEL)
        self._voice = hibari.Hibari(voice=VOICE, model=str(path), threads=1)
        graph = onnx.load(str(path))
        graph.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
        self._timed = onnxruntime.InferenceSession(graph.SerializeToString())

    def of(self, text: str, audio: Samples) -> list[Word]:
        """Each word of `text` where it is in `audio`, 8 kHz, which the voice has spoken.

        For text in plain words: ValueError if one is read otherwise than it is written.
        """
        found: list[Word] = []
        for phonemes in self._voice.phonemize(text):
            found += self._sentence(phonemes, audio, found[-1].end if found else 0.0)
        if len(found) != len(text.split()):
            raise ValueError(f"{len(found)} words are spoken of: {text}")
        return found

    def _sentence(self, phonemes: str, audio: Samples, after: float) -> list[Word]:
        """The words of one sentence, which is somewhere behind `after` seconds of `audio`."""
        raw = self._voice.from_phonemes(phonemes, 1.0, 0)
        ids = np.asarray([self._voice.ids(phonemes)], np.int64)
        inputs = {"ids": ids, "speed": np.ones(1, np.float32)}
        (durations,) = self._timed.run([DURATIONS], inputs)
        seconds = durations.reshape(-1) / durations.sum() * len(raw) / RATE
        narrow = soxr.resample(raw, RATE, TELEPHONE_RATE)
        shift = after + offset(audio[round(after * TELEPHONE_RATE) :], narrow) / TELEPHONE_RATE
        signs = [sign for sign in phonemes if sign in self._voice.vocab]
        return [
            Word(shift + begin, shift + end) for begin, end in word_spans(signs, seconds.tolist())
        ]


def word_spans(signs: Sequence[str], seconds: Sequence[float]) -> list[tuple[float, float]]:
    """Begin and end of each word of `signs` (a blank between two words), where the `seconds` of
    a sign are those one place on: before the first and behind the last there is a pause.

    Punctuation has a time of its own, which belongs to no word.
    """
    ends = list(accumulate(seconds))
    spans: list[tuple[float, float]] = []
    for blank, word in groupby(enumerate(signs, 1), key=lambda sign: sign[1] == " "):
        places = [place for place, sign in word if sign not in PUNCTUATION]
        if not blank and places:
            spans.append((ends[places[0] - 1], ends[places[-1]]))
    return spans


def offset(audio: Samples, sound: Samples) -> int:
    """The sample of `audio` at which `sound`, some of which may be missing, fits best."""
    size = 1 << (len(audio) + len(sound) - 1).bit_length()
    product = np.fft.rfft(audio, size) * np.conj(np.fft.rfft(sound, size))
    best = int(np.argmax(np.fft.irfft(product, size)))
    return best if best < len(audio) else best - size

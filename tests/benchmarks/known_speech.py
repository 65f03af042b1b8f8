"""Speech of the agent that is known to the byte, and found again on a phone's wire.

The clauses of the scripted model's answers are fixed phrases of the agent's profile: the gateway
makes them once, plays these very frames whenever they are to be said, and keeps them in its Redis,
where they are read. Asterisk passes mu-law on as it is, so every packet at the phone tells which
20 ms of which answer it holds.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.config import Settings
from gateway.conversation.clip import Clip
from gateway.conversation.sentences import ClauseSplitter
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.errors import ProviderUnavailable
from gateway.lab.errors import LabError
from gateway.lab.hearing import Packet
from gateway.profile import load_profile
from gateway.providers import registry
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, TextToSpeech, Voice
from gateway.store.base import BytesStore
from rtp.codec import FRAME_SECONDS, Codec
from rtp.g711 import decode_mulaw
from tests.benchmarks.house import PROFILES
from tests.benchmarks.word_times import Word, WordTimes

LOOKS, LOOK_SECONDS = 50, 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """`frames` (n, 160) as they leave; `words` are where the voice itself has put them."""

    text: str
    frames: NDArray[np.uint8]
    words: Sequence[Word]

    def words_heard(self, frames: int) -> int:
        """How many words had been said, by half at least, when so many frames had."""
        played = frames * FRAME_SECONDS
        return sum((word.begin + word.end) / 2 <= played for word in self.words)


@dataclass(frozen=True, slots=True)
class Run:
    """One answer as it came over the wire: the places of its frames, and when each arrived."""

    answer: int
    places: Sequence[int]
    times: Sequence[float]

    @property
    def frames(self) -> int:
        """How many frames had been heard by the end of it."""
        return self.places[-1] + 1

    def continues(self, known: int) -> bool:
        """Whether every one of its `known` frames that can be told came, once, in order.

        Next to where it was held a frame is faded, and so not recognised: two of a hold may be
        missing.
        """
        steps = np.diff(self.places)
        return bool((steps > 0).all()) and len(self.places) >= known


class Repertoire:
    """All answers, and the frames that tell one place of one of them from all others."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = answers
        self._places: dict[bytes, tuple[int, int]] = {}
        for payload, count in Counter(_payloads(answers)).items():
            if count == 1:
                self._places[payload] = (-1, -1)
        for number, answer in enumerate(answers):
            for place, frame in enumerate(answer.frames):
                if frame.tobytes() in self._places:
                    self._places[frame.tobytes()] = (number, place)

    def tellable(self, answer: int) -> int:
        """How many frames of an answer can be told from all others."""
        return sum(number == answer for number, _ in self._places.values())

    def runs(self, packets: Iterable[Packet]) -> list[Run]:
        """The answers among `packets`, in order; one that begins anew is another run."""
        runs: list[tuple[int, list[int], list[float]]] = []
        for packet in packets:
            if (found := self._places.get(packet.payload)) is None:
                continue
            number, place = found
            if not runs or runs[-1][0] != number or place <= runs[-1][1][0]:
                runs.append((number, [], []))
            runs[-1][1].append(place)
            runs[-1][2].append(packet.time)
        return [Run(*run) for run in runs]


def _payloads(answers: Sequence[Answer]) -> Iterable[bytes]:
    return (frame.tobytes() for answer in answers for frame in answer.frames)


def profile_that_says(texts: Sequence[str], folder: Path) -> None:
    """The benchmarks' agent in `folder`, to whom every clause of `texts` is a fixed phrase: its
    gateway makes them ready when it starts, and keeps them in its store."""
    phrases = [clause for text in texts for clause in clauses(text)]
    profile = (PROFILES / "bench.toml").read_text()
    (folder / "bench.toml").write_text(f"{profile}did_not_understand = {json.dumps(phrases)}\n")


async def spoken(texts: Sequence[str], store: BytesStore) -> Repertoire:
    """`texts` as the gateway that keeps its speech in `store` says them, clause by clause.

    One of which a clause does not get there (a store that was slow for a moment is left alone) is
    left out; LabError if none is left.
    """
    profile = load_profile(PROFILES / "bench.toml")
    voice = Voice(profile.language, profile.voice.name, profile.voice.speed)
    mute = Mute(registry.text_to_speech(Settings.model_validate({"ari": {"password": "none"}})))
    maker = SpeechMaker(mute, voice, Codec.PCMU, SpeechLibrary(store))
    times = WordTimes()
    found = [await _answer(text, maker, times) for text in texts]
    if not any(found):
        raise LabError("speech cache", "the gateway has kept none of the answers")
    return Repertoire([answer for answer in found if answer is not None])


class Mute:
    """By its name the voice that it stands for, but it never says anything itself."""

    def __init__(self, voice: TextToSpeech) -> None:
        self.name, self.settings_key = voice.name, voice.settings_key

    async def warm(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """Nor anything to close."""

    async def synthesize(self, _text: str, _voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        for _ in range(0):
            yield SpeechChunk(b"", AudioFormat(Encoding.MULAW, 8000))
        raise ProviderUnavailable(self.name, "it is not in the store yet")


async def _answer(text: str, maker: SpeechMaker, times: WordTimes) -> Answer | None:
    frames: list[NDArray[np.uint8]] = []
    words: list[Word] = []
    for clause in clauses(text):
        if (clip := await _kept(clause, maker)) is None:
            return None
        begin = sum(len(each) for each in frames) * FRAME_SECONDS
        found = times.of(clause, decode_mulaw(clip.frames.reshape(-1)))
        words += [Word(begin + word.begin, begin + word.end) for word in found]
        frames.append(clip.frames)
    return Answer(text, np.concatenate(frames), words)


async def _kept(clause: str, maker: SpeechMaker) -> Clip | None:
    """The clip of it, as soon as the store has it; None if it has not in time."""
    for _ in range(LOOKS):
        try:
            async for clip in maker.speak(clause):
                return clip
        except ProviderUnavailable:
            await asyncio.sleep(LOOK_SECONDS)
    return None


def clauses(text: str) -> list[str]:
    """What the gateway makes of a model's text."""
    splitter = ClauseSplitter()
    return [*splitter.feed(text), *splitter.finish()]

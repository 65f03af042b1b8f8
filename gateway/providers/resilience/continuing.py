"""What is still to be said, after one provider has said part of it and failed. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateway.providers.alignment import (
    FRAMES_PER_SECOND,
    HEARD_SHARE,
    Piece,
    SpokenAudio,
    heard_text,
    weight,
)
from gateway.providers.base import (
    Message,
    ModelRequest,
    Role,
    Samples,
    SpeechChunk,
    WordTime,
)
from gateway.providers.sound import audible, decoded

GO_ON = (
    "(Your answer was cut off in the middle. The caller has heard all of it so far. Write only"
    " what comes next, beginning with the very next word, and repeat nothing.)"
)
MOST_REPEATED_WORDS = 60
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"\w+$")
_SPOKEN_WORD = re.compile(r"\S*\w\S*")


# --- language -----------------------------------------------------------------------------------


def continued(request: ModelRequest, said: str) -> ModelRequest:
    """`request`, asked again of a model whose answer is to begin behind `said`."""
    already = (Message(Role.ASSISTANT, said), Message(Role.USER, GO_ON))
    return replace(request, messages=(*request.messages, *already))


class Seam:
    """Joins the answer of another model to what was `said` before.

    The first words are held back until it is clear whether they repeat what was said (all of it,
    or its end); what repeats it is left out. `push` and `finish` return the text to add.
    """

    def __init__(self, said: str) -> None:
        self._said = _words(said)
        self._half_word = _LAST_WORD.search(said)
        self._needs_space = bool(said) and not said[-1].isspace()
        self._text = ""
        self._joined = not said

    def push(self, text: str) -> str:
        if self._joined:
            return text
        self._text += text
        # the last word may be cut; without it nothing can be compared yet
        return self._join() if self._decided(_words(self._text)[:-1]) else ""

    def finish(self) -> str:
        """No more comes."""
        return "" if self._joined else self._join()

    def _decided(self, words: list[str]) -> bool:
        """Whether more words could not change what of them is a repetition."""
        if len(words) >= min(len(self._said) + 1, MOST_REPEATED_WORDS):
            return True
        return bool(words) and not any(
            self._said[start : start + len(words)] == words for start in range(len(self._said))
        )

    def _join(self) -> str:
        self._joined = True
        repeated = self._repeated(_words(self._text))
        if not repeated:
            rest = self._text.lstrip()
            if self._completes(rest):
                return rest[len(self._half_word.group()) :] if self._half_word else rest
            return f" {rest}" if self._needs_space and rest[:1].isalnum() else rest
        ends = [match.end() for match in _WORD.finditer(self._text)]
        rest = self._text[ends[repeated - 1] :]
        if not self._half_word:
            # what ended with punctuation before does not get it twice
            rest = rest.lstrip(".,;:!?…")
        return rest if self._needs_space else rest.lstrip()

    def _repeated(self, words: list[str]) -> int:
        """How many of the first `words` are the end of what was said."""
        most = min(len(words), len(self._said))
        return next((n for n in range(most, 0, -1) if self._said[-n:] == words[:n]), 0)

    def _completes(self, rest: str) -> bool:
        """Whether `rest` begins with the word of which only the first letters had come."""
        if self._half_word is None or (first := _WORD.match(rest)) is None:
            return False
        half = self._half_word.group().lower()
        return len(first.group()) > len(half) and first.group().lower().startswith(half)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def without_repetition(said: str, answer: str) -> str:
    """All of `answer` that does not repeat what was `said`."""
    seam = Seam(said)
    return seam.push(answer) + seam.finish()


# --- speech -------------------------------------------------------------------------------------


class Spoken:
    """How much of `text` its audio so far has said; worked out only where somebody asks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._chunks: list[SpeechChunk] = []

    def hear(self, chunk: SpeechChunk) -> None:
        """`chunk` was delivered. All chunks have one format."""
        self._chunks.append(chunk)

    @property
    def seconds(self) -> float:
        """How long what was delivered sounds."""
        return len(self._samples()) / self._chunks[0].format.rate if self._chunks else 0.0

    def remaining(self) -> str:
        """The text from the first word that was not delivered; a word that was cut is one."""
        if not self._chunks:
            return self._text
        if words := [word for chunk in self._chunks for word in chunk.words]:
            return self._text[self._end_of_known(words) :].lstrip()
        voiced = self._voiced()
        if not voiced.any():
            return self._text
        pieces = tuple(Piece(word, word) for word in re.findall(r"\S+\s*", self._text))
        heard = heard_text(pieces, SpokenAudio(voiced, (), complete=False), len(voiced))
        return self._text[len(heard) :].lstrip() if self._text.startswith(heard) else self._text

    def _samples(self) -> Samples:
        return np.concatenate([decoded(chunk.audio, chunk.format) for chunk in self._chunks])

    def _voiced(self) -> NDArray[np.bool_]:
        """Which of its frames are no pause."""
        samples = self._samples()
        frame = self._chunks[0].format.rate // FRAMES_PER_SECOND
        return audible(samples[: len(samples) // frame * frame].reshape(-1, frame))

    def _end_of_known(self, words: Sequence[WordTime]) -> int:
        """Where the text ends of which the voice itself has told when each word began."""
        seconds = self.seconds
        begun = [word.start for word in words if word.start < seconds]
        found = list(_SPOKEN_WORD.finditer(self._text))[: len(begun)]
        if found and seconds - begun[-1] < HEARD_SHARE * weight(found[-1].group()):
            found.pop()
        return found[-1].end() if found else 0


def shifted(words: Sequence[WordTime], seconds: float) -> tuple[WordTime, ...]:
    """The times of a continuation, counted from the begin of the utterance."""
    return tuple(WordTime(word.word, word.start + seconds) for word in words)

"""Which words of a text have been heard, from how much of its audio has. Pure.

Voices that tell word times are believed. For the others the audible part of the audio is shared
out over the words by how long they take to say; pauses in the audio belong to no word, and where
the text has punctuation a pause close by is taken to be its own.

The weights of words are a least-squares fit over 1,000 words of a voice whose own durations are
known (standard error 55 ms a word); other voices differ by their pace more than by their shape.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.providers.base import WordTime

FRAMES_PER_SECOND = 50
USUAL_PACE = 1.0
"""Seconds that a unit of `weight` takes when nothing better is known."""
HEARD_SHARE = 0.7
"""A word counts as heard when so much of it was."""

_VOWELS = re.compile(r"[aeiouyáàâäãåéèêëíìîïóòôöõúùûüæœø]+", re.IGNORECASE)
_SILENT_E = re.compile(r"[^aeiouy\W](?:e|es)\W*$|[^aeiouydt\W]ed\W*$", re.IGNORECASE)
_SHORT_WORD_LETTERS = 3
_SECONDS_PER_DIGIT = 0.3
_SECONDS_PER_WIDE_CHARACTER = 0.2
_PAUSE_BEHIND = re.compile(r"[,.;:!?…、，。；：！？][\"'”’)\]]*$")
_OPENERS = " \t\n([{“‘«"
_PAUSE_FRAMES = 6
"""A silence inside speech that is at least so long is a pause, not a plosive."""
_PAUSE_REACH = 0.35
"""Seconds by which the estimate may miss the pause it is corrected by."""
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SPOKEN_WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True, slots=True)
class Piece:
    """`written` text, with its spaces, and what is said for it."""

    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """What is known of an utterance's audio: `voiced` says per frame whether it is audible,
    `words` are the voice's own times (of the words it was given), `complete` that no more comes,
    `pace` the seconds that a unit of `weight` usually takes this voice.
    """

    voiced: NDArray[np.bool_]
    words: Sequence[WordTime] = ()
    complete: bool = True
    pace: float = USUAL_PACE


def weight(word: str) -> float:
    """How long `word`, with the punctuation behind it, takes a lively voice to say, in seconds."""
    if wide := len(_WIDE.findall(word)):
        return _SECONDS_PER_WIDE_CHARACTER * wide
    digits = sum(character.isdigit() for character in word)
    letters = sum(character.isalpha() for character in word)
    if not digits and not letters:
        return 0.0
    vowels = len(_VOWELS.findall(word)) - (1 if _SILENT_E.search(word) else 0)
    seconds = 0.07 + 0.054 * max(1, vowels) + 0.026 * letters + _SECONDS_PER_DIGIT * digits
    if letters <= _SHORT_WORD_LETTERS and not digits:
        seconds -= 0.055
    return seconds + (0.048 if _PAUSE_BEHIND.search(word) else 0.0)


def spoken_weight(pieces: Sequence[Piece]) -> float:
    """How long all of it takes to say, in the units of `weight`."""
    return sum(_weight_of(piece.spoken) for piece in pieces)


def heard_text(pieces: Sequence[Piece], audio: SpokenAudio, frames: int) -> str:
    """The beginning of the written text whose words had been heard after `frames` of audio."""
    ends = piece_ends(pieces, audio)
    audible = int(np.count_nonzero(audio.voiced[:frames]))
    heard: list[str] = []
    begin = 0.0
    for piece, end in zip(pieces, ends, strict=True):
        if end > begin and begin + HEARD_SHARE * (end - begin) > audible:
            break
        heard.append(piece.written)
        begin = end
    return "".join(heard).rstrip(_OPENERS).lstrip()


def piece_ends(pieces: Sequence[Piece], audio: SpokenAudio) -> list[float]:
    """How many audible frames there were when each piece had been said; a piece without sound
    ends with the last."""
    counts = [_words(piece.spoken) for piece in pieces]
    if not sum(counts) or not audio.voiced.any():
        return [0.0] * len(pieces)
    if audio.words:
        return _ends_by_words(counts, audio)
    return _ends_by_weight(pieces, audio)


def _words(spoken: str) -> int:
    return len(_SPOKEN_WORD.findall(spoken))


def _ends_by_words(counts: list[int], audio: SpokenAudio) -> list[float]:
    """A word ends where the next begins. A voice that counted its words otherwise than we do has
    said the same share of them at the same time."""
    audible = np.concatenate(([0], np.cumsum(audio.voiced)))
    begins = [word.start * FRAMES_PER_SECOND for word in audio.words]
    known = np.interp([*begins[1:], len(audio.voiced)], np.arange(len(audible)), audible)
    said = np.cumsum(counts) / sum(counts) * len(known)
    ends: list[float] = np.interp(said, np.arange(len(known) + 1), [0.0, *known]).tolist()
    return ends


def _ends_by_weight(pieces: Sequence[Piece], audio: SpokenAudio) -> list[float]:
    weights = np.cumsum([_weight_of(piece.spoken) for piece in pieces])
    audible = np.flatnonzero(audio.voiced)
    if audio.complete:
        said = weights / weights[-1] * len(audible)
    else:
        said = weights * FRAMES_PER_SECOND * audio.pace
    anchors = _anchors(pieces, said, audible)
    ends: list[float] = np.interp(
        weights, [weights[piece] for piece, _ in anchors], [frames for _, frames in anchors]
    ).tolist()
    return ends


def _anchors(
    pieces: Sequence[Piece], said: NDArray[np.float64], audible: NDArray[np.intp]
) -> list[tuple[int, float]]:
    """Pieces whose end is known, with the number of audible frames by then: the pauses between
    begin and end that lie close to where punctuation is expected."""
    anchors = [(0, float(said[0])), (len(pieces) - 1, float(said[-1]))]
    marks = [i for i, piece in enumerate(pieces[:-1]) if _PAUSE_BEHIND.search(piece.spoken)]
    gaps = np.flatnonzero(np.diff(audible) > _PAUSE_FRAMES) + 1.0
    reach = _PAUSE_REACH * FRAMES_PER_SECOND
    for mark in marks:
        if not len(gaps):
            break
        nearest = float(gaps[np.argmin(np.abs(gaps - said[mark]))])
        if abs(nearest - said[mark]) <= reach:
            anchors.append((mark, nearest))
            gaps = gaps[gaps > nearest]
    return sorted(set(anchors))


def _weight_of(spoken: str) -> float:
    return sum(weight(word) for word in spoken.split())

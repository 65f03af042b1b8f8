"""Which words were heard, for voices with and without word times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.conversation.normalise import pieces
from gateway.providers.alignment import SpokenAudio, heard_text, spoken_weight, weight
from gateway.providers.base import WordTime

TEXT = "one two three four five six seven eight nine ten"


def voiced(*runs: tuple[bool, int]) -> NDArray[np.bool_]:
    return np.concatenate([np.full(count, audible) for audible, count in runs])


def test_word_times_are_believed() -> None:
    words = tuple(WordTime(word, 0.5 * i) for i, word in enumerate(TEXT.split()))
    audio = SpokenAudio(voiced((True, 250)), words)
    assert heard_text(pieces(TEXT), audio, 0) == ""
    assert heard_text(pieces(TEXT), audio, 24) == "one"
    assert heard_text(pieces(TEXT), audio, 100) == "one two three four"
    assert heard_text(pieces(TEXT), audio, 250) == TEXT


def test_a_number_that_is_spoken_as_many_words_is_heard_as_one() -> None:
    text = "Order number 48213 is ready."
    spoken = ["Order", "number", "four", "eight", "two", "one", "three", "is", "ready."]
    audio = SpokenAudio(
        voiced((True, 180)), tuple(WordTime(w, 0.4 * i) for i, w in enumerate(spoken))
    )
    assert heard_text(pieces(text), audio, 90) == "Order number"
    assert heard_text(pieces(text), audio, 150) == "Order number 48213"


def test_without_word_times_the_audible_part_is_shared_out() -> None:
    audio = SpokenAudio(voiced((True, 200)))
    assert abs(len(heard_text(pieces(TEXT), audio, 100).split()) - 5) <= 1


def test_silence_belongs_to_no_word() -> None:
    text = "alpha bravo. charlie delta."
    audio = SpokenAudio(voiced((True, 50), (False, 100), (True, 50)))
    for frames in (55, 100, 145):
        assert heard_text(pieces(text), audio, frames) == "alpha bravo."


def test_a_pause_near_a_comma_is_the_comma_s() -> None:
    """The first part is said slowly: the share alone would be a word off."""
    text = "one two three, four five six seven eight nine"
    audio = SpokenAudio(voiced((True, 62), (False, 20), (True, 103)))
    assert heard_text(pieces(text), audio, 81) == "one two three,"


def test_an_utterance_that_is_still_being_made_is_judged_by_the_voice_s_pace() -> None:
    words = pieces(TEXT)
    audio = SpokenAudio(voiced((True, 120)), complete=False, pace=1.0)
    half = round(spoken_weight(words) / 2 * 50)
    assert abs(len(heard_text(words, audio, half).split()) - 5) <= 1
    slow = SpokenAudio(voiced((True, 120)), complete=False, pace=2.0)
    assert len(heard_text(words, slow, half).split()) < 4


@pytest.mark.parametrize(("short", "long"), [("a", "seven"), ("is", "yes,"), ("no", "conference")])
def test_longer_words_weigh_more(short: str, long: str) -> None:
    assert 0 < weight(short) < weight(long)


@given(
    text=st.text(st.sampled_from("abc ,.!12 好“("), max_size=80),
    runs=st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=8),
    complete=st.booleans(),
    frames=st.integers(0, 500),
    more=st.integers(0, 50),
)
def test_what_was_heard_is_a_beginning_and_only_grows(
    text: str, runs: list[tuple[bool, int]], *, complete: bool, frames: int, more: int
) -> None:
    audio = SpokenAudio(voiced(*runs), complete=complete)
    first = heard_text(pieces(text), audio, frames)
    assert text.lstrip().startswith(first)
    assert heard_text(pieces(text), audio, frames + more).startswith(first)

"""Behind a break the text goes on: no word twice, none lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, WordTime
from gateway.providers.resilience.continuing import Seam, Spoken
from tests.fakes.providers import WORD_SECONDS, sound

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=12, unique=True)
FORMAT = AudioFormat(Encoding.PCM_F32, 8000)


def joined(said: str, *deltas: str) -> str:
    seam = Seam(said)
    return said + "".join([seam.push(delta) for delta in deltas]) + seam.finish()


def test_a_continuation_is_joined_with_a_space() -> None:
    assert joined("We are open", "from", " nine.") == "We are open from nine."
    assert joined("We are open ", "from", " nine.") == "We are open from nine."
    assert joined("We are open", ", most days.") == "We are open, most days."


def test_a_word_that_was_cut_is_completed() -> None:
    assert joined("We have an appoint", "appointment", " on Monday.") == (
        "We have an appointment on Monday."
    )


def test_all_of_it_again_or_its_end_again_is_not_said_again() -> None:
    for again in ("We are open from nine to five.", "open from nine to five."):
        assert joined("We are open from ", again[:5], again[5:]) == "We are open from nine to five."


def test_without_anything_said_nothing_is_held_back() -> None:
    assert Seam("").push("W") == "W"


@given(WORDS, st.data())
def test_wherever_it_breaks_and_however_much_is_repeated_the_text_is_whole(
    words: list[str], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(words)))
    repeated = data.draw(st.integers(0, cut))
    said = "".join(f"{word} " for word in words[:cut])
    rest = " ".join(words[cut - repeated :])
    step = data.draw(st.integers(1, 5))
    deltas = [rest[at : at + step] for at in range(0, len(rest), step)]
    assert joined(said, *deltas).split() == words


def test_the_rest_of_a_text_begins_with_the_word_that_was_not_said() -> None:
    text = "One two three four five six"
    for count in range(1, 6):
        spoken = Spoken(text)
        seconds = count * WORD_SECONDS
        times = tuple(
            WordTime(word, index * WORD_SECONDS) for index, word in enumerate(text.split()[:count])
        )
        spoken.hear(SpeechChunk(sound(count, 8000), FORMAT, times))
        assert spoken.seconds == pytest.approx(seconds)
        assert spoken.remaining() == " ".join(text.split()[count:])


def test_a_word_that_was_cut_is_said_again() -> None:
    spoken = Spoken("One two three")
    half = sound(1, 8000) + sound(1, 8000)[: int(0.05 * 8000) * 4]
    times = (WordTime("One", 0.0), WordTime("two", WORD_SECONDS))
    spoken.hear(SpeechChunk(half, FORMAT, times))
    assert spoken.remaining() == "two three"


def test_without_times_the_words_are_estimated_from_the_sound() -> None:
    text = "Our office is open Monday to Friday from nine in the morning to five."
    spoken = Spoken(text)
    samples = 0.2 * np.sin(np.arange(16_000) * 0.2).astype(np.float32)
    spoken.hear(SpeechChunk(samples.tobytes(), FORMAT))
    remaining = spoken.remaining()
    assert text.endswith(remaining)
    assert 5 <= len(remaining.split()) <= 11


def test_silence_has_said_nothing() -> None:
    spoken = Spoken("One two")
    spoken.hear(SpeechChunk(np.zeros(800, np.float32).tobytes(), FORMAT))
    assert spoken.remaining() == "One two"

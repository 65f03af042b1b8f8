"""The embedded voice: sound without silence around it, sentence by sentence, English only."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers import hibari
from gateway.providers.base import Samples, Voice
from gateway.providers.hibari import (
    FORMAT,
    LONGEST_PHONEMES,
    PAUSE_AFTER_CLAUSE,
    PAUSE_AFTER_SENTENCE,
    RATE,
    Hibari,
    split_long,
    trimmed,
)
from gateway.providers.moonshine_decoder import MoonshineModel, greedy
from gateway.providers.weights import Weights
from tests.gateway.providers.conftest import Say

ENGLISH = Voice("en-US")


@pytest.fixture(scope="module")
def voice() -> Hibari:
    return Hibari(workers=1)


async def spoken(voice: Hibari, text: str, how: Voice = ENGLISH) -> list[Samples]:
    chunks = [chunk async for chunk in voice.synthesize(text, how)]
    assert all(chunk.format == FORMAT for chunk in chunks)
    return [np.frombuffer(chunk.audio, np.float32) for chunk in chunks]


async def test_every_sentence_is_a_chunk(voice: Hibari) -> None:
    chunks = await spoken(voice, "We are open until six. What else would you like to know?")
    assert len(chunks) == 2
    assert all(1.0 < len(chunk) / RATE < 3.0 for chunk in chunks)


async def test_speech_begins_at_once_and_ends_with_a_short_pause(voice: Hibari) -> None:
    (chunk,) = await spoken(voice, "Of course.")
    loud = np.flatnonzero(np.abs(chunk) > 0.01)
    assert loud[0] / RATE < 0.1
    assert (len(chunk) - loud[-1]) / RATE == pytest.approx(PAUSE_AFTER_SENTENCE, abs=0.1)


async def test_the_same_text_is_the_same_sound(voice: Hibari) -> None:
    first, second = await spoken(voice, "Hello."), await spoken(voice, "Hello.")
    assert np.array_equal(first[0], second[0])


async def test_a_faster_voice_is_shorter(voice: Hibari) -> None:
    text = "Parking is free behind the building."
    (normal,), (fast,) = (
        await spoken(voice, text),
        await spoken(voice, text, Voice("en-US", speed=1.5)),
    )
    assert len(fast) < 0.8 * len(normal)


def test_what_it_says_is_what_is_heard(moonshine_model: MoonshineModel, say: Say) -> None:
    heard = greedy(
        moonshine_model,
        say("I'm connecting you to our reception desk now."),
        speech_is_certain=True,
    )
    assert heard.text.rstrip(".") == "I'm connecting you to our reception desk now"


@pytest.mark.parametrize("text", ["你好", "...", "", "  \n "])
async def test_a_text_without_sound_is_a_failure_and_not_silence(voice: Hibari, text: str) -> None:
    with pytest.raises(ProviderUnavailable):
        await spoken(voice, text)


@pytest.mark.parametrize("how", [Voice("de-DE"), Voice("en-US", name="emma")])
async def test_what_it_cannot_speak_is_refused(voice: Hibari, how: Voice) -> None:
    with pytest.raises(ProviderRefused):
        await spoken(voice, "Hello.", how)


async def test_another_model_than_the_pinned_one_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = hibari.MODEL
    other = Weights(model.package, model.distribution, model.path, "0" * 64)
    monkeypatch.setattr(hibari, "MODEL", other)
    with pytest.raises(ProviderRefused, match="sha256"):
        await Hibari(workers=1).warm()


@given(st.text("abc ", max_size=60), st.integers(1, 20))
def test_long_phonemes_are_cut_at_words_and_nothing_is_lost(text: str, longest: int) -> None:
    pieces = list(split_long(text, longest))
    assert all(len(piece) <= longest for piece in pieces)
    assert "".join(itertools.chain(*pieces)).replace(" ", "") == text.replace(" ", "")


async def test_a_text_without_punctuation_is_not_one_endless_chunk(voice: Hibari) -> None:
    chunks = await spoken(voice, "and then we went on " * 40)
    assert len(chunks) > 1
    assert max(len(chunk) for chunk in chunks) / RATE < LONGEST_PHONEMES * 0.12


def test_silence_is_trimmed_to_nothing() -> None:
    assert len(trimmed(np.zeros(RATE, np.float32), PAUSE_AFTER_CLAUSE)) == 0

"""The embedded recogniser on real speech over a telephone line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.base import Digits, Phrases, Samples, YesOrNo
from gateway.providers.moonshine import Moonshine
from gateway.providers.moonshine_decoder import (
    LOOPS,
    NOTHING,
    RATE,
    Hypothesis,
    MoonshineModel,
    greedy,
    is_invented,
    loop_length,
    read_vocabulary,
    token_limit,
)
from gateway.providers.moonshine_grammar import decode, fits
from tests.gateway.providers.conftest import Say


def noise(seconds: float, level: float) -> Samples:
    return np.random.default_rng(7).normal(0, level, int(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("What time do you close on Saturday?", "What time do you close on Saturday?"),
        ("Can you transfer me to the billing department, please?", "billing department"),
        ("My order number is four seven one nine.", "4719"),
        ("Yes.", "Yes"),
        ("No.", "No"),
    ],
)
def test_telephone_speech_is_understood(
    moonshine_model: MoonshineModel, say: Say, spoken: str, written: str
) -> None:
    heard = greedy(moonshine_model, say(spoken), speech_is_certain=True)
    assert written in heard.text
    assert heard.confidence > 0.5


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize("level", [0.0, 0.001, 0.05])
def test_noise_is_nothing_even_if_a_detector_was_certain(
    moonshine_model: MoonshineModel, level: float, *, certain: bool
) -> None:
    heard = greedy(moonshine_model, noise(1.5, level), speech_is_certain=certain)
    assert heard.text == ""


def test_less_than_a_tenth_of_a_second_is_nothing(moonshine_model: MoonshineModel) -> None:
    assert greedy(moonshine_model, noise(0.09, 0.1), speech_is_certain=True) == NOTHING


def test_what_is_not_wanted_any_more_is_not_decoded_to_its_end(
    moonshine_model: MoonshineModel, say: Say
) -> None:
    samples = say("What time do you close on Saturday?")
    heard = decode(moonshine_model, samples, None, speech_is_certain=True, wanted=lambda: False)
    assert heard.text == ""


@pytest.mark.parametrize("answer", ["Yes", "No", "Correct", "Nope", "Yes, please"])
def test_answers_that_fit_are_left_as_they_were_heard(
    moonshine_model: MoonshineModel, say: Say, answer: str
) -> None:
    free = decode(moonshine_model, say(f"{answer}."), None, speech_is_certain=True)
    expected = decode(moonshine_model, say(f"{answer}."), YesOrNo(), speech_is_certain=True)
    assert fits(YesOrNo(), expected.text)
    assert expected == free


@pytest.mark.parametrize(
    "said", ["What are your opening hours?", "I would like to speak to a person.", "Never mind."]
)
@pytest.mark.parametrize("expected", [YesOrNo(), Digits()])
def test_another_wish_is_heard_whatever_was_expected(
    moonshine_model: MoonshineModel, say: Say, said: str, expected: Phrases | Digits
) -> None:
    heard = decode(moonshine_model, say(said), expected, speech_is_certain=True)
    assert heard == decode(moonshine_model, say(said), None, speech_is_certain=True)


def test_a_word_in_noise_is_heard_as_the_answer_that_is_expected(
    moonshine_model: MoonshineModel, say: Say
) -> None:
    """Nobody says "nope nope nope": free decoding does, in noise."""
    samples = say("Nope.") + noise(len(say("Nope.")) / RATE + 1, 0.02)[: len(say("Nope."))]
    heard = decode(moonshine_model, samples, YesOrNo(), speech_is_certain=True)
    assert fits(YesOrNo(), heard.text)


def test_the_likeliest_phrase_can_be_found_among_others(
    moonshine_model: MoonshineModel, say: Say
) -> None:
    """ "sail" is no option, and so close to one that the option was meant."""
    options = Phrases(("sales", "support", "billing"))
    heard = decode(moonshine_model, say("Sale's."), options, speech_is_certain=True)
    assert heard.text == "Sales."


def test_vocabulary_entries_become_bytes(tmp_path: Path) -> None:
    long = b"x" * 200
    entries = [b"", b"<s>", "\u2581the".encode(), b"<0x41>"]
    content = b"".join(bytes([len(entry)]) + entry for entry in entries)
    file = tmp_path / "tokenizer.bin"
    file.write_bytes(content + bytes([200 % 128 + 128, 200 // 128]) + long)
    assert read_vocabulary(file) == [b"", b"", b" the", b"A", long]


@pytest.mark.parametrize(
    ("tokens", "length"),
    [
        ([7] * 5, 0),
        ([1, 2] + [7] * 6, 1),
        ([3, 4] * 6, 2),
        ([1, 2, 3, 4, 5] * 3, 5),
        ([1, 2, 3, 4, 5] * 2, 0),
    ],
)
def test_a_decoder_that_goes_round_is_noticed(tokens: list[int], length: int) -> None:
    assert loop_length(tokens) == length


@given(st.lists(st.integers(0, 3), max_size=120))
def test_a_loop_is_really_one(tokens: list[int]) -> None:
    length = loop_length(tokens)
    if length:
        turn = tokens[-length:]
        assert tokens[-length * LOOPS[length] :] == turn * LOOPS[length]


def test_words_the_model_invents_are_dropped_unless_it_is_sure() -> None:
    assert is_invented(Hypothesis("You", np.log(0.4) * 2, 2))
    assert not is_invented(Hypothesis("You", np.log(0.9) * 2, 2))
    assert not is_invented(Hypothesis("You are late", np.log(0.4) * 4, 4))


def test_nobody_says_more_than_the_token_limit() -> None:
    assert token_limit(np.zeros(10 * RATE, np.float32)) == 71


async def test_a_call_opens_reads_and_ends(cache: Path, say: Say) -> None:
    ear = Moonshine(cache=cache, workers=1)
    await ear.warm()
    async with ear.open(language="en-GB", keyterms=("Riverside",)) as transcriber:
        transcriber.begin()
        samples = say("Where can I park?")
        for start in range(0, len(samples), 320):
            transcriber.feed(samples[start : start + 320])
        transcriber.pause()
        transcript = await anext(aiter(transcriber.transcripts()))
    assert transcript.text == "Where can I park?"
    assert transcript.audio_end == pytest.approx(len(samples) / RATE)
    assert transcript.confidence is not None
    assert transcript.confidence > 0.8

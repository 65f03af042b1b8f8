"""Likeness of meaning, and the tokens it is made of."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.minilm import DIMENSIONS, MiniLM
from gateway.providers.minilm_wordpiece import LONGEST_TEXT, encode, pieces, words

VOCABULARY = {
    token: number
    for number, token in enumerate(
        (Path(__file__).parents[3] / "gateway/providers/minilm_vocab.txt")
        .read_text("utf-8")
        .splitlines()
    )
}
GOLDEN = json.loads((Path(__file__).parent / "wordpiece_golden.json").read_text("utf-8"))
"""Texts and their tokens by Hugging Face's `tokenizers` with this model's own tokenizer.json."""


@pytest.mark.parametrize(("text", "tokens"), GOLDEN)
def test_tokens_are_those_of_the_reference(text: str, tokens: list[int]) -> None:
    assert encode(text, VOCABULARY) == tokens


@given(st.text())
def test_any_text_is_framed_and_bounded(text: str) -> None:
    tokens = encode(text, VOCABULARY)
    assert tokens[0] == VOCABULARY["[CLS]"]
    assert tokens[-1] == VOCABULARY["[SEP]"]
    assert len(tokens) <= LONGEST_TEXT


def test_words_lose_case_and_accents_and_marks_stand_alone() -> None:
    assert list(words("Café, déjà-vu!")) == ["cafe", ",", "deja", "-", "vu", "!"]


def test_what_is_in_no_vocabulary_is_unknown() -> None:
    assert pieces("☃", VOCABULARY) == ["[UNK]"]
    assert pieces("x" * 101, VOCABULARY) == ["[UNK]"]


def test_like_meanings_are_close(minilm: MiniLM) -> None:
    close, same, far = minilm.embed(
        ["What time do you close?", "When do you shut?", "My dog ate the carpet."]
    )
    assert close @ same > 0.6
    assert close @ far < 0.2


def test_vectors_are_units_and_none_of_no_texts(minilm: MiniLM) -> None:
    vectors = minilm.embed(["Hello.", ""])
    assert vectors.shape == (2, DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert minilm.embed([]).shape == (0, DIMENSIONS)

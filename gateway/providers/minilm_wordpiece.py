"""BERT's uncased WordPiece (arXiv 1810.04805), as `bert-base-uncased` does it. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
CONTINUES = "##"
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
LONGEST_WORD = 100
LONGEST_TEXT = 128
"""Tokens, START and END included; what goes beyond is not read."""

CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
"""Ideographs, each a word of its own."""


def encode(text: str, vocabulary: Mapping[str, int]) -> list[int]:
    """The numbers of the text's tokens, between START and END."""
    tokens = [piece for word in words(text) for piece in pieces(word, vocabulary)]
    framed = [START, *tokens[: LONGEST_TEXT - 2], END]
    return [vocabulary[token] for token in framed]


def words(text: str) -> Iterator[str]:
    """Lower-case words without accents; punctuation marks and ideographs stand alone."""
    word = ""
    for character in _normalised(text):
        if character.isspace() or _stands_alone(character):
            if word:
                yield word
            word = ""
            if not character.isspace():
                yield character
        else:
            word += character
    if word:
        yield word


def pieces(word: str, vocabulary: Mapping[str, int]) -> list[str]:
    """The longest known beginning, then the longest known continuation, and so on."""
    if len(word) > LONGEST_WORD:
        return [UNKNOWN]
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = CONTINUES if start else ""
        ends = range(len(word), start, -1)
        end = next((e for e in ends if prefix + word[start:e] in vocabulary), None)
        if end is None:
            return [UNKNOWN]
        found.append(prefix + word[start:end])
        start = end
    return found


def _normalised(text: str) -> Iterator[str]:
    spaced = "".join(_cleaned(character) for character in text)
    for character in unicodedata.normalize("NFD", spaced):
        if unicodedata.category(character) != "Mn":
            yield from character.lower()


def _cleaned(character: str) -> str:
    """White space is a space, control characters and what could not be decoded are nothing."""
    if character in "\t\n\r":
        return " "
    if character in "\0\ufffd" or unicodedata.category(character) in INVISIBLE:
        return ""
    return " " if unicodedata.category(character) == "Zs" else character


def _stands_alone(character: str) -> bool:
    code = ord(character)
    ascii_symbol = 33 <= code <= 126 and not character.isalnum()
    is_cjk = any(low <= code <= high for low, high in CJK)
    return ascii_symbol or is_cjk or unicodedata.category(character).startswith("P")

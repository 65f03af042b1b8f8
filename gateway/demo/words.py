"""How much of a sentence was recognised: content words, spelling and numbers taken lightly. Pure.

A recogniser hears "8 AM" where the text says "eight a.m.", and "clinics" for "clinic"; both are
the same answer. What must be there are the words that carry it, not "the" and "of".
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

ALIKE = 0.75
"""Words this similar (difflib's ratio) count as the same."""

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EMPTY = frozenset({
    "a", "an", "and", "are", "at", "be", "but", "by", "can", "clock", "do", "for", "from", "have",
    "i", "if", "in", "is", "it", "its", "me", "my", "o", "oclock", "of", "on", "or", "our", "s",
    "so", "that", "the", "their", "there", "they", "this", "to", "us", "was", "we", "will", "with",
    "would", "you", "your",
})  # fmt: skip
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_HALF_OF_DAY = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)


def content_words(text: str) -> tuple[str, ...]:
    """The words of `text` that carry meaning, lower case, numbers spelled out."""
    return tuple(word for word in _words(text) if word not in _EMPTY)


def share_heard(expected: str, heard: str) -> float:
    """Share (0…1) of the content words of `expected` that are among those of `heard`."""
    wanted = content_words(expected)
    left = list(content_words(heard))
    found = 0
    for word in wanted:
        if (match := _most_alike(word, left)) is not None:
            left.remove(match)
            found += 1
    return found / len(wanted) if wanted else 0.0


def _most_alike(word: str, candidates: list[str]) -> str | None:
    scored = ((SequenceMatcher(None, word, other).ratio(), other) for other in candidates)
    score, best = max(scored, default=(0.0, ""))
    return best if score >= ALIKE else None


def _words(text: str) -> Iterator[str]:
    plain = _HALF_OF_DAY.sub(r" \1m ", text.lower().replace("’", "").replace("'", ""))
    for token in _TOKEN.findall(plain):
        if token.isdigit():
            yield from _number(token)
        else:
            yield token


def _number(digits: str) -> Iterator[str]:
    """Up to 99 as a number, a round hour ("00") not at all, anything longer digit by digit."""
    value = int(digits)
    if digits == "00":
        return
    if len(digits) > 2 or digits.startswith("0"):
        yield from (_ONES[int(digit)] for digit in digits)
    elif value < 20:
        yield _ONES[value]
    else:
        yield _TENS[value // 10 - 2]
        if value % 10:
            yield _ONES[value % 10]

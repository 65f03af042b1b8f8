"""Digits and letters that are said one by one, at the end of what was said so far. Pure.

Words are in lower case and without punctuation.
"""

from gateway.conversation.lexicon import COUNTS, DIGIT_WORDS, ONE_DIGIT

LONGEST_SPOKEN_NUMBER = 16
TIMES_OF_DAY = (("a", "m"), ("p", "m"))


def trailing_signs(words: tuple[str, ...]) -> int:
    """How many digits, in figures or words, and single letters the text ends with."""
    if words[-2:] in TIMES_OF_DAY:
        return 0
    count = 0
    for word in reversed(words):
        if not (signs := _signs(word)):
            break
        count += signs
    return min(count, LONGEST_SPOKEN_NUMBER)


def spelled(words: tuple[str, ...]) -> bool:
    """Whether the last two are said one by one: whoever does so says a number, or spells."""
    signs = [sign for word in words[-2:] for sign in word.split("-")][-2:]
    return len(signs) == 2 and all(sign in ONE_DIGIT or len(sign) == 1 for sign in signs)


def counts(words: tuple[str, ...]) -> bool:
    """Whether the text ends with a number of what is not named: "You have five"."""
    return len(words) >= 3 and words[-2] in COUNTS and _signs(words[-1]) > 0


def _signs(word: str) -> int:
    figures = sum(character.isdigit() for character in word)
    if figures and figures >= len(word.replace("-", "")) - 2:
        return figures
    parts = word.split("-")
    return len(parts) if all(part in DIGIT_WORDS or len(part) == 1 for part in parts) else 0

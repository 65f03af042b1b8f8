"""Digits and letters that are said one by one, at the end of what was said so far. Pure.

Words are in lower case and without punctuation.
"""

from gateway.conversation.grammar import Numbers
from gateway.conversation.words import is_letter

LONGEST_SPOKEN_NUMBER = 16


def trailing_signs(words: tuple[str, ...], numbers: Numbers) -> int:
    """How many digits, in figures or words, and single letters the text ends with."""
    if any(words[-len(last) :] == last for last in numbers.no_number):
        return 0
    count, place = 0, len(words)
    while place:
        if signs := _signs(words[place - 1], numbers):
            count, place = count + signs, place - 1
        elif _names_a_letter(words[:place], numbers):
            count, place = count + 1, place - 3
        elif count and words[place - 1] in numbers.joints:
            place -= 1
        else:
            break
    return min(count, LONGEST_SPOKEN_NUMBER)


def spelled(words: tuple[str, ...], numbers: Numbers) -> bool:
    """Whether the last two are said one by one: whoever does so says a number, or spells."""
    if _names_a_letter(words, numbers):
        return True
    signs = [sign for word in words[-2:] for sign in word.split("-")][-2:]
    return len(signs) == 2 and all(_is_one(sign, numbers) for sign in signs)


def counts(words: tuple[str, ...], numbers: Numbers) -> bool:
    """Whether the text ends with a number of what is not named: "You have five"."""
    return len(words) >= 3 and words[-2] in numbers.counts and _signs(words[-1], numbers) > 0


def _names_a_letter(words: tuple[str, ...], numbers: Numbers) -> bool:
    """ "M wie Martha" at the end."""
    if len(words) < 3 or words[-2] not in numbers.spelled_as:
        return False
    return is_letter(words[-3]) and words[-3] not in numbers.letter_words


def _is_one(sign: str, numbers: Numbers) -> bool:
    if sign in numbers.one_digit or sign in numbers.letter_names:
        return True
    return is_letter(sign) and sign not in numbers.letter_words


def _signs(word: str, numbers: Numbers) -> int:
    figures = sum(character.isdigit() for character in word)
    if figures and figures >= len(word.replace("-", "")) - 2:
        return figures
    if (digits := numbers.digits.get(word)) is not None:
        return digits
    parts = word.split("-")
    single = all(part in numbers.digits or _is_one(part, numbers) for part in parts)
    return len(parts) if single else 0

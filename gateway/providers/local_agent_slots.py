"""Values in what a caller says: names, digits, days, times. English, pure.

Nothing is computed from a calendar: the value is what the caller said, tidied, so that it can be
said back to them.
"""

import re
from collections.abc import Iterator

from gateway.profile import Slot, SlotKind
from gateway.providers.local_agent_words import is_question, plain, yes_or_no

# --- numbers ----------------------------------------------------------------------------------

_UNITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_MISHEARD = {"to": "2", "too": "2", "for": "4", "ate": "8", "won": "1", "tree": "3"}
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
_REPEATED = {"double": 2, "triple": 3}


def digits(text: str) -> str:
    """All digits in `text`, spoken or written: "four seven 19" is 4719, "double five" 55."""
    tokens = re.findall(r"[a-z]+|\d", text.lower())
    found: list[str] = []
    times = 1
    for index, token in enumerate(tokens):
        neighbours = tokens[max(index - 1, 0) : index] + tokens[index + 1 : index + 2]
        value = _digit(token, neighbours)
        if token in _REPEATED:
            times = _REPEATED[token]
        elif value is not None:
            found.append(_joined(found, tokens[index - 1] if index else "", value) * times)
            times = 1
    return "".join(found)


def _digit(token: str, neighbours: list[str]) -> str | None:
    if token.isdigit():
        return token
    if token in _MISHEARD:
        heard_among_digits = all(_is_number(word) for word in neighbours) and neighbours
        return _MISHEARD[token] if heard_among_digits else None
    if token in _TENS:
        return _TENS[token] + "0"
    return _UNITS.get(token) or _TEENS.get(token)


def _is_number(word: str) -> bool:
    return word.isdigit() or word in _UNITS or word in _TEENS or word in _TENS


def _joined(found: list[str], before: str, value: str) -> str:
    """ "forty seven" is 47, not 407: the unit takes the place of the zero."""
    if before in _TENS and found and len(value) == 1 and value != "0":
        found[-1] = found[-1][:-1]
    return value


# --- days and times ---------------------------------------------------------------------------

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|"
    r"seventh|eighth|ninth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|"
    r"eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|"
    r"nineteenth|twentieth|thirtieth)"
)
_SMALL = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})"
_DAY = re.compile(
    rf"\b(?:the day after tomorrow|day after tomorrow|tomorrow|today|tonight"
    rf"|(?:(?:next week|next|this|coming|a week on)\s+)?{_WEEKDAY}s?"
    rf"(?:\s+(?:next week|after next|week))?"
    rf"|{_MONTH}\s+(?:the\s+)?(?:{_ORDINAL}|\d{{1,2}})"
    rf"|(?:the\s+)?(?:{_ORDINAL})\s+(?:of\s+)?{_MONTH}|the\s+{_ORDINAL}|\d{{1,2}}/\d{{1,2}}"
    rf"|(?:early |late )?next (?:week|month)|this week|in (?:a|{_SMALL}) (?:days?|weeks?|months?)"
    rf"|as soon as possible|any day|whenever)\b",
    re.IGNORECASE,
)
_CANNOT = re.compile(r"\b(?:can't|cannot|can not|won't|not able|instead of)\b", re.IGNORECASE)
_PART = r"(?:morning|afternoon|evening|noon|lunchtime)"
_HALF = r"\s*(?:a\.?\s?m\.?|p\.?\s?m\.?)(?![a-z])"
_IN_PART = r"\s+(?:in the (?:morning|afternoon|evening)|at night)"
_MINUTES = r"(?:fifteen|thirty|forty[ -]five|o'clock|oh five|ten|twenty)"
_CLOCK = (
    rf"(?:\d{{1,2}}[:.]\d{{2}}|(?:half past|quarter past|quarter to)\s+{_SMALL}"
    rf"|{_SMALL}(?:\s+{_MINUTES})?)"
)
_TIME = re.compile(
    rf"\b(?:(?:after|before|around|about|at|by|from)\s+)?{_CLOCK}(?:{_HALF}|{_IN_PART})"
    rf"|\b(?:after|before|around|about|at|by|from)\s+{_CLOCK}(?!\w|\s*(?:days?|weeks?|months?)\b)"
    rf"|\b\d{{1,2}}:\d{{2}}\b|\b(?:half past|quarter past|quarter to)\s+{_SMALL}\b"
    rf"|\b{_SMALL}\s+(?:o'clock|thirty|fifteen|forty[ -]five)\b"
    rf"|\b(?:(?:early|late|first thing)\s+)?(?:in the\s+)?{_PART}s?\b"
    rf"|\b(?:any ?time|whenever|as early as possible|midday|early|late)\b",
    re.IGNORECASE,
)
_BARE_TIME = re.compile(rf"\b{_CLOCK}\b", re.IGNORECASE)

# --- names ------------------------------------------------------------------------------------

_NAME_LEAD = re.compile(
    r"^.*?\b(?:(?:my|the|his|her|our)(?: \w+)? name(?: is|'s)|name(?: is|'s)|name's|call me|under"
    r"(?: the name(?: of)?)?)\s+",
    re.IGNORECASE,
)
_NAME_SOFT_LEAD = re.compile(
    r"^(?:(?:um+|uh+|er|well|yes|yeah|sure|okay|ok|oh|hi|hello|of course|certainly|no|sorry|"
    r"actually|it's|it is|this is|that's|that is|that would be|that'd be|i'm|i am|i said|i meant?|"
    r"for|it should be|make it|not)\b[,.!]?\s*)+",
    re.IGNORECASE,
)
_NAME_TAIL = re.compile(
    r"[,.;]?\s*\b(?:please|thanks|thank you|speaking|here|and\b.*|i\b.*|on\b.*|for\b.*|with\b.*|"
    r"that's\b.*|spelled\b.*|spelt\b.*)$",
    re.IGNORECASE,
)
_SPELLING = re.compile(r"[,.]?\s*\b[A-Za-z](?:[-\s.]+[A-Za-z]\b){2,}.*$")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_NOT_NAMES = frozenset(
    re.findall(
        r"\S+",
        "what when where which who why how the a an do does can could is are you your it that this"
        " my have has want need would don't know not no yes sure okay speak talk person human"
        " nothing something anything appointment question please",
    )
)
LONGEST_NAME = 4


def extract(slot: Slot, text: str, *, asked: bool) -> str | None:
    """The slot's value in `text`. If it was not asked for, only what is unmistakable counts."""
    match slot.kind:
        case SlotKind.NAME:
            return _name(text, asked=asked)
        case SlotKind.NUMBER:
            return _number(text, slot.digits, asked=asked)
        case SlotKind.DAY:
            return None if _CANNOT.search(text) and not asked else _first(_DAY, text)
        case SlotKind.TIME:
            return _time(text, asked=asked)
        case SlotKind.YES_NO:
            answer = yes_or_no(text) if asked else None
            return None if answer is None else ("yes" if answer else "no")
        case SlotKind.TEXT:
            return text.strip() if asked and plain(text) else None


def spoken(slot: Slot, value: str) -> str:
    """The value as it is said back: digits one by one."""
    return " ".join(value) if slot.kind is SlotKind.NUMBER else value


def _number(text: str, wanted: int | None, *, asked: bool) -> str | None:
    found = digits(text)
    if wanted is not None:
        return found if len(found) == wanted else None
    return found if found and (asked or len(found) >= 4) else None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """The last match counts in a correction ("not Monday, Tuesday"), else the first one."""
    found = [match.group().strip() for match in pattern.finditer(text)]
    if not found:
        return None
    corrected = re.search(r"\b(?:not|no|instead of|rather)\b", text.lower())
    return _tidy(found[-1] if corrected else found[0])


def _time(text: str, *, asked: bool) -> str | None:
    without_day = _DAY.sub(" ", text)
    found = _first(_TIME, without_day)
    if found is None and asked:
        found = _first(_BARE_TIME, without_day)
    return found


def _tidy(value: str) -> str:
    """Weekdays and months with a capital, the rest as it was said."""
    small = " ".join(value.split())
    small = small[0].lower() + small[1:] if small else small
    named = re.compile(rf"\b(?:{_WEEKDAY}|{_MONTH})", re.IGNORECASE)
    capital = named.sub(lambda match: match.group().capitalize(), small).rstrip(".")
    return capital + "." if capital.endswith((" a.m", " p.m")) else capital


def _name(text: str, *, asked: bool) -> str | None:
    led = _NAME_LEAD.search(text)
    if led is None and (not asked or is_question(text)):
        return None
    rest = text[led.end() :] if led else text
    rest = _SPELLING.sub("", _NAME_SOFT_LEAD.sub("", rest).strip(" .,!"))
    rest = max(re.split(r"(?<=\w\w)\.\s", _NAME_TAIL.sub("", rest)), key=len).strip(" .,!?")
    words = list(_name_words(rest))
    if not 1 <= len(words) <= LONGEST_NAME or any(word.lower() in _NOT_NAMES for word in words):
        return None
    return " ".join(word if word[0].isupper() else word.capitalize() for word in words)


def _name_words(text: str) -> Iterator[str]:
    for word in text.replace(",", " ").split():
        match = _NAME_WORD.fullmatch(word)
        yield match.group() if match else "?"

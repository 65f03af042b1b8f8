"""Text for the eye to text for the voice: phone numbers digit by digit, ids, money, times, titles.

Pure. `spoken` keeps, piece by piece, which written text became which spoken text, so that what
was heard can be told in the words that were written. English is here, five more languages are in
`tongues`; the others get the rules that hold in all (digits of phone numbers and ids one by one).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from gateway.conversation import tongues
from gateway.languages import base_language
from gateway.providers.alignment import Piece

_GROUP_PAUSE = ", "


@dataclass(frozen=True, slots=True)
class Rule:
    """What `pattern` matches is said as `say` has it, where `behind` (if any) comes before."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]
    behind: re.Pattern[str] | None = None

    def match(self, text: str, position: int) -> re.Match[str] | None:
        if self.behind is not None and not self.behind.search(text, 0, position):
            return None
        return self.pattern.match(text, position)


def normalise(text: str, language: str = "en") -> str:
    """`text` as a voice should read it; `language` is BCP 47."""
    return "".join(piece.spoken for piece in pieces(text, language))


@lru_cache(maxsize=1024)
def pieces(text: str, language: str = "en") -> tuple[Piece, ...]:
    """`text` cut into words and rewritten expressions, in order and without a gap."""
    return tuple(_pieces(text, _rules(language)))


@lru_cache(maxsize=64)
def _rules(language: str) -> tuple[Rule, ...]:
    if base_language(language) == "en":
        return (*(Rule(*rule) for rule in tongues.english_dates(language)), *_ENGLISH)
    return (*(Rule(*rule) for rule in tongues.rules_of(language)), *_EVERYWHERE)


def _pieces(text: str, rules: tuple[Rule, ...]) -> Iterator[Piece]:
    position = 0
    plain = not _REWRITTEN.search(text)
    while position < len(text):
        piece = (None if plain else _rewritten(text, position, rules)) or _word(text, position)
        yield piece
        position += len(piece.written)


def _rewritten(text: str, position: int, rules: tuple[Rule, ...]) -> Piece | None:
    """The first rule that holds at `position`, which must be the begin of a word."""
    if position and _GOES_ON.match(text[position - 1]):
        return None
    for rule in rules:
        if match := rule.match(text, position):
            return Piece(match.group(), rule.say(match))
    return None


def _word(text: str, position: int) -> Piece:
    match = _WORD.match(text, position)
    word = match.group() if match else text[position]
    return Piece(word, word)


# Opening brackets and quotes stand alone, so that a rule can begin behind them.
# Chinese and Japanese do not part words: there every character stands alone.
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uff00-\uffef\u3000-\u303f"
_WORD = re.compile(rf"\s+|[(\[{{\"“‘«]+(?=\S)|[{_ALONE}]|[^\s{_ALONE}]+")
_GOES_ON = re.compile(rf"[^\W_{_ALONE}]|[$€£¥]")

# What any rule needs to find in a text.
_REWRITTEN = re.compile(
    r"[\d$€£¥%&#@°]|www\.|\w\.\w|\b[A-Z]\w*\.|\b(?:etc|vs|ej|ex|Mme|Mlle|tel|tél|núm|usw|bzw|ca|approx|ext|Dr|Mr|Mrs|Ms|Prof|St|Ave|Blvd|Rd|Ln)\b"
)

_DIGITS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four",
    "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
}  # fmt: skip
_CURRENCIES = {
    "$": ("dollar", "cent", "cents"),
    "€": ("euro", "cent", "cents"),
    "£": ("pound", "penny", "pence"),
}
_TITLES = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Prof": "Professor",
    "St": "Saint",
}
_SHORTHAND = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "approx.": "approximately",
    "No.": "number",
    "ext.": "extension",
    "24/7": "twenty four seven",
}
_STREETS = {
    "St": "Street",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Dr": "Drive",
    "Ln": "Lane",
}
_NAME_OF_AN_ID = re.compile(
    r"\b(?:order|account|ticket|case|reference|ref|confirmation|booking|tracking|policy|invoice|id|"
    r"pin|code|member|customer|serial|card|extension|ext\.?)\s+"
    r"(?:number\s+|no\.?\s+|code\s+|id\s+)?(?:is\s+|#)?$",
    re.IGNORECASE,
)


def _digit_words(text: str) -> str:
    return " ".join(_DIGITS.get(c, c) for c in text if c.isalnum())


def _digit_figures(text: str) -> str:
    return " ".join(c for c in text if c.isalnum())


def _grouped(text: str, say: Callable[[str], str]) -> str:
    groups = re.findall(r"[0-9A-Za-z]+", text)
    return _GROUP_PAUSE.join(say(group) for group in groups)


def _phone(say: Callable[[str], str], plus: str) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        digits = match.group()
        return (plus + " " if digits.startswith("+") else "") + _grouped(digits, say)

    return read


def _identifier(say: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        return _grouped(match.group(), lambda group: _letters_and_digits(group, say))

    return read


def _letters_and_digits(group: str, say: Callable[[str], str]) -> str:
    return " ".join(
        say(run) if run.isdigit() else " ".join(run.upper())
        for run in re.findall(r"\d+|[A-Za-z]+", group)
    )


def _money(match: re.Match[str]) -> str:
    name, cent, cents = _CURRENCIES[match.group("sign")]
    whole = match.group("whole").replace(",", "")
    if scale := match.group("scale"):
        fraction = match.group("fraction")
        return f"{whole}{'.' + fraction if fraction else ''} {_SCALES[scale]} {name}s"
    fraction = (match.group("fraction") or "").ljust(2, "0")[:2] if match.group("fraction") else ""
    spoken = f"{whole} {name if whole == '1' else name + 's'}"
    if not fraction.strip("0"):
        return spoken
    small = f"{int(fraction)} {cent if int(fraction) == 1 else cents}"
    return small if whole == "0" else f"{spoken} and {small}"


_SCALES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion"} | {
    scale: scale for scale in ("thousand", "million", "billion")
}


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match.group("hour")), match.group("minute")
    half = (match.group("half") or "").replace(".", "").strip().upper()
    if not half and (hour, minute) == (0, "00"):
        return "midnight"
    if minute == "00":
        clock = f"{hour} o'clock" if not half and 0 < hour <= 12 else f"{hour}"
        clock = f"{hour} hundred" if not half and hour > 12 else clock
    else:
        clock = f"{hour} oh {int(minute)}" if minute.startswith("0") else f"{hour} {minute}"
    return f"{clock} {' '.join(half)}".strip() + _kept_dot(match)


def _opening_hours(match: re.Match[str]) -> str:
    times = _CLOCK.finditer(match.string, match.start(), match.end())
    return " to ".join(_time(each) for each in times)


def _hour(match: re.Match[str]) -> str:
    half = match.group("half").replace(".", "").upper()
    return f"{match.group('hour')} {' '.join(half)}" + _kept_dot(match)


def _kept_dot(match: re.Match[str]) -> str:
    """The dot of an abbreviation also ends the sentence, when it is the last thing there is."""
    return "." if match.group().endswith(".") and match.end() == len(match.string) else ""


def _range(match: re.Match[str]) -> str:
    return f"{match.group(1)} to {match.group(2)}"


def _year(match: re.Match[str]) -> str:
    return match.group(1) + " " + match.group(2).removeprefix("0").rjust(1, "0")


def _title(match: re.Match[str]) -> str:
    return _TITLES[match.group(1)]


def _street(match: re.Match[str]) -> str:
    return f"{match.group(1)} {_STREETS[match.group(2)]}" + _kept_dot(match)


def _degrees(match: re.Match[str]) -> str:
    scale = "Celsius" if match.group(2) == "C" else "Fahrenheit"
    return f"{match.group(1)} degrees {scale}"


def _link(match: re.Match[str]) -> str:
    """An address as one says it on the telephone."""
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", match.group()).rstrip("/")
    tail = ""
    while address and address[-1] in ".,;:!?":
        tail, address = address[-1] + tail, address[:-1]
    names = {".": " dot ", "/": " slash ", "@": " at ", "-": " dash ", "_": " underscore "}
    return re.sub(r"\s+", " ", "".join(names.get(c, c) for c in address)).strip() + tail


def _constant(spoken: str) -> Callable[[re.Match[str]], str]:
    return lambda _match: spoken


def _shorthand(match: re.Match[str]) -> str:
    return _SHORTHAND[match.group()]


def _any_of(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_PHONE = re.compile(
    r"\+\d[\d\s().-]{6,18}\d|\(\d{2,5}\)\s?\d[\d\s.-]{4,12}\d|"
    r"\b\d{3}[-.\s]\d{3}[-.\s]\d{4}\b|\b\d{3}-\d{4}\b|\b0\d{2,4}[\s/-]\d{3,8}(?:[\s-]\d{2,6})*\b|\b0\d{8,11}\b|\b1[-.]\d{3}[-.]\d{3}[-.]\d{4}\b"
)
_MIXED_ID = re.compile(
    r"#?\b(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)+\b|"
    r"#?\b(?:[A-Z]{1,4}\d{3,}|\d{3,}[A-Z]{1,3})[A-Z0-9]*\b|#\d{3,}\b"
)
_LONG_NUMBER = re.compile(r"\b\d{7,}\b")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"\b[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*\.(?:com|org|net|io|ai|edu|gov|co\.uk|de|fr|es)\b(?:/[^\s<>\"]*)?"
)
_HALF = r"(?P<half>[aApP]\.?[mM]\b\.?)"
_CLOCK = re.compile(rf"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s?{_HALF}|\b)")
_ANY_CLOCK = re.sub(r"\?P<\w+>", "?:", _CLOCK.pattern)

_EVERYWHERE: tuple[Rule, ...] = (
    Rule(_PHONE, _phone(_digit_figures, "+")),
    Rule(_MIXED_ID, _identifier(_digit_figures)),
    Rule(_LONG_NUMBER, lambda match: _digit_figures(match.group())),
)
_ENGLISH: tuple[Rule, ...] = (
    Rule(_ADDRESS, _link),
    Rule(re.compile(_any_of(_SHORTHAND)), _shorthand),
    Rule(
        re.compile(
            r"(?P<sign>[$€£])\s?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fraction>\d+))?"
            r"(?:\s?(?P<scale>thousand|million|billion|bn|[kKmM])\b)?"
        ),
        _money,
    ),
    Rule(_PHONE, _phone(_digit_words, "plus")),
    Rule(re.compile(r"\d{3,}(?:[- ]\d+)*\b"), _identifier(_digit_words), _NAME_OF_AN_ID),
    Rule(_MIXED_ID, _identifier(_digit_words)),
    Rule(re.compile(rf"{_ANY_CLOCK}\s?[-–]\s?{_ANY_CLOCK}"), _opening_hours),
    Rule(_CLOCK, _time),
    Rule(re.compile(rf"\b(?P<hour>1[0-2]|0?[1-9])\s?{_HALF}"), _hour),
    Rule(re.compile(r"\b(\d{1,4})\s?[-–]\s?(\d{1,4})\b(?![-–\d])"), _range),
    Rule(re.compile(r"\b(19|20)(\d[1-9])\b(?=\s*(?:[,.!?;)]|$|\s[a-z]))(?!,\d|\.\d)"), _year),
    Rule(_LONG_NUMBER, lambda match: _digit_words(match.group())),
    Rule(re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|St)\b\.?(?=\s[A-Z])"), _title),
    Rule(
        re.compile(rf"\b([A-Z]\w+|\d+(?:st|nd|rd|th)) ({'|'.join(_STREETS)})\b\.?(?![\w.])"),
        _street,
    ),
    Rule(re.compile(r"(\d+(?:[.,]\d+)*)\s?%"), lambda match: f"{match.group(1)} percent"),
    Rule(re.compile(r"(\d+(?:[.,]\d+)*)\s?°\s?([CF])\b"), _degrees),
    Rule(re.compile(r"&"), _constant("and")),
    Rule(re.compile(r"#(?=\d)"), _constant("number ")),
)

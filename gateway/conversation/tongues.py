"""How numbers, money, times and dates are said in languages besides English. Pure.

Whole numbers stay figures: a voice reads them in its language. What it would read wrongly becomes
words here: amounts with cents, times, dates, phone numbers, addresses, shorthand.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Say: TypeAlias = Callable[[re.Match[str]], str]
Rules: TypeAlias = tuple[tuple[re.Pattern[str], Say], ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. Money is `name` of one and of many, then of the hundredth part."""

    currencies: Mapping[str, tuple[str, str, str, str]]
    amount: Callable[[str, str], str]
    """Whole and hundredth part, each with its name, together."""
    clock: Callable[[int, int], str]
    date: Callable[[int, int, int | None], str]
    percent: Callable[[str], str]
    link: Mapping[str, str]
    shorthand: Mapping[str, str]
    and_: str
    plus: str
    day_first: bool = True
    o_clock: str = ""
    """What may follow a time and is said with it already."""
    digit: Mapping[str, str] = field(default_factory=dict)
    """Digits of phone numbers; figures where empty."""
    digit_joint: str = " "
    group_joint: str = ", "
    pairs: bool = False
    """Whether phone numbers are read in twos."""


def _spanish_clock(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{hour} en punto"
    if hour > 12:
        return f"{hour} {minute}" if minute > 9 else f"{hour} cero {minute}"
    return f"{hour} y {({15: 'cuarto', 30: 'media'}).get(minute, minute)}"


def _french_clock(hour: int, minute: int) -> str:
    hours = f"{hour} heure{'s' if hour > 1 else ''}"
    return f"{hours} {minute}" if minute else hours


def _german_clock(hour: int, minute: int) -> str:
    return f"{hour} Uhr {minute}" if minute else f"{hour} Uhr"


def _portuguese_clock(hour: int, minute: int) -> str:
    hours = f"{hour} hora{'s' if hour > 1 else ''}"
    return f"{hours} e {minute}" if minute else hours


def _chinese_clock(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{hour}点"
    if minute == 30:
        return f"{hour}点半"
    return f"{hour}点{'零' if minute < 10 else ''}{minute}分"


def _named(months: str, pattern: str, dated: str) -> Callable[[int, int, int | None], str]:
    """Dates as `pattern` without and `dated` with a year."""
    names = months.split()

    def say(day: int, month: int, year: int | None) -> str:
        form = pattern if year is None else dated
        return form.format(day=day, month=names[month - 1], year=year)

    return say


def _french_date(day: int, month: int, year: int | None) -> str:
    said = _FRENCH_DATE(day, month, year)
    return f"1er{said.removeprefix('1')}" if day == 1 else said


_FRENCH_DATE = _named(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "{day} {month}",
    "{day} {month} {year}",
)


def _chinese_amount(whole: str, part: str) -> str:
    """Tenths of a yuan have a name of their own."""
    if not whole.endswith("元") or whole.endswith(("欧元", "美元")):
        return whole + part
    tenths, rest = divmod(int(part.removesuffix("分")), 10)
    return whole + (f"{tenths}角" if tenths else "零") + (f"{rest}分" if rest else "")


def _chinese_date(day: int, month: int, year: int | None) -> str:
    return f"{month}月{day}日" if year is None else f"{year}年{month}月{day}日"


TONGUES: Mapping[str, Tongue] = {
    "es": Tongue(
        currencies={
            "€": ("euro", "euros", "céntimo", "céntimos"),
            "$": ("dólar", "dólares", "centavo", "centavos"),
            "£": ("libra", "libras", "penique", "peniques"),
        },
        amount=lambda whole, part: f"{whole} con {part}",
        clock=_spanish_clock,
        date=_named(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
            " diciembre",
            "{day} de {month}",
            "{day} de {month} de {year}",
        ),
        percent=lambda number: f"{number} por ciento",
        link={".": "punto", "/": "barra", "@": "arroba", "-": "guion", "_": "guion bajo"},
        shorthand={
            "Sr.": "señor",
            "Sra.": "señora",
            "Dr.": "doctor",
            "Dra.": "doctora",
            "Ud.": "usted",
            "n.º": "número",
            "núm.": "número",
            "p. ej.": "por ejemplo",
            "etc.": "etcétera",
            "tel.": "teléfono",
        },
        and_="y",
        plus="más",
        o_clock=r"h(?:oras|rs?)?\b",
    ),
    "fr": Tongue(
        currencies={
            "€": ("euro", "euros", "centime", "centimes"),
            "$": ("dollar", "dollars", "cent", "cents"),
            "£": ("livre", "livres", "penny", "pence"),
        },
        amount=lambda whole, part: f"{whole} et {part}",
        clock=_french_clock,
        date=_french_date,
        percent=lambda number: f"{number} pour cent",
        link={".": "point", "/": "barre", "@": "arobase", "-": "tiret", "_": "tiret bas"},
        shorthand={
            "M.": "monsieur",
            "Mme": "madame",
            "Mlle": "mademoiselle",
            "Dr": "docteur",
            "n°": "numéro",
            "p. ex.": "par exemple",
            "etc.": "et cetera",
            "tél.": "téléphone",
        },
        and_="et",
        plus="plus",
        o_clock=r"(?:heures?|h)\b",
        pairs=True,
    ),
    "de": Tongue(
        currencies={
            "€": ("Euro", "Euro", "Cent", "Cent"),
            "$": ("Dollar", "Dollar", "Cent", "Cent"),
            "£": ("Pfund", "Pfund", "Penny", "Pence"),
        },
        amount=lambda whole, part: f"{whole} und {part}",
        clock=_german_clock,
        date=_named(
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            "{day}. {month}",
            "{day}. {month} {year}",
        ),
        percent=lambda number: f"{number} Prozent",
        link={".": "Punkt", "/": "Schrägstrich", "@": "at", "-": "Minus", "_": "Unterstrich"},
        shorthand={
            "Dr.": "Doktor",
            "Prof.": "Professor",
            "Hr.": "Herr",
            "Fr.": "Frau",
            "Nr.": "Nummer",
            "Tel.": "Telefon",
            "Str.": "Straße",
            "z. B.": "zum Beispiel",
            "z.B.": "zum Beispiel",
            "d. h.": "das heißt",
            "d.h.": "das heißt",
            "usw.": "und so weiter",
            "bzw.": "beziehungsweise",
            "ca.": "circa",
        },
        and_="und",
        plus="plus",
        o_clock=r"Uhr\b",
    ),
    "pt": Tongue(
        currencies={
            "€": ("euro", "euros", "cêntimo", "cêntimos"),
            "R$": ("real", "reais", "centavo", "centavos"),
            "$": ("dólar", "dólares", "cêntimo", "cêntimos"),
            "£": ("libra", "libras", "péni", "pence"),
        },
        amount=lambda whole, part: f"{whole} e {part}",
        clock=_portuguese_clock,
        date=_named(
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
            " dezembro",
            "{day} de {month}",
            "{day} de {month} de {year}",
        ),
        percent=lambda number: f"{number} por cento",
        link={".": "ponto", "/": "barra", "@": "arroba", "-": "hífen", "_": "sublinhado"},
        shorthand={
            "Sr.": "senhor",
            "Sra.": "senhora",
            "Dr.": "doutor",
            "Dra.": "doutora",
            "n.º": "número",
            "p. ex.": "por exemplo",
            "etc.": "etcétera",
            "tel.": "telefone",
        },
        and_="e",
        plus="mais",
        o_clock=r"h(?:oras|rs?)?\b",
    ),
    "zh": Tongue(
        currencies={
            "¥": ("元", "元", "分", "分"),
            "€": ("欧元", "欧元", "欧分", "欧分"),
            "$": ("美元", "美元", "美分", "美分"),
            "£": ("英镑", "英镑", "便士", "便士"),
        },
        amount=_chinese_amount,
        clock=_chinese_clock,
        date=_chinese_date,
        percent=lambda number: f"百分之{number}",
        link={".": "点", "/": "斜杠", "@": "艾特", "-": "杠", "_": "下划线"},
        shorthand={},
        and_="和",
        plus="加",
        digit=dict(zip("0123456789", "零幺二三四五六七八九", strict=True)),
        digit_joint="",
        group_joint="，",
    ),
}
"""By base language."""

# `\b` does not end a word between a figure and a Chinese character.
_HERE = r"(?<![0-9A-Za-z])"
_DONE = r"(?![0-9A-Za-z])"
_WHOLE = r"\d{1,3}(?:[.,\u00a0\u202f ’]\d{3})+(?!\d)|\d+"

_PHONE = re.compile(
    rf"\+\d[\d\s().-]{{6,18}}\d|\(\d{{2,5}}\)\s?\d[\d\s.-]{{4,12}}\d"
    rf"|{_HERE}0\d(?:[ .]\d\d){{4}}{_DONE}"
    rf"|{_HERE}0\d{{2,4}}[\s/-]\d{{3,8}}(?:[\s-]\d{{2,6}})*{_DONE}"
    rf"|{_HERE}\d{{3}}[-.\s]\d{{3}}[-.\s]\d{{3,4}}{_DONE}|{_HERE}\d{{7,}}{_DONE}"
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"\u3000-\u9fff]+|[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|org|net|io|edu|gov|de|fr|es|pt|br|mx|cn|ch|at)"
    r"(?![A-Za-z0-9])(?:/[^\s<>\"\u3000-\u9fff]*)?"
)
_YEAR_FIRST = re.compile(
    rf"{_HERE}(?P<year>[12]\d{{3}})[-/](?P<month>\d\d?)[-/](?P<day>\d\d?){_DONE}"
)
_DAY_FIRST = re.compile(
    rf"{_HERE}(?P<day>\d\d?)(?P<joint>[/.])(?P<month>\d\d?)(?P=joint)(?P<year>[12]\d{{3}}){_DONE}"
)
_MONTH_FIRST = re.compile(rf"{_HERE}(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>[12]\d{{3}}){_DONE}")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?%")


def rules_of(language: str) -> Rules:
    """The rules of a language (BCP 47) that is in TONGUES; none for others."""
    tongue = TONGUES.get(language.split("-")[0].lower())
    return () if tongue is None else tuple(_rules(tongue))


def english_dates(language: str) -> Rules:
    """Dates in English: month first in America, else the day."""
    american = language.lower() in ("en", "en-us", "en-ca", "en-ph")
    form = "{month} {day}, {year}" if american else "{day} {month} {year}"
    say = _named(_ENGLISH_MONTHS, "{month} {day}", form)
    patterns = (_YEAR_FIRST, _MONTH_FIRST if american else _DAY_FIRST)
    return tuple((pattern, _dated(say)) for pattern in patterns)


_ENGLISH_MONTHS = (
    "January February March April May June July August September October November December"
)


def _rules(tongue: Tongue) -> Iterator[tuple[re.Pattern[str], Say]]:
    yield _ADDRESS, _link(tongue)
    if tongue.shorthand:
        longest_first = sorted(tongue.shorthand, key=len, reverse=True)
        listed = "|".join(re.escape(short) for short in longest_first)
        yield re.compile(rf"(?:{listed})(?!\w)"), lambda match: tongue.shorthand[match.group()]
    signs = "|".join(re.escape(sign) for sign in sorted(tongue.currencies, key=len, reverse=True))
    amount = rf"(?P<whole>{_WHOLE})(?:[.,](?P<part>\d\d)(?!\d))?"
    yield re.compile(rf"(?P<sign>{signs})\s?{amount}"), _money(tongue)
    yield re.compile(rf"{_HERE}{amount}\s?(?P<sign>{signs})"), _money(tongue)
    yield _YEAR_FIRST, _dated(tongue.date)
    yield _DAY_FIRST, _dated(tongue.date)
    yield _clock_pattern(tongue), _clock(tongue)
    yield _PHONE, _phone(tongue)
    yield _PERCENT, lambda match: tongue.percent(match.group(1))
    yield re.compile("&"), lambda match: tongue.and_


def _clock_pattern(tongue: Tongue) -> re.Pattern[str]:
    after = rf"(?:\s?{tongue.o_clock})?" if tongue.o_clock else ""
    return re.compile(rf"{_HERE}(?P<hour>[01]?\d|2[0-3])[:h：](?P<minute>[0-5]\d){_DONE}{after}")


def _clock(tongue: Tongue) -> Say:
    return lambda match: tongue.clock(int(match["hour"]), int(match["minute"]))


def _dated(say: Callable[[int, int, int | None], str]) -> Say:
    def read(match: re.Match[str]) -> str:
        day, month = int(match["day"]), int(match["month"])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return match.group()
        return say(day, month, int(match["year"]))

    return read


def _money(tongue: Tongue) -> Say:
    def read(match: re.Match[str]) -> str:
        one, many, hundredth, hundredths = tongue.currencies[match["sign"]]
        space = "" if tongue.digit_joint == "" else " "
        whole = re.sub(r"\D", "", match["whole"])
        part = int(match["part"] or 0)
        spoken = f"{whole}{space}{one if whole == '1' else many}"
        if not part:
            return spoken
        small = f"{part}{space}{hundredth if part == 1 else hundredths}"
        return small if int(whole) == 0 else tongue.amount(spoken, small)

    return read


def _phone(tongue: Tongue) -> Say:
    def read(match: re.Match[str]) -> str:
        written = match.group()
        groups = re.findall(r"\d+", written)
        if tongue.pairs and len(groups) == 1 and len(groups[0]) == 10:
            groups = re.findall(r"\d\d", groups[0])
        if tongue.pairs and all(len(group) == 2 for group in groups):
            said = groups
        else:
            said = [
                tongue.digit_joint.join(tongue.digit.get(digit, digit) for digit in group)
                for group in groups
            ]
        plus = f"{tongue.plus}{tongue.digit_joint}" if written.startswith("+") else ""
        return plus + tongue.group_joint.join(said)

    return read


def _link(tongue: Tongue) -> Say:
    def read(match: re.Match[str]) -> str:
        address = re.sub(r"^(?:https?://)?(?:www\.)?", "", match.group())
        kept = address.rstrip(".,;:!?/")
        tail = address[len(kept) :].replace("/", "")
        said = "".join(f" {tongue.link[c]} " if c in tongue.link else c for c in kept)
        return " ".join(said.split()) + tail

    return read

"""Secrets a caller keys or says (a PIN, a card): used, and then nowhere to be found. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from gateway.conversation.grammars import GRAMMARS
from gateway.providers.base import Json

DOT = "•"
FEWEST_DIGITS = 3
"""A shorter row is no secret: it would be found everywhere."""
_ASKS_FOR_A_SECRET = re.compile(
    r"\b(?:pins?|pincode|pass ?words?|pass ?codes?|card number|credit card|debit card|"
    r"security code|cvv|cvc|social security|"
    r"geheimzahl|kartennummer|passwort|kennwort|prüfnummer|"
    r"mot de passe|code secret|numéro de (?:la |votre )?carte|cryptogramme|"
    r"contraseña|clave|tarjeta|senha|número do (?:seu )?cartão|"
    r"parola d'ordine|codice segreto|numero (?:della|di) (?:tua |sua )?carta|"
    r"wachtwoord|kaartnummer|hasło|numer karty|şifre\w*|kart numara\w*|пароль|пин|номер карты)\b|"
    r"密码|密碼|卡号|卡號|暗証番号|パスワード|カード番号|비밀번호|카드 ?번호|"
    r"كلمة المرور|الرقم السري|رقم البطاقة|पासवर्ड|पिन|कार्ड नंबर",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w']*")
_FIGURES = {
    word: str(figure)
    for figure, words in enumerate(
        (
            "zero oh o null zéro cero nul ноль",
            "one eins un une uno um uma een один",
            "two zwei zwo deux dos due dois duas twee два",
            "three drei trois tres tre três drie три",
            "four vier quatre cuatro quattro quatro четыре",
            "five fünf cinq cinco cinque vijf пять",
            "six sechs seis sei zes шесть",
            "seven sieben sept siete sette sete zeven семь",
            "eight acht huit ocho otto oito восемь",
            "nine neun neuf nueve nove negen девять",
        )
    )
    for word in words.split()
}
_DIGIT_WORDS = frozenset().union(*(grammar.numbers.digits for grammar in GRAMMARS.values()))
_IDEOGRAPHS = {sign: str(figure) for figure, sign in enumerate("零一二三四五六七八九")}
_IDEOGRAPHS |= {"\u3007": "0", "幺": "1", "两": "2"}
_BETWEEN_DIGITS = r"[\s.,-]{0,3}"


def asks_for_secret(text: str) -> bool:
    """Whether the agent's words ask for something that is to be masked."""
    return bool(_ASKS_FOR_A_SECRET.search(text))


def digit_rows(text: str) -> Iterator[tuple[str, str]]:
    """Every row of at least three digits in `text`, as it was said ("four seven 11") and in
    figures ("4711"; "" where a word like "double" leaves it open)."""
    row: list[re.Match[str]] = []
    for match in (*_WORD.finditer(text), None):
        if match is not None and _is_digit(match.group()):
            row.append(match)
            continue
        figures = "".join(_figures(each.group()) for each in row)
        if row and (len(figures) >= FEWEST_DIGITS or len(row) >= FEWEST_DIGITS):
            sure = all(_figures(each.group()) for each in row)
            yield text[row[0].start() : row[-1].end()], figures if sure else ""
        row = []


def _is_digit(word: str) -> bool:
    return bool(_figures(word)) or word.lower() in _DIGIT_WORDS


def _figures(word: str) -> str:
    """The digits that a word stands for; "" where it leaves them open, or is none."""
    if word.isdecimal():
        return word
    if all(sign in _IDEOGRAPHS for sign in word):
        return "".join(_IDEOGRAPHS[sign] for sign in word)
    return _FIGURES.get(word.lower(), "")


class Mask:
    """The secrets of one call; `hide` replaces them in any text that is kept."""

    def __init__(self) -> None:
        self._secrets: dict[str, re.Pattern[str]] = {}

    def __repr__(self) -> str:
        return f"<Mask of {len(self._secrets)} secrets>"

    @property
    def revision(self) -> int:
        """Another number when it hides more; 0 as long as it hides nothing."""
        return len(self._secrets)

    def learn(self, secret: str) -> None:
        """Hide `secret`; digits also where they are written in groups."""
        if not secret or secret in self._secrets:
            return
        if secret.isdigit():
            spaced = _BETWEEN_DIGITS.join(secret)
            pattern = rf"(?<!\d){spaced}(?!\d)"
        else:
            pattern = re.escape(secret)
        self._secrets[secret] = re.compile(pattern, re.IGNORECASE)

    def learn_spoken(self, text: str) -> None:
        """Hide the digits in what a caller said, as they were said and as figures."""
        for said, figures in digit_rows(text):
            self.learn(said)
            self.learn(figures)

    def hide(self, text: str) -> str:
        """`text` with every secret as dots."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = self._secrets[secret].sub(lambda found: DOT * len(found.group()), text)
        return text

    def hide_in(self, kept: Json) -> Json:
        """The same for every text and whole number in a JSON value."""
        match kept:
            case str():
                return self.hide(kept)
            case bool():
                return kept
            case int():
                hidden = self.hide(str(kept))
                return kept if hidden == str(kept) else hidden
            case Mapping():
                return {key: self.hide_in(value) for key, value in kept.items()}
            case Sequence():
                return [self.hide_in(value) for value in kept]
            case _:
                return kept

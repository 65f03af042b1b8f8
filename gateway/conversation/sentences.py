"""From a language model's deltas to clauses that can be spoken while it still writes.

Pure. The first clause of an answer is short on purpose, since the caller waits for it; later
ones are whole sentences, so that they sound whole. What must never be spoken (markdown, emoji,
stage directions, bare links) is gone when a clause comes out.
"""

import re
from collections.abc import Collection

from gateway.conversation.words import words
from gateway.languages import base_language

FIRST_CLAUSE_CHARACTERS = 12
"""A first clause may end at a comma once it has so many characters."""
LONG_CLAUSE_CHARACTERS = 90
"""Any clause may end at a comma once it has so many characters."""
LONGEST_CLAUSE_CHARACTERS = 220
"""No clause is longer: text without punctuation is cut between words."""

_TWO_SIDED = frozenset(("a.m", "p.m", "etc", "inc", "ltd", "co", "corp", "usw", "jr"))
"""Abbreviations that may also end a sentence: a capital letter after them says so."""

_ABBREVIATIONS = words(
    "mr mrs ms dr prof st sr jr vs etc inc ltd co corp no nos vol fig dept approx apt ave blvd rd"
    " e.g i.e u.s u.k a.k.a jan feb mar apr jun jul aug sept sep oct nov dec tel ext"
    " hr fr sra srta dra ud uds z.b d.h bzw usw ca evtl nr tél mme mlle m"
)
"""Written with a dot that ends no sentence."""

_FINAL = ".!?…؟\u06d4।"
_CJK_FINAL = "。！？｡"
_CJK_CLAUSE = "、，；："
_CLAUSE = ",;:–—"
_CLOSERS = "\"'”’»)]*_」』"
_QUOTES = "\"'”’»"
_OPENERS = {"(": ")", "[": "]", "`": "`"}
_FENCE = "```"
_MARK = re.compile(
    f"[\n{re.escape(_FINAL + _CJK_FINAL + _CJK_CLAUSE + _CLAUSE)}"
    f"{re.escape(''.join((*_OPENERS, *_OPENERS.values())))}]"
)
"""Where text may be cut, or must not be."""
_ORDINAL_LANGUAGES = frozenset(
    [
        "de",
        "da",
        "nb",
        "nn",
        "no",
        "fi",
        "is",
        "et",
        "lv",
        "cs",
        "sk",
        "pl",
        "hu",
        "hr",
        "sr",
        "sl",
        "tr",
    ]
)
"""Where "3." is the third, and no end."""
_SHORT_WORD_LETTERS = 4

_DIRECTION = (
    r"(?:(?:soft|gentl|warm|quiet|nervous|slight)ly\s+)?"
    r"(?:laugh|chuckl|giggl|sigh|smil|grin|paus|cough|whisper|gasp|nod|wink|shrug|cheer|hum|clear|"
    r"think|wait|type|typing|breath|sniff|beat\b|music|applaus|silence)[^*()\[\]\n]{0,40}"
)
_CODE_FENCE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^)\s]*)\)")
_SQUARE = re.compile(r"\[[^\]\n]*\]")
_STARRED_DIRECTION = re.compile(rf"([*_~]+)\s*{_DIRECTION}\1", re.IGNORECASE)
_ROUND_DIRECTION = re.compile(rf"\(\s*{_DIRECTION}\)", re.IGNORECASE)
_HTML = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_BULLET = re.compile(r"^\s*(?:[-*+•·–]\s+|>\s*)")
_EMPHASIS = re.compile(r"(?<!\w)[*_~]{1,3}(?=\S)|(?<=\S)[*_~]{1,3}(?!\w)|\*\*|__|~~|`")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$")
_TABLE_BAR = re.compile(r"\s*\|\s*")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002190-\U000021ff\U00002b00-\U00002bff"
    "\U0000fe0e\U0000fe0f\U0000200d\U000020e3\U000e0020-\U000e007f]"
)
_EMOTICON = re.compile(r"(?:(?<=\s)|^)(?:[:;=]['’]?-?[)(DPpOo|*/\\]|<3|\^_?\^)(?=[\s.,!?]|$)")
_SPACES = re.compile(r"\s+")
_SPEAKABLE = re.compile(r"\w")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*\d{1,2}$")
_ORDINAL = re.compile(r"(?<![\d.,:])\d{1,2}$")
_LAST_WORD = re.compile(r"[^\s(\"'“‘«]*$")


def speakable(text: str) -> str:
    """`text` without all that has no sound, as one line; "" when nothing is left to say."""
    text = _CODE_FENCE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _STARRED_DIRECTION.sub(" ", text)
    text = _ROUND_DIRECTION.sub(" ", text)
    text = _HTML.sub(" ", text)
    text = _SQUARE.sub(" ", text)
    lines = (_speakable_line(line) for line in text.split("\n"))
    text = _SPACES.sub(" ", " ".join(lines)).strip()
    text = re.sub(r"\s+([,.!?;:…])", r"\1", text)
    return text if _SPEAKABLE.search(text) else ""


def _speakable_line(line: str) -> str:
    if _RULE.match(line):
        return ""
    line = _HEADING.sub("", line)
    line = _BULLET.sub("", line)
    line = _TABLE_BAR.sub(", ", line.strip().strip("|")) if "|" in line else line
    line = _EMPHASIS.sub("", line)
    return _EMOTICON.sub("", _EMOJI.sub("", line))


class ClauseSplitter:
    """One answer's text on its way to speech. `feed` and `finish` return the clauses now ready."""

    def __init__(self, wholes: Collection[str] = (), language: str = "en") -> None:
        self._wholes = wholes
        """Texts that stay in one piece, because there is a recording of them."""
        self._ordinals = base_language(language) in _ORDINAL_LANGUAGES
        self._text = ""
        self._said_something = False

    def feed(self, delta: str) -> tuple[str, ...]:
        self._text += delta
        return self._ready()

    def finish(self) -> tuple[str, ...]:
        """The rest, however it ends. The splitter starts anew afterwards."""
        clauses = (*self._ready(), *_pieces(speakable(self._text)))
        self._text, self._said_something = "", False
        return clauses

    def _ready(self) -> tuple[str, ...]:
        clauses: list[str] = []
        while (end := self._next_end()) is not None:
            clause = speakable(self._text[:end])
            self._text = self._text[end:]
            if clause:
                clauses.append(clause)
                self._said_something = True
        return tuple(clauses)

    def _next_end(self) -> int | None:
        """Where the next clause ends, or None before it is known."""
        begun = self._text.lstrip()
        if not begun or not self._wholes:
            return self._boundary()
        if any(whole.startswith(begun) and whole != begun for whole in self._wholes):
            return None
        if (
            whole := max((w for w in self._wholes if begun.startswith(w)), key=len, default="")
        ) == "":
            return self._boundary()
        return len(self._text) - len(begun) + len(whole)

    def _boundary(self) -> int | None:
        """Where the text so far can be cut for good, or None before more is known."""
        open_until: str | None = None
        text = self._text
        fenced, code = _FENCE in text, False
        for mark in _MARK.finditer(text):
            index, character = mark.start(), mark.group()
            if fenced:
                if text.startswith(_FENCE, index):
                    code = not code
                if code or _FENCE in text[max(0, index - 2) : index + 3]:
                    continue
            if character == "\n":
                if text[:index].strip():
                    return index + 1
                open_until = None
            elif open_until is not None:
                open_until = None if character == open_until else open_until
            elif character in _OPENERS:
                open_until = _OPENERS[character]
            elif (end := self._end_at(index)) is not None:
                return end
        return None if code else self._cut_between_words()

    def _end_at(self, index: int) -> int | None:
        """The cut that the punctuation at `index` allows, if any."""
        character = self._text[index]
        if character in _CJK_FINAL:
            end = self._past_closers(index + 1)
            return end if end < len(self._text) else None
        if character in _CJK_CLAUSE:
            return index + 1 if self._long_enough(index) else None
        if character in _FINAL:
            return self._sentence_end(index)
        if character in _CLAUSE and self._long_enough(index):
            return self._before_space(index + 1)
        return None

    def _sentence_end(self, index: int) -> int | None:
        end = self._before_space(self._past_closers(index + 1))
        if end is None or (self._text[index] == "." and not self._full_stop(index, end)):
            return None
        return None if self._quote_goes_on(end) else end

    def _quote_goes_on(self, end: int) -> bool:
        """Whether the sentence goes on behind what was quoted: "Come in!" he said."""
        return self._text[end - 1] in _QUOTES and self._text[end:].lstrip()[:1].islower()

    def _full_stop(self, index: int, end: int) -> bool:
        """Whether the dot at `index` ends a sentence; `end` is where the next text begins."""
        before = self._text[:index]
        if _LIST_NUMBER.search(before) or (self._ordinals and _ORDINAL.search(before)):
            return False
        match = _LAST_WORD.search(before)
        word = match.group().lower() if match else ""
        following = self._text[end:].lstrip()
        if word in _TWO_SIDED:
            return following[:1].isupper()
        if word in _ABBREVIATIONS or (following[:1].islower() and len(word) <= _SHORT_WORD_LETTERS):
            return False
        return not (len(word) == 1 and word.isalpha() and before[-1:].isupper() and word != "i")

    def _before_space(self, index: int) -> int | None:
        """`index` if white space follows it and then a character, so that a look ahead is safe."""
        rest = self._text[index:]
        return index if rest[:1].isspace() and (rest.strip() or "\n" in rest) else None

    def _past_closers(self, index: int) -> int:
        while index < len(self._text) and self._text[index] in _CLOSERS + _FINAL + _CJK_FINAL:
            index += 1
        return index

    def _long_enough(self, index: int) -> bool:
        length = len(speakable(self._text[:index]))
        wide = any(character > "\u2e80" for character in self._text[:index])
        wanted = LONG_CLAUSE_CHARACTERS if self._said_something else FIRST_CLAUSE_CHARACTERS
        return length >= (wanted // 3 if wide else wanted)

    def _cut_between_words(self) -> int | None:
        if len(self._text) <= LONGEST_CLAUSE_CHARACTERS:
            return None
        cut = self._text.rfind(" ", 1, LONGEST_CLAUSE_CHARACTERS)
        return cut if cut > 0 else LONGEST_CLAUSE_CHARACTERS


def _pieces(text: str) -> tuple[str, ...]:
    return (text,) if text else ()

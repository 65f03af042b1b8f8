"""What the agent's last words ask for: it decides how long an answer is waited for. Pure."""

import re
from enum import StrEnum

from gateway.providers.base import Digits, Expectation, Phrases, YesOrNo


class Expected(StrEnum):
    """The kind of answer a caller is about to give."""

    ANYTHING = "anything"
    YES_NO = "yes_no"
    NUMBER = "number"
    """Digits, or spelt letters: given in groups, with pauses between them."""
    PHRASE = "phrase"
    """What a few words answer: a day, a name, one of two."""


_LAST_SENTENCE = re.compile(r"[^.!?。！？]*[.!?。！？\"'”)\s]*$")
_NUMBER = re.compile(
    r"\b(?:number|digits?|code|pin|zip|postcode|date of birth|birthday|phone|telephone|account|"
    r"spell|nummer|ziffern|plz|numéro|número|numero|código)\b|号码|號碼|电话|電話|几号",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"(?:^|[,;:–—]\s*|\b(?:and|or|so|then|okay|ok|great|sure|thanks?|now)\b[,\s]+)"
    r"(?:do|does|did|is|are|was|were|am|will|would|can|could|shall|should|may|might|have|has|had|"
    r"isn't|aren't|don't|doesn't|won't|wouldn't|can't|couldn't|"
    r"soll|kann|können|möchten|ist|sind|haben|darf|est-ce|voulez-vous|puis-je|quiere|puedo|desea)\b",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"\b(?:right|correct|okay|ok|yes|or not|richtig|oder|n'est-ce pas|verdad)\s*\?$|吗？?$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:what|which|who|whom|whose|where|when|why|how|was|wer|wo|wann|welche[rs]?|qué|cuál|quel)\b",
    re.IGNORECASE,
)
_ASKS_TO_SAY = re.compile(
    r"\b(?:tell|give|say|read|key|enter|type|spell|have|need|repeat|what's|what is)\b",
    re.IGNORECASE,
)


def expected_after(text: str) -> Expected:
    """What the caller is expected to answer once the agent has said `text`."""
    sentence = _last_sentence(text)
    asks = sentence.endswith(("?", "？")) or bool(_ASKS_TO_SAY.search(sentence))
    if asks and _NUMBER.search(sentence) and not _is_yes_no_about_a_number(sentence):
        return Expected.NUMBER
    if sentence.endswith(("?", "？")) and _is_yes_no(sentence):
        return Expected.YES_NO
    return Expected.PHRASE if _asks_for_a_phrase(sentence) else Expected.ANYTHING


def expectation_after(text: str) -> Expectation | None:
    """What a recogniser may lean towards once the agent has said `text`; None: anything."""
    sentence = _last_sentence(text)
    if options := _options(sentence):
        return YesOrNo() if set(options) <= _YES_AND_NO else Phrases(options)
    match expected_after(text):
        case Expected.YES_NO:
            return YesOrNo()
        case Expected.NUMBER:
            return None if _NOT_ONLY_DIGITS.search(sentence) else Digits()
        case Expected.PHRASE | Expected.ANYTHING:
            return None


_INVITES = re.compile(r"\b(?:help|assist|do for|talk about|on your mind)\b", re.IGNORECASE)
"""Asks what somebody wants, which takes a sentence: "How can I help you?" """
_ASKS_FOR = re.compile(r"\b(?:tell|give|say|spell|choose|pick|name)\b", re.IGNORECASE)


def _asks_for_a_phrase(sentence: str) -> bool:
    asks = sentence.endswith(("?", "？")) or bool(_ASKS_FOR.search(sentence))
    return asks and not _INVITES.search(sentence)


_NOT_ONLY_DIGITS = re.compile(
    r"\b(?:spell|birth|birthday|postcode|letters?|geburt\w*|nacimiento|naissance)\b", re.IGNORECASE
)
_YES_AND_NO = frozenset(("yes", "no"))
_LEADS_TO_OPTIONS = re.compile(
    r"^.*(?::|\b(?:like|want|wanted|prefer|need|say|choose|between|have|either|about|be|is|was|it|"
    r"that|for|with|to|press)\b)\s*",
    re.IGNORECASE,
)
_ASKS_TO_CHOOSE = re.compile(r"\b(?:say|choose|select|pick|tell)\b", re.IGNORECASE)
_NO_OPTION = re.compile(
    r"^(?:is|are|do|does|did|can|could|shall|should|will|would|have|has|there|i|you|we|it)\b|"
    r"\b(?:anything|something|else|whether|if)\b"
)
_ARTICLE = re.compile(r"^(?:the|a|an|your|our)\s+", re.IGNORECASE)
_OPTION_WORDS = 3
_MOST_OPTIONS = 8


def _options(sentence: str) -> tuple[str, ...]:
    """The choices of "Is it for sales, support or billing?"; none where there are no short ones."""
    before, or_, last = sentence.strip(" .!?").rpartition(" or ")
    if not or_ or not (sentence.endswith("?") or _ASKS_TO_CHOOSE.search(sentence)):
        return ()
    if last.strip().lower() == "not":
        return ("yes", "no")
    first, *others = [part.strip() for part in before.rstrip(" ,").split(",")]
    spoken = [_LEADS_TO_OPTIONS.sub("", first), *others, last]
    options = tuple(dict.fromkeys(_ARTICLE.sub("", each.strip().lower()) for each in spoken))
    if len(options) > _MOST_OPTIONS or spoken[0] == first:
        return ()
    return options if all(_is_option(option) for option in options) else ()


def _is_option(words: str) -> bool:
    """Whether they can be said alone, and are no question of their own ("or is that all?")."""
    if not re.fullmatch(r"[\w' -]+", words) or len(words.split()) > _OPTION_WORDS:
        return False
    return not _NO_OPTION.search(words)


def _last_sentence(text: str) -> str:
    match = _LAST_SENTENCE.search(text.strip())
    return match.group().strip(" \"'”)") if match else ""


def _is_yes_no(sentence: str) -> bool:
    if _TAG.search(sentence):
        return True
    return bool(_YES_NO.search(sentence)) and not re.match(_OPEN, sentence)


def _is_yes_no_about_a_number(sentence: str) -> bool:
    """ "Is that your number?" wants a yes; "Can you tell me your number?" wants the number."""
    return _is_yes_no(sentence) and not _ASKS_TO_SAY.search(sentence)

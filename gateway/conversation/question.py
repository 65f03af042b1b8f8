"""What the agent's last words ask for: it decides how long an answer is waited for. Pure."""

import re
from enum import StrEnum


class Expected(StrEnum):
    """The kind of answer a caller is about to give."""

    ANYTHING = "anything"
    YES_NO = "yes_no"
    NUMBER = "number"
    """Digits, or spelt letters: given in groups, with pauses between them."""


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
    return Expected.ANYTHING


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

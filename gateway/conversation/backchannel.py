"""Whether a few words are only a sign of listening ("mm-hm", "okay"), a noise, or speech. Pure."""

import re
from enum import StrEnum

from gateway.conversation.lexicon import ASSENT, HUMMED_ASSENT, HUMS, MISHEARD_HUMS

LONGEST_BACKCHANNEL_WORDS = 4


class Utterance(StrEnum):
    """What somebody's short sound was."""

    NOISE = "noise"
    BACKCHANNEL = "backchannel"
    SPEECH = "speech"


_PHRASES = frozenset(
    (
        "i see", "got it", "thank you", "thanks", "all right", "okay thank you",
        "thank you so much", "thank you very much", "thanks very much", "that's right",
        "that's fine", "that's good", "i understand", "oh i see", "okay i see", "go on",
        "sounds good", "that's great", "very good",
    )
)  # fmt: skip
_GHOSTS = frozenset(("you", "the", "so", "thanks for watching"))
"""What speech recognisers are known to make of a cough or of music."""

_NOT_A_WORD = re.compile(r"[^\w\s'’-]|_")


def plain_words(text: str) -> tuple[str, ...]:
    """The words of `text` in lower case, without punctuation."""
    words = _NOT_A_WORD.sub(" ", text.lower().replace("’", "'")).split()
    return tuple(word.strip("-'") for word in words if word.strip("-'"))


def classify(text: str, *, voiced_seconds: float, answer_expected: bool = False) -> Utterance:
    """What `text` was, said within `voiced_seconds` of voice while the agent had the word.

    With `answer_expected` (the agent has just asked a yes/no question) an assent is an answer.
    """
    words = plain_words(text)
    if not words or (voiced_seconds < _GHOST_SECONDS and " ".join(words) in _GHOSTS):
        return Utterance.NOISE
    if _is_hummed(words) or " ".join(words) in MISHEARD_HUMS:
        assent = any(word in HUMMED_ASSENT for word in words) or not _is_hummed(words)
        return Utterance.SPEECH if answer_expected and assent else Utterance.BACKCHANNEL
    if answer_expected or len(words) > LONGEST_BACKCHANNEL_WORDS:
        return Utterance.SPEECH
    return Utterance.BACKCHANNEL if _is_assent(words) else Utterance.SPEECH


_GHOST_SECONDS = 0.6


def _is_hummed(words: tuple[str, ...]) -> bool:
    return all(word in HUMS for word in words)


def _is_assent(words: tuple[str, ...]) -> bool:
    """Only words of assent and hums, and at least one that can stand alone."""
    spoken = tuple(word for word in words if word not in HUMS)
    return " ".join(spoken) in _PHRASES or all(word in ASSENT for word in spoken)

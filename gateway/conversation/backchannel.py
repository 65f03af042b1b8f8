"""Whether a few words are only a sign of listening ("mm-hm", "okay"), a noise, or speech. Pure."""

from enum import StrEnum

from gateway.conversation.grammar import Grammar
from gateway.conversation.grammars import ENGLISH, grammar_of

LONGEST_BACKCHANNEL_WORDS = 4


class Utterance(StrEnum):
    """What somebody's short sound was."""

    NOISE = "noise"
    BACKCHANNEL = "backchannel"
    SPEECH = "speech"


def classify(
    text: str,
    *,
    voiced_seconds: float,
    answer_expected: bool = False,
    language: str = ENGLISH,
) -> Utterance:
    """What `text` was, said in `language` (BCP 47) within `voiced_seconds` of voice while the agent
    had the word.

    With `answer_expected` (the agent has just asked a yes/no question) an assent is an answer.
    """
    grammar = grammar_of(language)
    words, listening = grammar.split(text), grammar.listening
    said = grammar.joint.join(words)
    if not words or (voiced_seconds < _GHOST_SECONDS and said in listening.ghosts):
        return Utterance.NOISE
    if listening.hums.issuperset(words) or said in listening.misheard_hums:
        assent = said in listening.misheard_hums or not listening.hummed_assent.isdisjoint(words)
        return Utterance.SPEECH if answer_expected and assent else Utterance.BACKCHANNEL
    if answer_expected or len(words) > LONGEST_BACKCHANNEL_WORDS:
        return Utterance.SPEECH
    return Utterance.BACKCHANNEL if _is_assent(words, grammar) else Utterance.SPEECH


_GHOST_SECONDS = 0.6


def _is_assent(words: tuple[str, ...], grammar: Grammar) -> bool:
    """Only words of assent and hums, and at least one that can stand alone."""
    listening = grammar.listening
    spoken = tuple(word for word in words if word not in listening.hums)
    return grammar.joint.join(spoken) in listening.phrases or listening.assent.issuperset(spoken)

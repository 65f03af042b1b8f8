"""What the agent's last words ask for: it decides how long an answer is waited for. Pure."""

import re
from enum import StrEnum

from gateway.conversation.grammar import Asking, Grammar
from gateway.conversation.grammars import ENGLISH, grammar_of
from gateway.providers.base import Digits, Expectation, Phrases, YesOrNo


class Expected(StrEnum):
    """The kind of answer a caller is about to give."""

    ANYTHING = "anything"
    YES_NO = "yes_no"
    NUMBER = "number"
    """Digits, or spelt letters: given in groups, with pauses between them."""
    PHRASE = "phrase"
    """What a few words answer: a day, a name, one of two."""


_LAST_SENTENCE = re.compile(r"[^.!?。！？؟]*[.!?。！？؟\"'”)\s]*$")
_OPTION_WORDS = 3
_MOST_OPTIONS = 8


def expected_after(text: str, language: str = ENGLISH) -> Expected:
    """What the caller is expected to answer once the agent has said `text` in `language`, which is
    BCP 47."""
    sentence, asking = _last_sentence(text), grammar_of(language).asking
    asks = _is_question(sentence) or bool(asking.asks_to_say.search(sentence))
    if asks and asking.number.search(sentence) and not _is_yes_no_about_a_number(sentence, asking):
        return Expected.NUMBER
    if _is_question(sentence) and _is_yes_no(sentence, asking):
        return Expected.YES_NO
    return Expected.PHRASE if _asks_for_a_phrase(sentence, asking) else Expected.ANYTHING


def expectation_after(text: str, language: str = ENGLISH) -> Expectation | None:
    """What a recogniser may lean towards once the agent has said `text`; None: anything."""
    sentence, grammar = _last_sentence(text), grammar_of(language)
    if options := _options(sentence, grammar):
        return YesOrNo() if set(options) <= grammar.asking.yes_and_no else Phrases(options)
    match expected_after(text, language):
        case Expected.YES_NO:
            return YesOrNo()
        case Expected.NUMBER:
            return None if grammar.asking.spelled.search(sentence) else Digits()
        case Expected.PHRASE | Expected.ANYTHING:
            return None


def _last_sentence(text: str) -> str:
    match = _LAST_SENTENCE.search(text.strip())
    return match.group().strip(" \"'”)¿¡") if match else ""


def _is_question(sentence: str) -> bool:
    return sentence.endswith(("?", "？", "؟"))


def _is_yes_no(sentence: str, asking: Asking) -> bool:
    if asking.tag.search(sentence):
        return True
    return bool(asking.yes_no.search(sentence)) and not asking.open.match(sentence)


def _is_yes_no_about_a_number(sentence: str, asking: Asking) -> bool:
    """ "Is that your number?" wants a yes; "Can you tell me your number?" wants the number."""
    return _is_yes_no(sentence, asking) and not asking.asks_to_say.search(sentence)


def _asks_for_a_phrase(sentence: str, asking: Asking) -> bool:
    asks = _is_question(sentence) or bool(asking.asks_for.search(sentence))
    return asks and not asking.invites.search(sentence)


def _options(sentence: str, grammar: Grammar) -> tuple[str, ...]:
    """The choices of "Is it for sales, support or billing?"; none where there are no short ones."""
    asking = grammar.asking
    if asking.or_ is None:
        return ()
    before, or_, last = sentence.strip(" .!?。！？").rpartition(asking.or_)
    if not or_ or not (_is_question(sentence) or asking.asks_to_choose.search(sentence)):
        return ()
    if last.strip().lower() == asking.or_not:
        return tuple(sorted(asking.yes_and_no))
    first, *others = [part.strip() for part in asking.between.split(before.rstrip(" ,，、"))]
    spoken = [asking.leads_to_options.sub("", first), *others, last]
    options = tuple(dict.fromkeys(asking.article.sub("", each.strip().lower()) for each in spoken))
    if len(options) > _MOST_OPTIONS or spoken[0] == first:
        return ()
    return options if all(_is_option(option, grammar) for option in options) else ()


def _is_option(words: str, grammar: Grammar) -> bool:
    """Whether they can be said alone, and are no question of their own ("or is that all?")."""
    if not re.fullmatch(r"[\w' -]+", words) or len(grammar.split(words)) > _OPTION_WORDS:
        return False
    return not grammar.asking.no_option.search(words)

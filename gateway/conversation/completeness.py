"""Whether what a caller has said so far is a finished thought. Pure.

Judges text only; time is the turn machine's business. Recognisers put a full stop behind
everything, so the last word counts more than the punctuation. What the words mean is the
business of the language's grammar.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.conversation.grammar import NONE, Grammar
from gateway.conversation.grammars import ENGLISH, grammar_of
from gateway.conversation.question import Expected
from gateway.conversation.said import Said, understand
from gateway.conversation.signs import counts, spelled, trailing_signs
from gateway.conversation.verbs import can_be_infinitive, clause_has_verb, has_verb


class Completeness(StrEnum):
    ANSWER = "answer"
    """A short answer to the question just asked: nothing more is to come."""
    COMPLETE = "complete"
    STATEMENT = "statement"
    """A whole sentence that is no question: people go on from one more often."""
    OPEN = "open"
    """Could be all, could go on."""
    FRAGMENT = "fragment"
    """Words without a verb, though nobody asked for a few words."""
    NUMBER_GOES_ON = "number_goes_on"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`because` says in a few words what decided; it goes into the call record."""

    completeness: Completeness
    because: str


LONGEST_BRIEF = 3
"""Words of a statement that is more often a beginning."""
LONGEST_ANSWER = 4
"""Words of "yes", "no" and the like."""
SHORTEST_CLAUSE = 4
"""Words of the first half of a sentence."""


@lru_cache(maxsize=64)
def judge(text: str, expected: Expected = Expected.ANYTHING, language: str = ENGLISH) -> Judgement:
    """Whether `text`, said in `language` (BCP 47) after the agent asked for what is `expected`,
    is finished."""
    said = understand(text, grammar_of(language))
    if not said.words:
        return Judgement(Completeness.OPEN, "no words")
    return _judge(said, expected)


def _judge(said: Said, expected: Expected) -> Judgement:
    if number := _judge_number(said, expected):
        return number
    if expected is Expected.YES_NO and _is_answer(said):
        return Judgement(Completeness.ANSWER, "answers yes or no")
    if said.whole.endswith(said.grammar.finished_tails) and not said.trails_off:
        return Judgement(Completeness.COMPLETE, "closing words")
    if lacking := _lacking(said):
        return Judgement(Completeness.UNFINISHED, lacking)
    if expected is Expected.ANYTHING and (begun := _only_begun(said)):
        return begun
    return _judge_sentence(said)


def _judge_number(said: Said, expected: Expected) -> Judgement | None:
    """A verdict when the caller is in the middle of a number, or has said all of one."""
    words, numbers = said.words, said.grammar.numbers
    if not (signs := trailing_signs(words, numbers)):
        if expected is Expected.NUMBER and words[-1] in numbers.names | numbers.leads:
            return Judgement(Completeness.UNFINISHED, "the number is still to come")
        return None
    named = bool(numbers.names & set(words)) or spelled(words, numbers) or counts(words, numbers)
    if expected is not Expected.NUMBER and not named:
        return None
    if signs >= numbers.whole:
        return Judgement(Completeness.OPEN, f"{signs} digits may be all")
    return Judgement(Completeness.NUMBER_GOES_ON, f"{signs} digits so far")


def _is_answer(said: Said) -> bool:
    """ "Yes", "no thanks", "yes please": an answer and little else."""
    words, grammar = said.words, said.grammar
    if said.whole in grammar.whole_answers:
        return True
    if len(words) > LONGEST_ANSWER or not said.begins_as_answer:
        return False
    return words[-1] not in grammar.breaks_answers or _is_completed(said)


def _lacking(said: Said) -> str | None:
    """What tells that more must come."""
    if said.trails_off:
        return "trails off"
    if said.grammar.lead_in.search(said.part):
        return "only leads in to what is wanted"
    if dangling := _dangling(said):
        return f"ends with “{dangling}”"
    return _missing(said)


def _dangling(said: Said) -> str | None:
    last, grammar = said.words[-1], said.grammar
    if last not in grammar.trailing:
        return None
    if _is_completed(said):
        return None
    if (
        last in grammar.may_end
        and len(said.words) >= 3
        and (said.question or last in grammar.ends_statements)
    ):
        return None
    return last


def _is_completed(said: Said) -> bool:
    """Whether the last word belongs to one in front."""
    return not said.grammar.completed_by.get(said.words[-1], NONE).isdisjoint(said.words[:-1])


def _missing(said: Said) -> str | None:
    """What a sentence that ends like this still lacks."""
    words, grammar = said.words, said.grammar
    last, before = words[-1], words[-2:-1]
    has_object = grammar.object_in_front & set(words) or grammar.no_verb_behind & set(before)
    if last in grammar.needs_object and before and not has_object:
        return f"“{last}” what is still to come"
    if said.question:
        if _asks_nothing(said):
            return "what it is asked about"
        return None if said.end == "?" else _missing_verb(said)
    if grammar.leading_adverbs.search(last) and before and before[0] in grammar.be:
        return f"“{before[0]} {last}” leads in to something"
    counted = before and before[0] in grammar.numbers.one_digit
    if last in grammar.describes and before and (counted or _has_something(said)):
        return f"“{before[0]} {last}” of something"
    return _missing_verb(said) or _missing_half(said)


def _missing_half(said: Said) -> str | None:
    words, grammar = said.words, said.grammar
    if said.end in ".!" and len(words) > 1:
        return None
    if words[-1] in grammar.numbers.code_names:
        return "the number is still to come"
    if len(words) >= SHORTEST_CLAUSE and not said.broken and _opens_a_clause(said):
        return "only the first half of a sentence"
    return None


def _missing_verb(said: Said) -> str | None:
    """ "… whether you tomorrow", "I must my appointment"."""
    words, grammar, verbs = said.words, said.grammar, said.grammar.verbs
    if verbs is None:
        return None
    places = [place for place, word in enumerate(words) if word in grammar.clause_openers]
    if places and (clause := words[places[-1] + 1 :]) and not clause_has_verb(clause, verbs):
        return f"“{words[places[-1]]}” what is still to come"
    modal = next((place for place, word in enumerate(words) if word in grammar.modals), None)
    if modal is None or not _has_modal_object(behind := words[modal + 1 :], grammar):
        return None
    if any(can_be_infinitive(word, verbs) for word in behind):
        return None
    return f"“{words[modal]}” lacks its verb"


def _has_modal_object(words: tuple[str, ...], grammar: Grammar) -> bool:
    """Whether something is named there that something is to be done to."""
    return any(
        word in grammar.modal_objects
        and (not place or words[place - 1] not in grammar.prepositions)
        for place, word in enumerate(words)
    )


def _asks_nothing(said: Said) -> bool:
    """ "Is the parking?"; but "Is it?" and "Is the office open?" are questions."""
    words, grammar = said.words, said.grammar
    return len(words) == 3 and words[0] in grammar.be and words[1] in grammar.articles


def _has_something(said: Said) -> bool:
    """ "We have … new"; but "The one we have is new"."""
    grammar = said.grammar
    return not grammar.have.isdisjoint(said.words) and grammar.be.isdisjoint(said.words)


def _opens_a_clause(said: Said) -> bool:
    """ "If this is correct,", "To call this number,"; but "To the station," may be all."""
    words, grammar = said.words, said.grammar
    if words[0] in grammar.first_halves:
        return True
    return words[0] in grammar.purposes and words[1] not in grammar.trailing


def _only_begun(said: Said) -> Judgement | None:
    """ "My appointment", "It hurts.": where nobody asked, few people say so and no more."""
    words, grammar = said.words, said.grammar
    if (
        words[0] in grammar.answers
        or said.is_greeting
        or grammar.listening.assent.issuperset(words)
    ):
        return None
    if said.question or not grammar.listening.takes_the_word.isdisjoint(words):
        return None
    if grammar.verbs is not None and not has_verb(words, grammar.verbs):
        return Judgement(Completeness.FRAGMENT, "no verb, and nothing was asked")
    if 1 < len(words) <= LONGEST_BRIEF and said.end == ".":
        return Judgement(Completeness.OPEN, "brief, and nothing was asked")
    return None


def _judge_sentence(said: Said) -> Judgement:
    words, grammar = said.words, said.grammar
    if said.end == ",":
        return _after_comma(said)
    if _is_marked_question(said):
        return Judgement(Completeness.COMPLETE, "question or exclamation")
    if len(words) == 1 and words[0] not in grammar.answers:
        return Judgement(Completeness.OPEN, "one word")
    if said.begins_as_answer and len(words) <= LONGEST_ANSWER:
        return Judgement(Completeness.COMPLETE, "an answer")
    if said.end == "." or said.begins_as_answer or words[-1] in grammar.statement_ends:
        return Judgement(Completeness.STATEMENT, "whole sentence")
    return Judgement(Completeness.OPEN, "no closing punctuation")


def _is_marked_question(said: Said) -> bool:
    """By its sign, or by a word that stands for it; of a word alone the sign says little."""
    if said.words[-1] in said.grammar.question_ends:
        return True
    alone = len(said.words) == 1 and said.words[0] not in said.grammar.question_words
    return said.end in "?!" and not alone


def _after_comma(said: Said) -> Judgement:
    """Recognisers write a comma where the voice does not fall, which is often the end."""
    if said.begins_as_answer or said.is_greeting:
        return Judgement(Completeness.COMPLETE, "an answer or a farewell")
    return Judgement(Completeness.OPEN, "the voice did not fall")

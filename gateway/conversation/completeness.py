"""Whether what a caller has said so far is a finished thought. Pure.

Judges text only; time is the turn machine's business. Recognisers put a full stop behind
everything, so the last word counts more than the punctuation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.conversation.backchannel import plain_words
from gateway.conversation.lexicon import (
    ANSWERS,
    ARTICLES,
    ASSENT,
    BE,
    CLOSINGS,
    CODE_NAMES,
    DESCRIBES,
    ENDS_STATEMENTS,
    HAVE,
    LEADS_IN,
    LIKE_ADVERBS,
    MAY_END,
    NEEDS_OBJECT,
    NUMBER_NAMES,
    ONE_DIGIT,
    QUESTION_STARTS,
    TAKES_THE_WORD,
    TRAILING,
)
from gateway.conversation.question import Expected
from gateway.conversation.signs import counts, spelled, trailing_signs
from gateway.conversation.verbs import has_verb


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


ENGLISH = "en"
LONGEST_BRIEF = 3
"""Words of a statement that is more often a beginning."""
LONGEST_ANSWER = 4
"""Words of "yes", "no" and the like."""
FULL_NUMBER_SIGNS = 7
"""So many digits may be a whole telephone number, order or account."""

_FINISHED_TAILS = (
    "thank you", "thanks", "please", "bye", "goodbye", "that's it", "that's all", "nothing else",
    "no thanks", "no thank you", "i think so", "i don't know", "i don't think so",
)  # fmt: skip
_LEAD_IN = re.compile(
    r"^(?:(?:and|so|but|well|hi|hello|hey|yes|yeah|okay|um|uh|also|because|then) )*(?:"
    r"(?:i was |i'm |i am |just )?wondering|"
    r"(?:i'd|i would|we'd|we would) (?:like|love|prefer)|"
    r"(?:i|we) (?:want|wanted|need|needed|have|got|think|thought|guess|mean|believe|hope)|"
    r"(?:can|could|would|will) you(?: please)?(?: tell| give| show| let)?(?: me| us)?|"
    r"(?:can|could|may) (?:i|we)(?: please)?(?: ask| get| have| speak| talk)?|"
    r"do you(?: guys)?(?: know| have| take| offer| happen to know)|"
    r"(?:i'm|i am|we're) (?:calling|looking|trying|having|interested|asking|not sure|going)|"
    r"(?:the thing|the problem|the question|my question|the other thing)|"
    r"the reason(?: why)?(?: (?:i'm|i am) calling)?(?: is)?|"
    r"(?:i|we) (?:just )?want(?:ed)? to (?:ask|know|say|check|tell you)|"
    r"(?:i was wondering|i wanted to (?:ask|know)|do you know|i'd like to know) (?:if|whether|what|"
    r"when|where|how)(?: (?:you|i|we)(?: (?:could|can|would|do))?(?: tell| give| show| help)?"
    r"(?: me| us)?)?|"
    r"(?:if|whether) (?:you|i|we) (?:could|can|would|might)(?: tell| give| show)?(?: me| us)?|"
    r"let me|tell me|"
    r"(?:my|your|our|the|it's|that's)(?: \w+)? (?:number|extension|name|address|account|birthday|"
    r"question)(?: is)?|"
    r"ich (?:möchte|würde|wollte|hätte)|je (?:voudrais|veux)|(?:quiero|quisiera|me gustaría)"
    r")$"
)
"""What a wish or question begins with and cannot be all of."""
_INNER_END = re.compile(r"[.?!,;:](?=\s)")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_UNFINISHED = (
    "的",
    "和",
    "在",
    "因为",
    "但是",
    "我想",
    "如果",
    "就是",
    "那个",
    "然后",
    "还有",
    "是",
)


@lru_cache(maxsize=64)
def judge(text: str, expected: Expected = Expected.ANYTHING, language: str = ENGLISH) -> Judgement:
    """Whether `text`, said in `language` (ISO 639) after the agent asked for what is `expected`,
    is finished."""
    words = plain_words(text)
    if not words:
        return Judgement(Completeness.OPEN, "no words")
    if _CJK.search(text):
        return _judge_cjk(text)
    if number := _judge_number(words, expected):
        return number
    if expected is Expected.YES_NO and _is_answer(words):
        return Judgement(Completeness.ANSWER, "answers yes or no")
    if " ".join(words).endswith(_FINISHED_TAILS) and not _trails_off(text):
        return Judgement(Completeness.COMPLETE, "closing words")
    if lacking := _lacking(text, words):
        return Judgement(Completeness.UNFINISHED, lacking)
    if expected is Expected.ANYTHING and (begun := _only_begun(text, words, language)):
        return begun
    return _judge_sentence(text, words)


def _judge_cjk(text: str) -> Judgement:
    stripped = text.rstrip("。！？.!? ")
    if stripped.endswith(_CJK_UNFINISHED) or text.rstrip().endswith(("，", "、", "…")):
        return Judgement(Completeness.UNFINISHED, "ends with a connecting word")
    if text.rstrip().endswith(("？", "?", "吗", "呢", "吧", "了")):
        return Judgement(Completeness.COMPLETE, "question or closing particle")
    return Judgement(Completeness.OPEN, "sentence without a closing particle")


def _judge_number(words: tuple[str, ...], expected: Expected) -> Judgement | None:
    """A verdict when the caller is in the middle of a number, or has said all of one."""
    signs = trailing_signs(words)
    named = bool(NUMBER_NAMES & set(words)) or spelled(words) or counts(words)
    if not signs:
        if expected is Expected.NUMBER and words[-1] in NUMBER_NAMES | {"is", "it's"}:
            return Judgement(Completeness.UNFINISHED, "the number is still to come")
        return None
    if expected is not Expected.NUMBER and not named:
        return None
    if signs >= FULL_NUMBER_SIGNS:
        return Judgement(Completeness.OPEN, f"{signs} digits may be all")
    return Judgement(Completeness.NUMBER_GOES_ON, f"{signs} digits so far")


def _is_answer(words: tuple[str, ...]) -> bool:
    """ "Yes", "no thanks", "yes please": an answer and little else."""
    return (
        len(words) <= LONGEST_ANSWER and words[0] in ANSWERS and words[-1] not in TRAILING - MAY_END
    )


def _lacking(text: str, words: tuple[str, ...]) -> str | None:
    """What tells that more must come."""
    if _trails_off(text):
        return "trails off"
    if _LEAD_IN.search(" ".join(plain_words(_INNER_END.split(text)[-1]))):
        return "only leads in to what is wanted"
    if dangling := _dangling(text, words):
        return f"ends with “{dangling}”"
    return _missing(text, words)


def _trails_off(text: str) -> bool:
    return text.rstrip().endswith(("...", "…", "-", "–", "—"))


def _dangling(text: str, words: tuple[str, ...]) -> str | None:
    last = words[-1]
    if last not in TRAILING:
        return None
    if (
        last in MAY_END
        and len(words) >= 3
        and (_is_question(text, words) or last in ENDS_STATEMENTS)
    ):
        return None
    return last


def _missing(text: str, words: tuple[str, ...]) -> str | None:
    """What a sentence that ends like this still lacks."""
    last, before = words[-1], words[-2:-1]
    has_object = _OBJECT_IN_FRONT & set(words) or _NO_VERB_BEHIND & set(before)
    if last in NEEDS_OBJECT and before and not has_object:
        return f"“{last}” what is still to come"
    if _is_question(text, words):
        return "what it is asked about" if _asks_nothing(words) else None
    if last.endswith("ly") and last not in LIKE_ADVERBS and before and before[0] in BE:
        return f"“{before[0]} {last}” leads in to something"
    if last in DESCRIBES and before and (before[0] in ONE_DIGIT or _has_something(words)):
        return f"“{before[0]} {last}” of something"
    if text.rstrip()[-1:] in ".!" and len(words) > 1:
        return None
    if last in CODE_NAMES:
        return "the number is still to come"
    if len(words) >= _SHORTEST_CLAUSE and not _INNER_END.search(text) and _opens_a_clause(words):
        return "only the first half of a sentence"
    return None


def _asks_nothing(words: tuple[str, ...]) -> bool:
    """ "Is the parking?"; but "Is it?" and "Is the office open?" are questions."""
    return len(words) == 3 and words[0] in BE and words[1] in ARTICLES


def _has_something(words: tuple[str, ...]) -> bool:
    """ "We have … new"; but "The one we have is new"."""
    return not HAVE.isdisjoint(words) and BE.isdisjoint(words)


_OBJECT_IN_FRONT = frozenset(
    ("what", "which", "who", "that", "whatever", "all", "everything", "where", "when", "how", "why")
)
"""With one of these in front a verb's object has been said: "I know what to press." """
_NO_VERB_BEHIND = BE | frozenset(("as", "the", "a", "an", "in", "of", "no", "my", "your", "it"))
"""Behind these it is no verb, or a passive one: "the cost", "it was sent". """
_SHORTEST_CLAUSE = 4


def _opens_a_clause(words: tuple[str, ...]) -> bool:
    """ "If this is correct,", "To call this number,"; but "To the station," may be all."""
    return words[0] in LEADS_IN or (words[0] == "to" and words[1] not in TRAILING)


def _is_question(text: str, words: tuple[str, ...]) -> bool:
    return text.rstrip().endswith("?") or words[0] in QUESTION_STARTS


def _only_begun(text: str, words: tuple[str, ...], language: str) -> Judgement | None:
    """ "My appointment", "It hurts.": where nobody asked, few people say so and no more."""
    if words[0] in ANSWERS or " ".join(words) in CLOSINGS or ASSENT.issuperset(words):
        return None
    if _is_question(text, words) or not TAKES_THE_WORD.isdisjoint(words):
        return None
    if language == ENGLISH and not has_verb(words):
        return Judgement(Completeness.FRAGMENT, "no verb, and nothing was asked")
    if 1 < len(words) <= LONGEST_BRIEF and text.rstrip().endswith("."):
        return Judgement(Completeness.OPEN, "brief, and nothing was asked")
    return None


def _judge_sentence(text: str, words: tuple[str, ...]) -> Judgement:
    end = text.rstrip()[-1:]
    if end == ",":
        return _after_comma(words)
    if end in "?!" and len(words) >= 2:
        return Judgement(Completeness.COMPLETE, "question or exclamation")
    if len(words) == 1 and words[0] not in ANSWERS:
        return Judgement(Completeness.OPEN, "one word")
    if words[0] in ANSWERS and len(words) <= LONGEST_ANSWER:
        return Judgement(Completeness.COMPLETE, "an answer")
    if end == "." or words[0] in ANSWERS:
        return Judgement(Completeness.STATEMENT, "whole sentence")
    return Judgement(Completeness.OPEN, "no closing punctuation")


def _after_comma(words: tuple[str, ...]) -> Judgement:
    """Recognisers write a comma where the voice does not fall, which is often the end."""
    if words[0] in ANSWERS or " ".join(words) in CLOSINGS:
        return Judgement(Completeness.COMPLETE, "an answer or a farewell")
    return Judgement(Completeness.OPEN, "the voice did not fall")

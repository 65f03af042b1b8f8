"""What turn-taking knows of a language: words and endings, as data. Pure.

Every field's default is what holds where nothing is known, so `Grammar()` judges by punctuation,
figures and length alone. An entry never decides by itself: `completeness`, `signs`, `backchannel`
and `question` say what a word in its place means. Words are in lower case.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.conversation.words import plain_words, words

__all__ = [
    "Asking",
    "Grammar",
    "Listening",
    "Numbers",
    "Verbs",
    "any_of",
    "forms_of",
    "phrases",
    "words",
]

Words: TypeAlias = frozenset[str]
NONE: Words = frozenset()
HUMS = words("mm mmm mhm mmhm mm-hm mm-hmm hm hmm")
HUMMED_ASSENT = words("mhm mmhm mm-hm mm-hmm")
"""As recognisers write them in any language."""
NEVER = re.compile(r"(?!)")
"""Matches nothing."""


def any_of(*patterns: str) -> re.Pattern[str]:
    """One of the `patterns` between the borders of words, in any case."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def phrases(text: str) -> Words:
    """The phrases of `text`, between its bars."""
    return frozenset(text.split("|"))


def forms_of(stems: str, endings: str) -> Words:
    """Every one of `stems` with every one of `endings`; "-" is none."""
    return frozenset(
        stem + ending.removeprefix("-") for stem in stems.split() for ending in endings.split()
    )


def _itself(word: str) -> tuple[str, ...]:
    return (word,)


@dataclass(frozen=True, slots=True)
class Verbs:
    """How a verb is told, without a tagger: by lists, endings and its place."""

    forms: Words
    """Verbs wherever they stand."""
    bases: Callable[[str], tuple[str, ...]] = _itself
    """What a word may be a form of."""
    stems: Words = NONE
    """A word with one of these as its base is a verb."""
    nouns_too: Words = NONE
    """Bases that are verbs only behind one of `subjects`, in front of one of `objects`, or with one
    of `verbal_endings`."""
    subjects: Words = NONE
    objects: Words = NONE
    verbal_endings: tuple[str, ...] = ()
    short_forms: tuple[str, ...] = ()
    """Endings that hold a verb of their own: "they'll"."""
    endings: tuple[str, ...] = ()
    """How verbs end that no list has."""
    final_endings: tuple[str, ...] = ()
    """How a verb may end that is the last word of its clause."""
    infinitive_endings: tuple[str, ...] = ()
    """How those end that one of `Grammar.modals` wants."""
    others: Words = NONE
    """They end like verbs and are none."""
    implied_behind: Words = NONE
    """Subjects and objects that stand directly in front of a verb, whatever it is."""
    longest_without: int | None = None
    """So many words without a known verb are a fragment; of more the verb is just not known."""
    not_implied: Words = NONE
    """Words that may stand between, or break it off: "I and my wife". """


@dataclass(frozen=True, slots=True)
class Numbers:
    """Digits and letters that are said one by one."""

    digits: Mapping[str, int] = field(default_factory=dict)
    """The words of digits and small numbers, with how many digits each is."""
    one_digit: Words = NONE
    joints: Words = NONE
    """Words inside a number: the "y" of "treinta y cuatro"."""
    letter_names: Words = NONE
    """What letters are called: "efe", "hache"."""
    letter_words: Words = NONE
    """Words of one letter: alone they spell nothing."""
    spelled_as: Words = NONE
    """Between a letter and what it is the first of: "M wie Martha"."""
    no_number: frozenset[tuple[str, ...]] = frozenset()
    """Last words that look like digits or letters and are none: "p m"."""
    names: Words = NONE
    """What a number that is said digit by digit is called."""
    code_names: Words = NONE
    """Those that nobody ends with when the voice has not fallen."""
    leads: Words = NONE
    """Last words in front of a number that was asked for: "It's"."""
    counts: Words = NONE
    """Words after which a number counts something that is still to be named."""
    whole: int = 7
    """So many digits may be a whole telephone number, order or account."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What people say while somebody else has the word."""

    hums: Words = HUMS
    """Sounds of listening or thinking."""
    hummed_assent: Words = HUMMED_ASSENT
    """Hums that also mean yes or no."""
    misheard_hums: Words = NONE
    """What recognisers are known to make of hums."""
    assent: Words = NONE
    """Words that, alone or together, only say: I am listening."""
    phrases: Words = NONE
    """The same in several words."""
    ghosts: Words = NONE
    """What recognisers are known to make of a cough or of music."""
    takes_the_word: Words = NONE
    """Words after which nobody wants the agent to go on, even as the only ones."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How the agent's own questions tell what they ask for. `number`, `asks_to_say`, `invites` and
    `spelled` are searched in its last sentence."""

    number: re.Pattern[str] = NEVER
    """What is answered by digits or letters."""
    spelled: re.Pattern[str] = NEVER
    """What is not answered by digits only."""
    yes_no: re.Pattern[str] = NEVER
    """What a question that wants a yes or no holds."""
    tag: re.Pattern[str] = NEVER
    """The same at its end: "is that right?" """
    open: re.Pattern[str] = NEVER
    """What a question begins with that is no such question."""
    asks_to_say: re.Pattern[str] = NEVER
    """Asks for something without a question mark, or inside a yes/no question."""
    asks_for: re.Pattern[str] = NEVER
    """Asks for a few words without a question mark."""
    invites: re.Pattern[str] = NEVER
    """Asks what somebody wants, which takes a sentence: "How can I help you?" """
    or_: str | None = None
    """Stands in front of the last of several options, with its spaces."""
    between: re.Pattern[str] = NEVER
    """Separates the others."""
    or_not: str = ""
    leads_to_options: re.Pattern[str] = NEVER
    """What precedes the first option."""
    asks_to_choose: re.Pattern[str] = NEVER
    no_option: re.Pattern[str] = NEVER
    """Is in what cannot be said alone."""
    article: re.Pattern[str] = NEVER
    """What an option loses in front."""
    yes_and_no: Words = NONE


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language, as far as turn-taking needs it."""

    split: Callable[[str], tuple[str, ...]] = plain_words
    """A text's words."""
    joint: str = " "
    """What stands between two words."""
    verbs: Verbs | None = None
    """None: verbs cannot be told, so nothing is missed where there is none."""
    numbers: Numbers = field(default_factory=Numbers)
    listening: Listening = field(default_factory=Listening)
    asking: Asking = field(default_factory=Asking)

    answers: Words = NONE
    """Words that begin an answer to a yes/no question."""
    whole_answers: Words = NONE
    """The same in other words, which are an answer only if they are all."""
    breaks_answers: Words = NONE
    """An answer that ends with one of these has been broken off: "no, it's"."""
    negators: Words = NONE
    """Those of `answers` that in front of a verb are only its negation."""
    closings: Words = NONE
    """What a conversation opens or ends with, all by itself."""
    finished_tails: tuple[str, ...] = ()
    """Last words behind which nothing is to come."""

    trailing: Words = NONE
    """What a sentence does not end with: conjunctions, articles, prepositions, auxiliaries,
    hesitations."""
    may_end: Words = NONE
    """Those of them that also end good questions: "What is it about?" """
    ends_statements: Words = NONE
    """Those of `may_end` that end statements too."""
    completed_by: Mapping[str, Words] = field(default_factory=dict)
    """Those of `trailing` that end a sentence with one of these words in front: the "an" of
    "Ich rufe Sie morgen an"."""
    lead_in: re.Pattern[str] = NEVER
    """What a wish or question begins with and cannot be all of, to its end; is searched in the
    words since the last comma."""
    first_halves: Words = NONE
    """What a clause begins with that is only the first half of a sentence."""
    purposes: Words = NONE
    """The same, unless one of `trailing` follows: "to call this number"."""
    clause_openers: Words = NONE
    """What a clause begins with that has a verb of its own."""
    modals: Words = NONE
    """Verbs that want a second one behind what it is done to, which is one of `modal_objects` and
    no part of an expression with one of `prepositions`."""
    modal_objects: Words = NONE
    prepositions: Words = NONE
    needs_object: Words = NONE
    """Verbs that do not end a statement: what they are done to is still to come. Forms that are
    participles too are none of them: "as dialed", "it is lost"."""
    object_in_front: Words = NONE
    """With one of these in front a verb's object has been said: "I know what to press." """
    no_verb_behind: Words = NONE
    """Behind these one of `needs_object` is no verb, or a passive one: "the cost"."""
    describes: Words = NONE
    """Behind a number these belong to something that is still to be named: "two new …"."""
    be: Words = NONE
    have: Words = NONE
    articles: Words = NONE
    leading_adverbs: re.Pattern[str] = NEVER
    """Adverbs that behind one of `be` lead in to something: "is currently"."""

    question_starts: Words = NONE
    question_words: Words = NONE
    """They make a question wherever they stand."""
    questions: re.Pattern[str] = NEVER
    """How a question begins that its first word does not tell."""
    question_ends: Words = NONE
    """They make a question where they stand last."""
    statement_ends: Words = NONE
    """Last words that close a sentence as a full stop does."""

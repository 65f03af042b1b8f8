"""Every grammar holds together: no entry that could never decide anything."""

from collections.abc import Iterable

import pytest

from gateway.conversation.grammar import Grammar
from gateway.conversation.grammars import GRAMMARS, grammar_of

EACH = pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)


@EACH
def test_exceptions_are_exceptions_to_something(grammar: Grammar) -> None:
    assert grammar.may_end <= grammar.trailing
    assert grammar.ends_statements <= grammar.may_end
    assert grammar.completed_by.keys() <= grammar.trailing
    assert grammar.negators <= grammar.answers
    assert grammar.numbers.code_names <= grammar.numbers.names
    assert grammar.numbers.one_digit <= grammar.numbers.digits.keys()
    assert grammar.listening.hummed_assent <= grammar.listening.hums


@EACH
def test_each_word_is_one_that_a_text_can_have(grammar: Grammar) -> None:
    listed: Iterable[Iterable[str]] = (
        grammar.trailing, grammar.answers, grammar.first_halves, grammar.clause_openers,
        grammar.needs_object, grammar.object_in_front, grammar.no_verb_behind,
        grammar.question_starts, grammar.question_words, grammar.question_ends,
        grammar.statement_ends, grammar.numbers.digits, grammar.numbers.names,
        grammar.numbers.counts, grammar.listening.hums, grammar.listening.assent,
        grammar.listening.takes_the_word, *grammar.completed_by.values(),
    )  # fmt: skip
    assert [word for each in listed for word in each if grammar.split(word) != (word,)] == []


@EACH
def test_each_phrase_is_one_that_a_text_can_have(grammar: Grammar) -> None:
    phrases = (
        *grammar.whole_answers, *grammar.closings, *grammar.finished_tails,
        *grammar.listening.phrases,
    )  # fmt: skip
    assert [each for each in phrases if grammar.joint.join(grammar.split(each)) != each] == []


def test_a_language_is_found_by_any_of_its_tags() -> None:
    assert grammar_of("de-CH") is GRAMMARS["de"]
    assert grammar_of("cmn-Hans-CN") is GRAMMARS["zh"]
    assert grammar_of("pl-PL") == Grammar()

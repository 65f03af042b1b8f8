"""Whether callers have finished, in each language, as recognisers write it.

A row is what was heard, what may be said of it, and what the agent had asked. HELD_BACK was
written with FIRST, LATER when the grammars were done; what they scored before anything was mended
for them is in docs/turns.md.
"""

from collections.abc import Iterator, Sequence

import pytest

from gateway.conversation.completeness import Completeness, judge
from gateway.conversation.question import expected_after
from tests.gateway.conversation.telephone import (
    chinese,
    english,
    french,
    german,
    portuguese,
    spanish,
)

TABLES = (chinese, english, french, german, portuguese, spanish)
VERDICTS = {each.value: each for each in Completeness} | {"number": Completeness.NUMBER_GOES_ON}


def row(language: str, line: str) -> tuple[str, str, Sequence[str], str]:
    said, verdicts, *asked = (part.strip() for part in line.split(" | "))
    return language, said, verdicts.split(), "".join(asked)


ROWS = [
    row(table.LANGUAGE, line)
    for table in TABLES
    for lot in (table.FIRST, table.HELD_BACK, table.LATER)
    for line in lot.strip().splitlines()
]


@pytest.mark.parametrize(("language", "said", "verdicts", "asked"), ROWS)
def test_who_has_finished(language: str, said: str, verdicts: Sequence[str], asked: str) -> None:
    judgement = judge(said, expected_after(asked, language), language)
    assert judgement.completeness in [VERDICTS[each] for each in verdicts], judgement


def lines(lot: str) -> Iterator[str]:
    """With and without marks and capitals."""
    for line in lot.strip().splitlines():
        yield from (line, line.lower().rstrip(".?。？ "))


OTHERS = [table for table in TABLES if table is not english]
WHOLE = [(table.LANGUAGE, line) for table in OTHERS for line in lines(table.WHOLE)]
BEGUN = [(table.LANGUAGE, line) for table in OTHERS for line in lines(table.BEGUN)]


@pytest.mark.parametrize(("language", "said"), WHOLE)
def test_a_whole_sentence_is_not_waited_for(language: str, said: str) -> None:
    assert judge(said, language=language).completeness in (
        Completeness.COMPLETE, Completeness.STATEMENT, Completeness.OPEN,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "said"), BEGUN)
def test_a_few_words_that_nobody_asked_for_are_waited_for(language: str, said: str) -> None:
    assert judge(said, language=language).completeness in (
        Completeness.FRAGMENT, Completeness.UNFINISHED,
    )  # fmt: skip


@pytest.mark.xfail(strict=True, reason="English grammar does not know better")
@pytest.mark.parametrize(
    ("language", "said", "verdicts", "asked"),
    [row("en", line) for line in english.KNOWN_WRONG.strip().splitlines()],
)
def test_who_has_not_finished_though_it_seems_so(
    language: str, said: str, verdicts: Sequence[str], asked: str
) -> None:
    test_who_has_finished(language, said, verdicts, asked)

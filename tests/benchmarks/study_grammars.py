"""Sentences cut at every word: how many of the pieces are waited for, and what judging costs.

    python -m tests.benchmarks.study_grammars

A piece is what a recogniser would give in a pause at that word, without marks. No language can have
all of them waited for: many pieces are whole sentences ("I need to cancel"). Two seconds.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter

import click

from gateway.conversation.completeness import Completeness, judge
from gateway.conversation.grammars import GRAMMARS, grammar_of
from gateway.conversation.question import Expected
from tests.benchmarks import running_speech
from tests.gateway.conversation.telephone import chinese, french, german, portuguese, spanish

WAITED_FOR = (Completeness.FRAGMENT, Completeness.UNFINISHED, Completeness.NUMBER_GOES_ON)
SENTENCES = {"en": [sentence.replace(" | ", " ") for sentence in running_speech.SENTENCES]} | {
    table.LANGUAGE: table.WHOLE.strip().splitlines()
    for table in (chinese, french, german, portuguese, spanish)
}
REPEATS = 20


def pieces(sentence: str, language: str) -> Iterator[str]:
    """`sentence` up to each of its words but the last."""
    grammar = grammar_of(language)
    words = grammar.split(sentence)
    for count in range(1, len(words)):
        yield grammar.joint.join(words[:count])


def cost(texts: Sequence[str], language: str) -> float:
    """Seconds that judging takes for each of `texts`, the best of some runs."""
    taken: list[float] = []
    for _ in range(REPEATS):
        began = perf_counter()
        for text in texts:
            judge.__wrapped__(text, Expected.ANYTHING, language)
        taken.append(perf_counter() - began)
    return min(taken) / len(texts)


@click.command()
def main() -> None:
    """Print the share of pieces that are waited for, by language."""
    for language in GRAMMARS:
        cut = [piece for each in SENTENCES[language] for piece in pieces(each, language)]
        waited = [judge(piece, language=language).completeness in WAITED_FOR for piece in cut]
        microseconds = cost(SENTENCES[language], language) * 1e6
        click.echo(
            f"{language}: {sum(waited)} of {len(cut)} pieces are waited for "
            f"({sum(waited) / len(cut):.0%}); {microseconds:.0f} µs to judge a sentence"
        )


if __name__ == "__main__":
    main()

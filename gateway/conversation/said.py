"""A text as it is judged: in words, and with what its marks say. Pure."""

import re
from dataclasses import dataclass

from gateway.conversation.grammar import Grammar
from gateway.conversation.verbs import is_verb_form

_INNER_END = re.compile(r"[.?!,;:](?=\s)|[。？！，；：、](?=.)")
_NARROW = str.maketrans("。｡\uff0e！？；，、：؟।", "...!?;,,:?.")
"""Marks of other scripts, as those they stand for."""


@dataclass(frozen=True, slots=True)
class Said:
    """`whole` are its words together, `part` those since the last mark inside, `end` is the last
    character."""

    text: str
    grammar: Grammar
    words: tuple[str, ...]
    whole: str
    part: str
    end: str

    @property
    def broken(self) -> bool:
        """Whether there is a mark inside."""
        return len(self.part) < len(self.whole)

    @property
    def trails_off(self) -> bool:
        return self.text.endswith(("...", "…", "-", "–", "—"))

    @property
    def question(self) -> bool:
        return (
            self.end == "?"
            or self.words[0] in self.grammar.question_starts
            or self.words[-1] in self.grammar.question_ends
            or not self.grammar.question_words.isdisjoint(self.words)
            or self.grammar.questions.match(self.whole) is not None
        )

    @property
    def begins_as_answer(self) -> bool:
        """ "Yes", "no thanks", but not the "no" of "no puedo"."""
        answers, negators = self.grammar.answers, self.grammar.negators
        if self.words[0] not in answers:
            return False
        negates = self.words[0] in negators and len(self.words) > 1 and not self.broken
        verbs = self.grammar.verbs
        return not (negates and verbs is not None and is_verb_form(self.words[1], verbs))

    @property
    def is_greeting(self) -> bool:
        return self.whole in self.grammar.closings


def understand(text: str, grammar: Grammar) -> Said:
    """`text` in the words of `grammar`."""
    text = text.rstrip()
    words, end = grammar.split(text), text[-1:].translate(_NARROW)
    whole = part = grammar.joint.join(words)
    if _INNER_END.search(text):
        part = grammar.joint.join(grammar.split(_INNER_END.split(text)[-1]))
    return Said(text, grammar, words, whole, part, end)

"""Sentences that have to be heard to their end, whatever the caller does. Pure."""

from collections.abc import Sequence


def holds(sentences: Sequence[str], said: str, heard: str) -> bool:
    """Whether `said`, of which `heard` (its beginning) was heard, has one of `sentences` that was
    not heard to its end."""
    for sentence in sentences:
        begin = said.find(sentence)
        if begin >= 0 and len(heard) < begin + len(sentence):
            return True
    return False

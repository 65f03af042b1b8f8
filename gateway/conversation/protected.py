"""Sentences that have to be heard to their end, whatever the caller does. Pure."""

from collections.abc import Callable, Sequence


def holds(sentences: Sequence[str], said: str, heard: Callable[[], str]) -> bool:
    """Whether `said` has one of `sentences` that was not heard to its end; `heard` works out how
    much of it was, which is only asked where there is one."""
    ends = [said.find(each) + len(each) for each in sentences if each in said]
    return bool(ends) and len(heard()) < max(ends)

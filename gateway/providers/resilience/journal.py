"""What happened to providers during one call, told to whoever keeps that call's record.

The call is known by its context, as its purse is: a conversation sets its journal for itself and
its tasks (`telling`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.kinds import Kind


class What(StrEnum):
    """What happened."""

    CHOSEN = "chosen"
    """Another provider than the first in the list was asked first."""
    FAILED = "failed"
    STEPPED_IN = "stepped_in"
    """It went on where another one had failed."""
    RETRIED = "retried"
    HEDGED = "hedged"
    """It was asked too because another one was slow."""
    REOPENED = "reopened"
    """A stream that had died, or was about to reach its limit, was opened again."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something out of the ordinary. `because` never holds what was said."""

    kind: Kind
    provider: str
    what: What
    because: str


class Journal(Protocol):
    """One call's record, as far as providers write in it."""

    def incident(self, incident: Incident, /) -> None: ...


_JOURNAL: ContextVar[Journal | None] = ContextVar("journal", default=None)


@contextmanager
def telling(journal: Journal) -> Iterator[None]:
    """Inside, and in the tasks begun inside, `journal` is told."""
    token = _JOURNAL.set(journal)
    try:
        yield
    finally:
        _JOURNAL.reset(token)


def tell(incident: Incident) -> None:
    """Have it written down, if this is part of a call."""
    if (journal := _JOURNAL.get()) is not None:
        journal.incident(incident)

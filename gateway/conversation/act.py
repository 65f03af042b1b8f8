"""Something the agent does in one go: an answer, a phrase, a way out. At most one at a time."""

import asyncio
from typing import Protocol

from gateway.conversation.record import AgentTurn
from gateway.conversation.utterance import Utterance


class Act(Protocol):
    """`run` ends when all that was said has been heard. Cancelled, it stops where it is.

    `certain` lets it out: before it is set nothing is heard, done or remembered. `finished` says
    that the conversation is over with it, `protected` that the caller cannot cut it.

    When `run` has ended or was cancelled, `settle` waits for what cannot be torn off, and `close`
    writes down what became of the act: once, when it is known what was heard.
    """

    utterance: Utterance
    turn: AgentTurn
    certain: asyncio.Event
    finished: bool

    @property
    def protected(self) -> bool: ...

    async def run(self) -> None: ...
    async def settle(self) -> None: ...
    def close(self, *, interrupted: bool) -> None: ...

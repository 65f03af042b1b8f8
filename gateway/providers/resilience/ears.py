"""Several recognisers as one that stays up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.providers.base import SpeechToText
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.hearing import Hearing


class SteadyEar:
    """SpeechToText by the first of `ears` that hears; all are fed at the first one's `rate`, and
    each hears its own.

    `open` never fails: what goes wrong goes wrong in mid-call, where it is dealt with.
    """

    stream_limit = None

    def __init__(self, ears: Sequence[Candidate[SpeechToText]], board: Board) -> None:
        self.name, self.rate = ears[0].name, ears[0].provider.rate
        self._ears = ears
        self._board = board

    async def warm(self) -> None:
        await self._board.warm(self._ears)

    async def close(self) -> None:
        for each in self._ears:
            await each.provider.close()

    @asynccontextmanager
    async def open(self, *, language: str, keyterms: Sequence[str] = ()) -> AsyncIterator[Hearing]:
        self._board.wake()
        ears = sorted(self._ears, key=lambda each: not each.health.serves(language))
        hearing = Hearing(ears, self.rate, language=language, keyterms=keyterms)
        try:
            async with asyncio.TaskGroup() as tasks:
                work = tasks.create_task(hearing.run())
                try:
                    yield hearing
                finally:
                    hearing.close()
                    work.cancel()
        except BaseExceptionGroup as group:
            # the call's own error goes through as it came, not as a group of one
            raise group.exceptions[0] from group.exceptions[0].__cause__

"""A voice that is ahead of the ear is taken in larger pieces: what is done with one costs the same.

Vendors send a tenth of a second or less at a time, several times faster than it is heard. The
first piece goes on at once. After it, what comes is kept together as long as what went on before
lasts, so that nobody hears a difference.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from itertools import takewhile

from gateway.errors import ProviderError
from gateway.providers.base import SpeechChunk
from gateway.providers.patience import Patience
from gateway.providers.streams import closing

PIECE_SECONDS = 1.0
"""What is done with a longer one holds up everybody else's voice for too long."""
SPARE_SECONDS = 0.3
"""When no more of what went on is left to be heard, what is there goes on, however little."""
MOST_SECONDS = 2.0
"""That wait to be taken; then the voice waits."""


async def in_large_pieces(chunks: AsyncIterator[SpeechChunk]) -> AsyncGenerator[SpeechChunk]:
    """The same audio, words and end as `chunks`, in fewer pieces; what has come before an error
    goes on before it. Leaving early closes `chunks`."""
    with Patience() as patience:
        basket = _Basket(asyncio.get_running_loop().time, patience)
        try:
            async with asyncio.TaskGroup() as tasks:
                filling = tasks.create_task(basket.fill(chunks))
                try:
                    while (piece := await basket.take()) is not None:
                        yield piece
                finally:
                    filling.cancel()
        except BaseExceptionGroup as group:
            # whatever ended it goes through as it came, not as a group of one
            raise group.exceptions[0] from None


class _Basket:
    """What has come of one utterance and has not gone on."""

    def __init__(self, clock: Callable[[], float], patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._chunks: list[SpeechChunk] = []
        self._seconds = 0.0
        self._lasts_until: float | None = None
        """When all that went on has been heard, if it was heard at once."""
        self._over = False
        self._error: ProviderError | None = None
        self._look = asyncio.Event()
        self._room = asyncio.Event()

    async def fill(self, chunks: AsyncIterator[SpeechChunk]) -> None:
        try:
            async with closing(chunks) as coming:
                async for chunk in coming:
                    await self._put(chunk)
        except ProviderError as error:
            self._error = error
        self._over = True
        self._look.set()

    async def take(self) -> SpeechChunk | None:
        """The next piece, when it is time for it; None at the end."""
        while (left := self._left()) > 0:
            self._look.clear()
            with suppress(TimeoutError):
                await self._patience.wait(self._look.wait(), left)
        if self._chunks:
            return self._joined()
        if self._error is not None:
            raise self._error
        return None

    async def _put(self, chunk: SpeechChunk) -> None:
        self._chunks.append(chunk)
        self._seconds += chunk.seconds
        # Who takes is to know that there is something now, and when it is time.
        if len(self._chunks) == 1 or self._left() <= 0:
            self._look.set()
        if self._seconds >= MOST_SECONDS:
            self._room.clear()
            await self._room.wait()

    def _left(self) -> float:
        """For how long what is there may be kept together; forever while nothing is."""
        if self._over or self._seconds >= PIECE_SECONDS:
            return 0.0
        if not self._chunks:
            return float("inf")
        if self._lasts_until is None:
            return 0.0
        return self._lasts_until - SPARE_SECONDS - self._clock()

    def _joined(self) -> SpeechChunk:
        form = self._chunks[0].format
        alike = list(takewhile(lambda chunk: chunk.format == form, self._chunks))
        del self._chunks[: len(alike)]
        piece = SpeechChunk(
            b"".join(chunk.audio for chunk in alike),
            form,
            tuple(word for chunk in alike for word in chunk.words),
            stand_in=any(chunk.stand_in for chunk in alike),
        )
        now = self._clock()
        self._lasts_until = max(self._lasts_until or now, now) + piece.seconds
        self._seconds = sum(chunk.seconds for chunk in self._chunks)
        self._room.set()
        return piece

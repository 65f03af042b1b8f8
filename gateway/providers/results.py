"""What an ear has understood, on its way to whoever reads it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from gateway.errors import GatewayError
from gateway.providers.base import Transcript

MOST_UNREAD = 64
"""Each transcript replaces the ones before it, so the oldest is the one that nobody misses."""


class Results:
    """The transcripts of one call. `put` and `close` return at once; one reader at a time."""

    def __init__(self) -> None:
        self.closed = False
        self._unread: deque[Transcript | GatewayError] = deque(maxlen=MOST_UNREAD)
        self._something = asyncio.Event()

    def put(self, result: Transcript | GatewayError) -> None:
        """An error ends the reading: the ear is lost."""
        self._unread.append(result)
        self._something.set()

    def close(self) -> None:
        """`read` ends once all is read."""
        self.closed = True
        self._something.set()

    async def read(self) -> AsyncGenerator[Transcript]:
        """All results in their order, as they come. Raises an error that was put among them."""
        while True:
            while self._unread:
                result = self._unread.popleft()
                if isinstance(result, GatewayError):
                    raise result
                yield result
            if self.closed:
                return
            self._something.clear()
            await self._something.wait()

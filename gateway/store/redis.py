"""The store that gateways share, and that outlives them: Redis, never waited for.

A call hears nothing of a Redis that is slow or gone: a question has a deadline of a few frames,
and after a failure the store is not asked again for a moment, so that not even that is paid for
each phrase.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.errors import StoreError

ANSWER_SECONDS = 0.015
"""Deadline of a `get`; with what the loop adds, a miss costs less than 20 ms."""
WRITE_SECONDS = 1.0
REST_SECONDS = 1.0
"""After a failure the server is left alone for so long."""
MOST_VALUE_BYTES = 4 * 1024 * 1024
MOST_CONNECTIONS = 8
PREFIX = "voice-gateway:"

Result = TypeVar("Result")


class RedisStore:
    """A Store on a Redis server. `clock` gives monotonic seconds."""

    def __init__(
        self, client: Redis, clock: Callable[[], float], *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self.failures = 0
        self._answer_seconds = answer_seconds
        self._client = client
        self._clock = clock
        self._rests_until = float("-inf")

    def __repr__(self) -> str:
        return f"<RedisStore {self.failures} failures>"

    async def get(self, key: str, /) -> bytes | None:
        value = await self._ask(self._client.get(PREFIX + key), self._answer_seconds)
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None:
        if len(value) <= MOST_VALUE_BYTES:
            await self._ask(self._set(key, value, seconds), WRITE_SECONDS)

    async def delete(self, key: str, /) -> None:
        await self._ask(self._client.delete(PREFIX + key), WRITE_SECONDS)

    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
        both = self._client.pipeline(transaction=True)
        both.incrby(PREFIX + key, amount)
        both.pexpire(PREFIX + key, max(1, round(seconds * 1000)))
        answers = await self._ask(both.execute(), WRITE_SECONDS)
        return answers[0] if answers and isinstance(answers[0], int) else None

    async def read(self, key: str, /) -> bytes | None:
        value = await self._answer(self._client.get(PREFIX + key), WRITE_SECONDS)
        return value if isinstance(value, bytes) else None

    async def keep(self, key: str, value: bytes, /, *, seconds: float) -> None:
        if len(value) > MOST_VALUE_BYTES:
            raise StoreError(f"{len(value)} bytes are more than may be kept")
        if self._rests:
            raise StoreError("it failed a moment ago")
        await self._answer(self._set(key, value, seconds), WRITE_SECONDS)

    def _set(self, key: str, value: bytes, seconds: float) -> Awaitable[object]:
        return self._client.set(PREFIX + key, value, px=max(1, round(seconds * 1000)))

    @property
    def _rests(self) -> bool:
        return self._clock() < self._rests_until

    async def _ask(self, question: Awaitable[Result], deadline: float) -> Result | None:
        """The server's answer, or None when there is none in time."""
        if self._rests:
            _leave(question)
            return None
        try:
            return await self._answer(question, deadline)
        except StoreError:
            return None

    async def _answer(self, question: Awaitable[Result], deadline: float) -> Result:
        """The server's answer. Raises StoreError when there is none in time."""
        try:
            async with asyncio.timeout(deadline):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            self.failures += 1
            self._rests_until = self._clock() + REST_SECONDS
            raise StoreError(str(error) or f"no answer in {deadline:g} s") from error


def _leave(question: Awaitable[object]) -> None:
    """A coroutine that will not be awaited is closed, so that nobody wonders about it."""
    if asyncio.iscoroutine(question):
        question.close()


@asynccontextmanager
async def connected(
    url: str, clock: Callable[[], float], *, answer_seconds: float = ANSWER_SECONDS
) -> AsyncIterator[RedisStore]:
    """A store on the server at `url`. Connections are made when needed, and made again after a
    failure; a server that is not there yet is no error."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=WRITE_SECONDS,
        socket_connect_timeout=WRITE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    client = Redis.from_pool(pool)
    try:
        yield RedisStore(client, clock, answer_seconds=answer_seconds)
    finally:
        await client.aclose()

"""Which store a gateway has."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.config import Store
from gateway.store import redis
from gateway.store.base import Store as Kept
from gateway.store.memory import MemoryStore


@asynccontextmanager
async def open_store(settings: Store) -> AsyncIterator[Kept]:
    """Redis where the settings name one, else this process's memory."""
    if settings.redis_url is None:
        yield MemoryStore(time.monotonic)
        return
    async with redis.connected(settings.redis_url.get_secret_value(), time.monotonic) as store:
        yield store

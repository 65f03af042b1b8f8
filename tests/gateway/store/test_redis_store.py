"""A Redis that is slow, gone or talks nonsense is a miss, and soon not even asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.errors import StoreError
from gateway.store import redis
from gateway.store.redis import ANSWER_SECONDS, REST_SECONDS, WRITE_SECONDS

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(client: Client) -> AsyncIterator[str]:
    async with await asyncio.start_server(client, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"redis://127.0.0.1:{port}/0"


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 10)
    await reader.read()
    writer.close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("client", [silent, nonsense])
async def test_a_server_that_does_not_answer_is_a_miss(client: Client) -> None:
    async with server(client) as url, redis.connected(url, Clock()) as store:
        assert await store.get("a") is None
        assert store.failures == 1


async def test_a_server_that_is_gone_is_a_miss() -> None:
    async with server(silent) as url:
        pass
    async with redis.connected(url, Clock()) as store:
        assert await store.get("a") is None
        await store.put("a", b"1", seconds=1)
        assert await store.add("a", 1, seconds=1) is None
        assert store.failures == 1


@pytest.mark.virtual_time
async def test_a_silent_server_costs_its_deadline_and_then_nothing_for_a_while() -> None:
    loop = asyncio.get_running_loop()
    async with server(silent) as url, redis.connected(url, loop.time) as store:
        began = loop.time()
        await store.get("a")
        assert loop.time() - began <= ANSWER_SECONDS + 1e-6
        before = loop.time()
        await store.get("a")
        assert loop.time() == before
        await asyncio.sleep(REST_SECONDS)
        before = loop.time()
        await store.get("a")
        assert loop.time() > before
        assert store.failures == 2


async def test_what_must_not_be_lost_says_that_it_was_not_kept() -> None:
    clock = Clock()
    async with server(silent) as url:
        pass
    async with redis.connected(url, clock) as store:
        with pytest.raises(StoreError):
            await store.keep("a", b"1", seconds=1)
        with pytest.raises(StoreError, match="a moment ago"):
            await store.keep("a", b"1", seconds=1)
        assert store.failures == 1
        with pytest.raises(StoreError):
            await store.read("a")
        assert store.failures == 2
        clock.now += REST_SECONDS
        with pytest.raises(StoreError, match="more than"):
            await store.keep("a", bytes(redis.MOST_VALUE_BYTES + 1), seconds=1)


@pytest.mark.virtual_time
async def test_what_must_not_be_missed_is_waited_for_longer() -> None:
    loop = asyncio.get_running_loop()
    async with server(silent) as url, redis.connected(url, loop.time) as store:
        began = loop.time()
        with pytest.raises(StoreError):
            await store.read("a")
        assert loop.time() - began >= WRITE_SECONDS

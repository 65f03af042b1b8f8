"""One suite for every store: what memory promises a real Redis keeps, and the other way round."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from gateway.lab.redis import PrivateRedis
from gateway.store import redis
from gateway.store.base import Store
from gateway.store.memory import MemoryStore


@dataclass(frozen=True)
class Kind:
    """A store, and another view on what it holds (a second gateway's)."""

    store: Store
    other: Store


@pytest_asyncio.fixture(params=["memory", "redis"])
async def kind(request: pytest.FixtureRequest, redis_server: PrivateRedis) -> AsyncIterator[Kind]:
    if request.param == "memory":
        memory = MemoryStore(time.monotonic)
        yield Kind(memory, memory)
        return
    await redis_server.flush()
    async with (
        redis.connected(redis_server.url, time.monotonic, answer_seconds=5.0) as store,
        redis.connected(redis_server.url, time.monotonic, answer_seconds=5.0) as other,
    ):
        yield Kind(store, other)


async def test_what_was_put_is_there(kind: Kind) -> None:
    await kind.store.put("a", b"\x00\xff\r\n", seconds=60)
    assert await kind.other.get("a") == b"\x00\xff\r\n"


async def test_what_was_kept_can_be_read(kind: Kind) -> None:
    await kind.store.keep("a", b"kept", seconds=60)
    assert await kind.other.read("a") == b"kept"
    assert await kind.other.read("b") is None


async def test_what_was_never_put_is_not(kind: Kind) -> None:
    assert await kind.store.get("a") is None
    assert kind.store.failures == 0


async def test_a_later_value_replaces_an_earlier(kind: Kind) -> None:
    await kind.store.put("a", b"1", seconds=60)
    await kind.store.put("a", b"2", seconds=60)
    assert await kind.other.get("a") == b"2"


async def test_deleted_is_gone(kind: Kind) -> None:
    await kind.store.put("a", b"1", seconds=60)
    await kind.store.delete("a")
    await kind.store.delete("a")
    assert await kind.other.get("a") is None


async def test_old_values_are_gone(kind: Kind) -> None:
    await kind.store.put("a", b"1", seconds=0.05)
    await asyncio.sleep(0.1)
    assert await kind.store.get("a") is None


async def test_a_long_value_comes_back_whole(kind: Kind) -> None:
    value = bytes(range(256)) * 1000
    await kind.store.put("a", value, seconds=60)
    assert await kind.other.get("a") == value


async def test_many_at_once(kind: Kind) -> None:
    await asyncio.gather(*(kind.store.put(str(i), str(i).encode(), seconds=60) for i in range(200)))
    found = [await kind.other.get(str(i)) for i in range(200)]
    assert found == [str(i).encode() for i in range(200)]
    assert kind.store.failures == kind.other.failures == 0


async def test_sums_are_added_to_by_all(kind: Kind) -> None:
    assert await kind.store.add("spent", 5, seconds=60) == 5
    assert await kind.other.add("spent", 7, seconds=60) == 12
    assert await kind.store.add("spent", 0, seconds=60) == 12
    assert await kind.store.add("other", 0, seconds=60) == 0


async def test_sums_are_whole_however_large(kind: Kind) -> None:
    billion_in_billionths = 10**18
    await kind.store.add("spent", billion_in_billionths, seconds=60)
    assert await kind.store.add("spent", 1, seconds=60) == billion_in_billionths + 1


async def test_old_sums_begin_anew(kind: Kind) -> None:
    await kind.store.add("spent", 5, seconds=0.05)
    await asyncio.sleep(0.1)
    assert await kind.store.add("spent", 1, seconds=60) == 1


async def test_many_add_at_once_and_nothing_is_lost(kind: Kind) -> None:
    await asyncio.gather(*(kind.store.add("spent", 1, seconds=60) for _ in range(200)))
    assert await kind.other.add("spent", 0, seconds=60) == 200

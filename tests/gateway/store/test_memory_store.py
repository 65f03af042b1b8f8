"""The bounds of the store in memory. What it shares with Redis is in tests/integration."""

from gateway.store.memory import MemoryStore


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_entry_not_used_longest_makes_room() -> None:
    store = MemoryStore(Clock(), most_bytes=10)
    await store.put("a", b"1234", seconds=60)
    await store.put("b", b"1234", seconds=60)
    await store.get("a")
    await store.put("c", b"1234", seconds=60)
    assert await store.get("b") is None
    assert await store.get("a") == await store.get("c") == b"1234"


async def test_what_is_larger_than_the_store_is_not_kept() -> None:
    store = MemoryStore(Clock(), most_bytes=10)
    await store.put("a", b"1", seconds=60)
    await store.put("b", bytes(11), seconds=60)
    assert await store.get("b") is None
    assert await store.get("a") == b"1"


async def test_an_entry_lives_as_long_as_was_said() -> None:
    clock = Clock()
    store = MemoryStore(clock)
    await store.put("a", b"1", seconds=5)
    clock.now = 4.9
    assert await store.get("a") == b"1"
    clock.now = 5.0
    assert await store.get("a") is None

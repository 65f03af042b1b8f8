"""The store of a single gateway: a dictionary with bounds. It is empty after a restart."""

from collections import OrderedDict
from collections.abc import Callable


class MemoryStore:
    """Bytes bounded by `most_bytes` (what was not used longest goes first), and sums.

    `clock` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float], *, most_bytes: int = 64 * 1024 * 1024) -> None:
        self.failures = 0
        self._clock = clock
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._sums: dict[str, tuple[int, float]] = {}

    def __repr__(self) -> str:
        return f"<MemoryStore {len(self._entries)} entries, {self._bytes} bytes>"

    async def get(self, key: str, /) -> bytes | None:
        value, expires = self._entries.get(key, (None, 0.0))
        if value is None:
            return None
        if self._clock() >= expires:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None:
        self._drop(key)
        if len(value) > self._most_bytes:
            return
        self._entries[key] = (value, self._clock() + seconds)
        self._bytes += len(value)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    async def delete(self, key: str, /) -> None:
        self._drop(key)

    async def read(self, key: str, /) -> bytes | None:
        return await self.get(key)

    async def keep(self, key: str, value: bytes, /, *, seconds: float) -> None:
        await self.put(key, value, seconds=seconds)

    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
        now = self._clock()
        for old in [each for each, (_, expires) in self._sums.items() if now >= expires]:
            del self._sums[old]
        total = self._sums.get(key, (0, 0.0))[0] + amount
        self._sums[key] = (total, now + seconds)
        return total

    def _drop(self, key: str) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self._bytes -= len(entry[0])

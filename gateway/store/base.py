"""What is kept beyond one call: bytes and sums by key, in memory or in Redis, with the same
promises."""

from typing import Protocol


class BytesStore(Protocol):
    """Bytes by key, each with an age bound. A store that is slow or gone is a miss, never a delay.

    `get` answers None for what is not there, and when the store cannot tell within its deadline;
    `put` and `delete` give up as quietly. `failures` counts how often that happened.
    """

    failures: int

    async def get(self, key: str, /) -> bytes | None: ...
    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None: ...
    async def delete(self, key: str, /) -> None: ...


class KeepingStore(BytesStore, Protocol):
    """Also keeps what must not be lost: `read` and `keep` raise StoreError where `get` and `put`
    give up, and `read` waits as long as a write may take."""

    async def read(self, key: str, /) -> bytes | None: ...
    async def keep(self, key: str, value: bytes, /, *, seconds: float) -> None: ...


class CountingStore(Protocol):
    """Whole numbers by key that several gateways add to; as quick to give up as BytesStore.

    `add` answers the sum with `amount` (0 only asks), which lives for `seconds` from now; None
    when the store cannot tell within its deadline. Whether it counted is then not known.
    """

    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None: ...


class Store(KeepingStore, CountingStore, Protocol):
    """All that a gateway keeps."""

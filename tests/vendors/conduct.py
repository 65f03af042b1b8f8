"""How a vendor's local server behaves, and what it saw: set by a test, the same for all."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from aiohttp import web

from tests.waiting import until


@dataclass(slots=True)
class Conduct:
    """`delay` seconds before the first byte and `drip` between pieces; `status` other than 200
    refuses every request; after `cut_after` pieces the connection breaks without a goodbye;
    `instead` of the second piece and all after it, that is sent.
    """

    delay: float = 0.0
    drip: float = 0.0
    status: int = 200
    retry_after: float | None = None
    cut_after: int | None = None
    instead: str | None = None
    requests: list[dict[str, object]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    """A client went away before it had everything."""

    def cuts(self, sent: int) -> bool:
        return self.cut_after is not None and sent >= self.cut_after


CROWD = 150
"""Calls at once: more than an HTTP client keeps connections open if it is not told to (100), and
more than Google allows streams on one connection."""
BEGINNING = 50
"""So many of them begin in the same moment, fewer than the kernel lets wait for a busy server
(128): a client that is not let in tries again after a second, and gives up after three."""


async def crowd(
    calls: asyncio.TaskGroup,
    call: Callable[[], Coroutine[object, object, object]],
    under_way: Callable[[], int],
) -> None:
    """CROWD calls, all of them under way at the vendor's at last; then they are given up."""
    begun: list[asyncio.Task[object]] = []
    for enough in range(BEGINNING, CROWD + 1, BEGINNING):
        begun += [calls.create_task(call()) for _ in range(BEGINNING)]
        await until(partial(lambda number: under_way() == number, enough))
    for each in begun:
        each.cancel()


class VendorServer(Protocol):
    """A vendor's local server. `open` counts streams or requests that it is working on."""

    conduct: Conduct
    address: str

    @property
    def open(self) -> int: ...
    async def stop(self) -> None:
        """From now on nobody is there."""
        ...


def connections(server: object) -> int:
    """TCP connections to `server`; none where its library does not tell."""
    runner = getattr(server, "runner", None)
    if not isinstance(runner, web.AppRunner) or runner.server is None:
        return 0
    return len(runner.server.connections)

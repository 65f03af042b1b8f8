"""Waiting for what only others know: there is no event to wait on."""

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object]) -> None:
    """Wait, patiently, for what happens in another thread or process, or at the other end of a
    socket; TimeoutError if it does not."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)

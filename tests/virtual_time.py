"""An asyncio loop whose clock jumps instead of sleeping: an hour of a call in about a second.

Mark a test `@pytest.mark.virtual_time` and its loop is a `VirtualTimeLoop`. Every `asyncio.sleep`,
timeout and `loop.call_at` then costs no real time; `loop.time()` tells the virtual time, from 0.0.
A folder with such tests has `pytest_asyncio_loop_factories` in its conftest.py. (Not all of tests/:
where it is, fixtures of the session last as long as one test, and Asterisk would be started anew
for each.)

Sockets with both ends in the test's own loop work, and so do threads of `asyncio.to_thread`: the
clock stands still while one runs. Waiting for another process has no place in such a test.
"""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

import pytest

DEADLOCK_AFTER = 10.0
"""Real seconds without a timer, socket or thread after which a test is told that it hangs."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class VirtualTimeSelector(selectors.DefaultSelector):
    """Sleeps by moving `now`; sleeps really only while `threads` run or nothing is scheduled."""

    now = 0.0
    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.threads:
            return super().select(None)
        if timeout is None:
            return super().select(DEADLOCK_AFTER) or self._deadlock()
        self.now += timeout
        return []

    def _deadlock(self) -> list[tuple[selectors.SelectorKey, int]]:
        raise RuntimeError("deadlock: every task waits, no timer is set and nothing arrives")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The loop of tests marked `virtual_time`."""

    def __init__(self) -> None:
        self._virtual = VirtualTimeSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of asyncio
    ) -> None:
        """Waits for the last thread however long it takes: `timeout` would pass at once."""
        await super().shutdown_default_executor()

    def _thread_done(self, _future: asyncio.Future[Result]) -> None:
        self._virtual.threads -= 1


@pytest.hookimpl
def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("virtual_time"):
        return {"virtual time": VirtualTimeLoop}
    return {"real time": asyncio.new_event_loop}

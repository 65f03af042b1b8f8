"""Limits to many short waits of one task, for the price of a timer now and then."""

import asyncio
from collections.abc import Awaitable
from math import inf
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")


class Patience:
    """`with Patience() as patience: await patience.wait(coming, seconds)`, as often as one likes.

    To set and clear a timer for each wait, as `asyncio.timeout` does, costs more than the word or
    sound that is waited for. Here a timer stays set: when it rings and its wait is long over, it
    is set for the one that goes on, if one does. For one task alone.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf
        self._task: asyncio.Task[object] | None = None
        """Which waits now."""
        self._deadline = inf
        self._late = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._silence()

    async def wait(self, coming: Awaitable[Result], seconds: float) -> Result:
        """What `coming` gives. TimeoutError if that takes longer than `seconds`: then `coming` is
        cancelled. A cancellation from elsewhere goes through."""
        task = asyncio.current_task()
        assert task is not None, "coroutines run in tasks"
        cancelling = task.cancelling()
        self._task, self._deadline, self._late = task, self._loop.time() + seconds, False
        if self._deadline < self._rings_at:
            self._set()
        try:
            return await coming
        except asyncio.CancelledError as cancelled:
            if self._late and task.cancelling() <= cancelling + 1:
                raise TimeoutError from cancelled
            raise
        finally:
            self._task = None
            if self._late:
                task.uncancel()

    def _set(self) -> None:
        self._silence()
        self._rings_at = self._deadline
        self._timer = self._loop.call_at(self._deadline, self._ring)

    def _silence(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._rings_at = inf

    def _ring(self) -> None:
        self._timer, self._rings_at = None, inf
        if self._task is None or self._deadline == inf:
            return
        if self._loop.time() < self._deadline:
            self._set()
        else:
            self._late = True
            self._task.cancel()

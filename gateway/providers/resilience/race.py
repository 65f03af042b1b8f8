"""Several streams of which only the first that begins is wanted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import ProviderError
from gateway.providers.streams import closing

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class _Said(Generic[Piece]):
    runner: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class _Over:
    """The runner is out; `error` says why, if it failed."""

    runner: int
    error: ProviderError | None = None


async def raced(
    runners: Sequence[Callable[[], AsyncIterator[Piece]]], after: float
) -> AsyncIterator[tuple[int, Piece]]:
    """The pieces of the runner that begins first, each with its index.

    The first runner starts at once, the next one each time nothing has come for `after` seconds
    or one has failed. When one begins all others are cancelled: their connections close. Raises
    the last error when all fail, and the winner's own.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            race = _Race(runners, tasks)
            try:
                while (said := await race.next(after)) is not None:
                    yield said.runner, said.piece
            finally:
                race.stop()
    except BaseExceptionGroup as group:
        # whatever ended the race goes through as it came, not as a group of one
        raise group.exceptions[0] from None


class _Race(Generic[Piece]):
    def __init__(
        self, runners: Sequence[Callable[[], AsyncIterator[Piece]]], tasks: asyncio.TaskGroup
    ) -> None:
        self._runners = runners
        self._tasks = tasks
        self._results: asyncio.Queue[_Said[Piece] | _Over] = asyncio.Queue(1)
        self._running: list[asyncio.Task[None]] = []
        self._out = 0
        self._winner: int | None = None

    async def next(self, after: float) -> _Said[Piece] | None:
        """The winner's next piece; None when it has said all."""
        while True:
            if self._out == len(self._running) and self._more:
                self._start()
            try:
                async with asyncio.timeout(after if self._more else None):
                    result = await self._results.get()
            except TimeoutError:
                self._start()
                continue
            if self._winner not in (None, result.runner):
                continue
            if isinstance(result, _Said):
                self._win(result.runner)
                return result
            if result.error is None:
                return None
            self._out += 1
            if self._winner is not None or (self._out == len(self._running) and not self._more):
                raise result.error

    def stop(self) -> None:
        for task in self._running:
            task.cancel()

    @property
    def _more(self) -> bool:
        """Whether another runner could be started."""
        return self._winner is None and len(self._running) < len(self._runners)

    def _start(self) -> None:
        self._running.append(self._tasks.create_task(self._run(len(self._running))))

    def _win(self, runner: int) -> None:
        if self._winner is None:
            self._winner = runner
            for index, task in enumerate(self._running):
                if index != runner:
                    task.cancel()

    async def _run(self, runner: int) -> None:
        try:
            async with closing(self._runners[runner]()) as pieces:
                async for piece in pieces:
                    await self._results.put(_Said(runner, piece))
        except ProviderError as error:
            await self._results.put(_Over(runner, error))
        else:
            await self._results.put(_Over(runner))

"""A model that is loaded once, when it is first wanted."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

Model = TypeVar("Model")


class Loading(Generic[Model]):
    """`load` gives the model; it blocks, so it is called in `pool`."""

    def __init__(self, pool: Executor, load: Callable[[], Model]) -> None:
        self._pool = pool
        self._load = load
        self._one_at_a_time = asyncio.Lock()
        self._model: Model | None = None

    async def model(self) -> Model:
        """The one model, however many want it. What `load` raises comes out, and the next who
        wants it tries again."""
        async with self._one_at_a_time:
            if self._model is None:
                loop = asyncio.get_running_loop()
                self._model = await loop.run_in_executor(self._pool, self._load)
            return self._model

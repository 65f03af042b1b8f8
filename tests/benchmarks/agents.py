"""Gateways with a scripted model, ready for callers, and what the parts of the benchmark share."""

import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from gateway.demo.gateway_process import Tables
from gateway.lab.redis import PrivateRedis
from gateway.providers.base import Json
from gateway.store.redis import connected
from tests.benchmarks.house import KEY, House, house, scripted
from tests.benchmarks.known_speech import Repertoire, profile_that_says, spoken
from tests.benchmarks.scripted_model import ScriptedModel, scripted_model
from tests.benchmarks.texts import LONG_ANSWERS, SHORT_ANSWER

Results = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`turns` answers are measured, `calls` at once share a gateway."""

    turns: int
    calls: int


CALLS = 4
"""Phones that speak at once where a part has many turns: they do not notice each other."""
FEW_CALLS = 3
"""Where what is measured hangs on how soon this machine has recognised the words."""


@asynccontextmanager
async def brief_agent(
    settings: Tables, answers: Sequence[str] = (SHORT_ANSWER,), *, first: float = 0.15
) -> AsyncIterator[tuple[House, ScriptedModel, Path]]:
    """An agent whose scripted model gives `answers` in turn."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-")))
        model = await stack.enter_async_context(scripted_model(answers, first=first))
        tables = scripted(model.address)
        names = {**tables, **settings}
        merged = {name: {**tables.get(name, {}), **settings.get(name, {})} for name in names}
        yield (
            await stack.enter_async_context(house(settings=merged, environment=KEY)),
            model,
            folder,
        )


@asynccontextmanager
async def known_agent() -> AsyncIterator[tuple[House, Repertoire, Path]]:
    """An agent that gives long answers, every frame of which is known."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-")))
        redis = await stack.enter_async_context(PrivateRedis())
        store = await stack.enter_async_context(connected(redis.url, time.monotonic))
        model = await stack.enter_async_context(scripted_model(LONG_ANSWERS, first=0.15))
        profiles = folder / "profiles"
        profiles.mkdir()
        profile_that_says(LONG_ANSWERS, profiles)
        settings = {**scripted(model.address, profiles), "store": {"redis_url": redis.url}}
        parts = await stack.enter_async_context(house(settings=settings, environment=KEY))
        repertoire = await spoken(LONG_ANSWERS, store)
        model.answers = cycle([answer.text for answer in repertoire.answers])
        yield parts, repertoire, folder

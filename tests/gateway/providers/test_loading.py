"""A model is loaded once, by a worker, when it is first wanted."""

import asyncio
import threading

import pytest

from gateway.errors import ProviderRefused
from gateway.providers.inference import workers
from gateway.providers.loading import Loading


async def test_a_model_is_loaded_once_by_a_worker_however_many_want_it() -> None:
    loaders: list[int] = []

    def load() -> object:
        loaders.append(threading.get_ident())
        return object()

    with workers("model", 2) as pool:
        loading = Loading(pool, load)
        assert loaders == [], "not before it is wanted"
        first, second = await asyncio.gather(loading.model(), loading.model())
        assert await loading.model() is first is second
    assert len(loaders) == 1
    assert loaders != [threading.get_ident()]


async def test_a_model_that_could_not_be_loaded_is_tried_again_by_who_wants_it_next() -> None:
    outcomes: list[Exception | str] = [ProviderRefused("model", "not there"), "loaded"]

    def load() -> str:
        match outcomes.pop(0):
            case str() as model:
                return model
            case error:
                raise error

    with workers("model", 1) as pool:
        loading = Loading(pool, load)
        with pytest.raises(ProviderRefused, match="not there"):
            await loading.model()
        assert await loading.model() == "loaded"

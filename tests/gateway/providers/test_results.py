"""Results in their order, to their end or to an error."""

import asyncio

import pytest

from gateway.errors import ProviderUnavailable
from gateway.providers.base import Transcript
from gateway.providers.results import MOST_UNREAD, Results


def text(number: int) -> Transcript:
    return Transcript(str(number), 1, 0.0, final=False)


async def test_what_is_put_is_read_in_its_order_also_later() -> None:
    results = Results()
    results.put(text(1))
    reading = results.read()
    assert await anext(reading) == text(1)
    async with asyncio.TaskGroup() as tasks:
        second = tasks.create_task(anext(reading))
        await asyncio.sleep(0)
        assert not second.done()
        results.put(text(2))
    assert second.result() == text(2)


async def test_what_was_put_before_the_end_is_still_read() -> None:
    results = Results()
    results.put(text(1))
    results.close()
    assert [each async for each in results.read()] == [text(1)]


async def test_an_error_comes_after_what_was_heard_before_it() -> None:
    results = Results()
    results.put(text(1))
    results.put(ProviderUnavailable("x", "gone"))
    reading = results.read()
    assert await anext(reading) == text(1)
    with pytest.raises(ProviderUnavailable):
        await anext(reading)


async def test_a_reader_who_never_comes_costs_no_memory() -> None:
    results = Results()
    for number in range(MOST_UNREAD + 3):
        results.put(text(number))
    assert await anext(results.read()) == text(3)

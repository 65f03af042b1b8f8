"""Many waits with limits: each holds for its own wait, and for nothing else."""

import asyncio
from collections.abc import Awaitable
from math import inf

import pytest

from gateway.providers.patience import Patience

pytestmark = pytest.mark.virtual_time


async def result_after(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


async def test_what_comes_in_time_is_given() -> None:
    with Patience() as patience:
        for seconds in (0.0, 0.5, 0.9):
            assert await patience.wait(result_after(seconds), 1.0) == seconds


@pytest.mark.parametrize("before", [0, 1, 5])
async def test_what_does_not_come_in_time_is_cancelled_just_then(before: int) -> None:
    loop = asyncio.get_running_loop()
    with Patience() as patience:
        for _ in range(before):
            await patience.wait(result_after(0.7), 1.0)
        began = loop.time()
        with pytest.raises(TimeoutError):
            await patience.wait(result_after(5.0), 1.0)
        assert loop.time() - began == pytest.approx(1.0)
        assert await patience.wait(result_after(0.2), 1.0) == 0.2


async def test_a_shorter_limit_after_a_longer_one_holds() -> None:
    loop = asyncio.get_running_loop()
    with Patience() as patience:
        await patience.wait(result_after(0.1), 60.0)
        began = loop.time()
        with pytest.raises(TimeoutError):
            await patience.wait(result_after(5.0), 0.5)
        assert loop.time() - began == pytest.approx(0.5)


async def test_what_happens_between_two_waits_has_no_limit() -> None:
    with Patience() as patience:
        await patience.wait(result_after(0.1), 0.5)
        await asyncio.sleep(10.0)
        assert await patience.wait(result_after(0.4), 0.5) == 0.4


async def test_a_wait_may_have_no_limit() -> None:
    with Patience() as patience:
        await patience.wait(result_after(0.1), 0.2)
        assert await patience.wait(result_after(100.0), inf) == 100.0


@pytest.mark.parametrize("after", [0.5, 1.0, 1.5])
async def test_who_waits_can_be_cancelled(after: float) -> None:
    """Also in the moment in which the limit passes."""
    ended = False

    async def waits() -> None:
        nonlocal ended
        with Patience() as patience:
            try:
                await patience.wait(stubborn(), 1.0)
            finally:
                ended = True

    async def stubborn() -> None:
        try:
            await asyncio.sleep(10.0)
        finally:
            await asyncio.sleep(1.0)

    task = asyncio.create_task(waits())
    await asyncio.sleep(after)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended


async def test_a_limit_that_passed_leaves_no_cancellation_behind() -> None:
    task = asyncio.current_task()
    assert task is not None
    with Patience() as patience:
        with pytest.raises(TimeoutError):
            await patience.wait(result_after(2.0), 1.0)
        assert task.cancelling() == 0
        assert await patience.wait(deaf(), 1.0) == "done"
        assert task.cancelling() == 0
        await asyncio.sleep(1.0)


async def deaf() -> str:
    try:
        await asyncio.sleep(2.0)
    except asyncio.CancelledError:
        return "done"
    return "not cancelled"


async def test_errors_go_through() -> None:
    async def fails() -> None:
        raise ValueError("its own")

    with Patience() as patience, pytest.raises(ValueError, match="its own"):
        await patience.wait(fails(), 1.0)


async def test_no_timer_is_left() -> None:
    loop = asyncio.get_running_loop()
    waits: list[Awaitable[float]] = [result_after(0.1), result_after(0.2)]
    with Patience() as patience:
        for each in waits:
            await patience.wait(each, 50.0)
    before = loop.time()
    await asyncio.sleep(0.1)
    assert loop.time() - before == pytest.approx(0.1)
    assert patience._timer is None

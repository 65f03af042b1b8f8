"""The clock other tests trust."""

import asyncio
import time

import pytest

from tests.virtual_time import VirtualTimeLoop

HOUR = 3600.0
FRAME = 0.02


@pytest.mark.virtual_time
async def test_an_hour_of_frames_passes_without_waiting() -> None:
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    for _ in range(int(HOUR / FRAME)):
        await asyncio.sleep(FRAME)
    assert loop.time() == pytest.approx(HOUR)
    assert time.monotonic() - began < HOUR / 60


@pytest.mark.virtual_time
async def test_timers_fire_in_the_order_of_their_times() -> None:
    fired: list[tuple[str, float]] = []

    async def after(delay: float, name: str) -> None:
        await asyncio.sleep(delay)
        fired.append((name, asyncio.get_running_loop().time()))

    async with asyncio.TaskGroup() as group:
        group.create_task(after(30.0, "late"))
        group.create_task(after(0.5, "early"))
    assert fired == [("early", 0.5), ("late", 30.0)]


@pytest.mark.virtual_time
async def test_a_timeout_cuts_at_its_virtual_time() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(600):
            await asyncio.Event().wait()
    assert asyncio.get_running_loop().time() == 600


@pytest.mark.virtual_time
async def test_the_clock_stands_still_while_a_thread_works() -> None:
    async with asyncio.timeout(0.001):
        assert await asyncio.to_thread(_work_really) == "done"
    assert asyncio.get_running_loop().time() == 0.0


def _work_really() -> str:
    time.sleep(0.05)
    return "done"


@pytest.mark.virtual_time
async def test_a_connection_inside_the_loop_carries_bytes() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(5))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello")
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


def test_a_hang_is_told_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.virtual_time.DEADLOCK_AFTER", 0.01)
    loop = VirtualTimeLoop()
    try:
        with pytest.raises(RuntimeError, match="deadlock"):
            loop.run_until_complete(asyncio.Event().wait())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def test_unmarked_tests_keep_the_real_clock() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)

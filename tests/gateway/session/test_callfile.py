"""The archive of calls: nothing is lost when the gateway stops."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.session.callfile import Archive, CallFile


def call_file(number: int) -> CallFile:
    return CallFile(
        call_id=f"{number:012x}",
        channel="1795362531.2",
        caller_number="5550100",
        called="100",
        profile="clinic",
        language="en-US",
        began=datetime.now(UTC),
        arrived=0.0,
    )


def written(folder: Path) -> int:
    return len(list(folder.glob("*.json")))


async def test_a_file_that_waits_for_a_thread_when_the_archive_is_stopped_is_still_written(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path, timedelta(days=30))
    free = threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    busy = loop.run_in_executor(None, free.wait)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(archive.run())
        archive.keep(call_file(1))
        archive.keep(call_file(2))
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.sleep(0)
        free.set()
    await busy
    assert written(tmp_path) == 2

"""Children of the laboratory: stopped in order, killed if they must be, never left behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from gateway.lab.errors import LabError
from gateway.lab.process import Process
from tests.waiting import until

STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done"
PARENT = """
import asyncio, sys
from pathlib import Path
from gateway.lab.process import Process

async def main():
    folder = Path(sys.argv[1])
    async with Process("child", ["sleep", "60"], folder=folder, log=folder / "log") as child:
        print(child.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    async with Process("sleeper", ["sleep", "60"], folder=tmp_path, log=tmp_path / "log") as child:
        assert child.running
        pid = child.pid
    assert not child.running
    assert not is_alive(pid)


async def test_a_stubborn_child_is_killed(tmp_path: Path) -> None:
    command = ["sh", "-c", STUBBORN]
    async with Process(
        "stubborn", command, folder=tmp_path, log=tmp_path / "log", stop_seconds=0.1
    ) as child:
        await until(lambda: b"up" in child.log.read_bytes())
    assert await child.wait() == -signal.SIGKILL


async def test_a_child_that_ended_by_itself_is_reported_with_its_last_words(
    tmp_path: Path,
) -> None:
    command = ["sh", "-c", "echo starting; echo out of luck >&2; exit 3"]
    async with Process("unlucky", command, folder=tmp_path, log=tmp_path / "log") as child:
        assert await child.wait() == 3
        with pytest.raises(LabError, match=r"unlucky: ended by itself: starting \| out of luck"):
            child.check()


async def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(child))

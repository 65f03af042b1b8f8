"""`voice-gateway demo` as somebody runs it: the call, what is left of it, and its ways to end."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import wave
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from gateway.demo.demonstration import INTERRUPTED
from gateway.demo.errors import Step
from gateway.demo.gateway_process import CHECKOUT

PATIENCE = 400.0
AGENT_SPOKE = "  agent  "
pytestmark = pytest.mark.timeout(PATIENCE + 100)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Short, unlike pytest's own: baresip cannot record into folders with long names."""
    with tempfile.TemporaryDirectory(prefix="vg-") as folder:
        yield Path(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[Process]:
    """The command, writing into `folder`; its temporary files go there too, so none is missed."""
    (folder / "tmp").mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "demo", "--output", str(folder / "demo")),
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def read_until(process: Process, words: str) -> str:
    """What it prints up to the line with `words`, or to its end."""
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode())
        if words and words in lines[-1]:
            break
    return "".join(lines)


async def rest(process: Process) -> str:
    return await read_until(process, "")


def running(part: Path) -> dict[int, str]:
    """Command lines, by process id, that name `part`: all of a demonstration name its folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(part) in command:
            found[int(entry.parent.name)] = command
    return found


def assert_nothing_is_left(folder: Path) -> None:
    assert running(folder) == {}
    assert list((folder / "tmp").iterdir()) == []


async def test_a_call_is_made_proved_and_kept(folder: Path) -> None:
    async with demo(folder) as process:
        output = await rest(process)
        assert await process.wait() == 0, output
    assert_nothing_is_left(folder)
    assert "\x1b" not in output
    call = json.loads((folder / "demo/call.json").read_text())
    assert [proof["step"] for proof in call["proofs"]] == [
        Step.GREETING,
        Step.FIRST_ANSWER,
        Step.SECOND_ANSWER,
        Step.ANNOUNCEMENT,
        Step.CALLER_HEARS_PERSON,
        Step.PERSON_HEARS_CALLER,
    ]
    speakers = [turn["speaker"] for turn in call["turns"]]
    assert speakers == ["agent", *["caller", "agent"] * 3, "person", "caller"]
    assert len(call["latencies_ms"]) == 3
    assert call["transfer"]["ringing"] < call["transfer"]["answered"] < call["end"]["time"]
    assert call["gateway"]["conversation"]["turns"]
    with wave.open(str(folder / "demo/call.wav")) as line:
        assert line.getnchannels() == 2
        assert line.getnframes() / line.getframerate() == pytest.approx(call["end"]["time"], 0.01)
    for name in ("caller-heard.wav", "person-heard.wav", "timeline.png"):
        assert (folder / "demo" / name).stat().st_size > 10_000


async def test_whenever_it_is_interrupted_nothing_is_left() -> None:
    """Four demonstrations beside each other, each interrupted at another moment."""
    async with asyncio.TaskGroup() as tasks:
        for moment, by in (
            ("ready", signal.SIGINT),
            ("the caller dials", signal.SIGINT),
            (AGENT_SPOKE, signal.SIGINT),
            (AGENT_SPOKE, signal.SIGTERM),
        ):
            tasks.create_task(interrupted(moment, by))


async def interrupted(moment: str, by: signal.Signals) -> None:
    with temporary_folder() as folder:
        async with demo(folder) as process:
            before = await read_until(process, moment)
            assert moment in before, before
            assert running(folder)
            process.send_signal(by)
            output = await rest(process)
            assert await process.wait() == INTERRUPTED, f"{moment}, {by.name}: {output}"
        assert "Traceback" not in output
        assert_nothing_is_left(folder)


async def test_the_step_at_which_the_gateway_died_is_named(folder: Path) -> None:
    async with demo(folder) as process:
        await read_until(process, AGENT_SPOKE)
        (gateway,) = running(folder / "demo/gateway/gateway.toml")
        os.kill(gateway, signal.SIGKILL)
        output = await rest(process)
        assert await process.wait() == 1, output
    assert Step.FIRST_ANSWER in output
    assert "Traceback" not in output
    assert_nothing_is_left(folder)

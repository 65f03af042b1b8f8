"""From nothing to a call that was shown, proved, and put into files; and nothing left running."""

import asyncio
import importlib
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from gateway.demo.gateway_process import PROFILES
from gateway.demo.performance import Performance
from gateway.demo.recogniser import Recogniser
from gateway.demo.results import Results
from gateway.demo.script import PROFILE, script
from gateway.demo.stage import Stage
from gateway.demo.story import Story
from gateway.demo.watch import Watch
from gateway.errors import GatewayError, first_of
from gateway.lab.archive import cache_folder
from gateway.profile import load_profile

INTERRUPTED = 130
"""Exit status of a program that was ended by Ctrl-C or SIGTERM."""


def main(output: Path) -> int:
    """Make the call and write its files into `output`; the exit status.

    0: every step was verified from the recordings. 1: one was not, and a line names it.
    """
    watch = Watch()
    try:
        return asyncio.run(_until_proved_or_failed(output, watch))
    except (KeyboardInterrupt, asyncio.CancelledError):
        watch.say("interrupted; nothing is left running")
        return INTERRUPTED


async def _until_proved_or_failed(output: Path, watch: Watch) -> int:
    error: GatewayError | None = None
    try:
        with _terminable():
            await demonstrate(output, watch)
    except* GatewayError as group:
        error = first_of(group)
    if error is not None:
        watch.failed(error)
    return 0 if error is None else 1


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: everything is stopped in order."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def demonstrate(output: Path, watch: Watch) -> None:
    """The whole show. Raises StepError, or another GatewayError, alone or in groups."""
    began = time.monotonic()
    plan = script(load_profile(PROFILES / f"{PROFILE}.toml"))
    results = Results(output)
    watch.title("One call through a real Asterisk: no keys, no internet service")
    async with AsyncExitStack() as stack:
        with watch.showing():
            stage, recogniser = await _set_up(stack, output, watch)
            watch.gap()
            performance = Performance(stage, plan, recogniser, watch)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_load_pencils(performance.agent_left))
                story = await performance.run()
            await stage.close_phones()
            watch.gap()
            await _prove(stage, performance, story, results, watch)
    watch.finished(story, output, time.monotonic() - began)


async def _set_up(stack: AsyncExitStack, output: Path, watch: Watch) -> tuple[Stage, Recogniser]:
    """All parts at once: the slowest decides how long it takes."""
    watch.awaiting("starting Asterisk, the gateway and two phones …")
    stage, recogniser = Stage(output, watch), Recogniser(cache_folder())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recogniser.load())
        tasks.create_task(stack.enter_async_context(stage))
    return stage, recogniser


async def _load_pencils(agent_left: asyncio.Event) -> None:
    """Loading matplotlib takes a second of a core: not while somebody waits for an answer."""
    await agent_left.wait()
    await asyncio.to_thread(importlib.import_module, "gateway.demo.timeline")


async def _prove(
    stage: Stage, performance: Performance, story: Story, results: Results, watch: Watch
) -> None:
    """Verify and write while the house closes: neither has to wait for the other."""
    watch.awaiting("verifying the recordings …")
    results.keep_recordings(stage.recordings)
    said, heard = performance.both_sides(story.ended)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.close())
            tasks.create_task(asyncio.to_thread(results.keep_line, story, said, heard))
            tasks.create_task(
                results.verify(performance.script, performance.recogniser.words, watch.proved)
            )
    finally:
        results.write(story, stage.gateway.call_records())

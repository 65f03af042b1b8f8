"""What leaves while Python is busy: 20 silent legs, and an interpreter that is held in one piece.

    python -m tests.benchmarks.study_held

Some calls of the interpreter's own code (sorting, a large JSON, a pattern over a long text) let no
other thread have it until they are done. Here a list is sorted again and again, in pieces of some
ms: how late do frames leave that have nothing to do with it?
"""

import asyncio
import random
import socket
import time
from contextlib import ExitStack

import click

from rtp.codec import Codec
from rtp.engine import EngineSettings, MediaEngine

LEGS = 20
SECONDS = 4.0
PAUSE = 0.02


async def held(numbers: int) -> str:
    """One run: the interpreter is held for as long as it takes to sort so many numbers."""
    shuffled = list(range(numbers))
    random.Random(1).shuffle(shuffled)
    longest = 0.0
    with ExitStack() as stack:
        async with MediaEngine(EngineSettings(rows=LEGS)) as engine:
            for _ in range(LEGS):
                ear = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                ear.bind(("127.0.0.1", 0))
                engine.open(ear.getsockname(), Codec.PCMU, on_tick=lambda _tick: None)
            await asyncio.sleep(0.5)
            engine.forget_lateness()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                copy = shuffled[:]
                begin = time.monotonic()
                copy.sort()
                longest = max(longest, time.monotonic() - begin)
                await asyncio.sleep(PAUSE)
            late = engine.statistics()
    p50, p99, most = (1000 * one for one in (late.late_p50, late.late_p99, late.late_max))
    return (
        f"held for {1000 * longest:.0f} ms at most: "
        f"frames left {p50:.1f} ms late (p50), p99 {p99:.1f}, the latest {most:.1f} ms"
    )


@click.command(help=__doc__)
def main() -> None:
    for numbers in (30_000, 150_000):
        click.echo(asyncio.run(held(numbers)))


if __name__ == "__main__":
    main()

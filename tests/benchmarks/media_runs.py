"""Single measurements of the media benchmark: one run of the C echo, or of a real engine.

Callers are a process of their own (media_peer.c): 50 packets a second each way and leg. What a
run loses is told apart: what the plane lost, and what the machine could not do at all.
"""

import asyncio
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.engine import EngineSettings, MediaEngine, Tick
from rtp.gathering import CERTAIN_SPEECH, Attention
from rtp.journal import FRAME_BYTES

SPEECH_SHARE, TURN_SECONDS = 0.4, 1.6
SETTLING = 0.25
# Voice detection listens to all of a call's first second (rtp/vad.py), whoever speaks.
SETTLING_VAD = 1.25
OPENING_PATIENCE = 5.0
BUSY_SHARE, BUSY_SECONDS = 0.5, 0.004
FULL_LOAD = 0.97
WAITED, CALLERS_LATE_MS = 0.10, 100.0
"""Beyond this share of time without a core, or this lateness, packets are lost by the machine."""

_THREADS = ("MainThread", "media", "sender")


class Unmeasurable(Exception):
    """This machine cannot run this size now; the reason is its text."""


class Cost(NamedTuple):
    """CPU in ms per call-second, or per second where there are no calls, and packets lost."""

    cpu_ms: float
    lost: int = 0
    late_p50_ms: float = 0.0
    late_p99_ms: float = 0.0
    late_max_ms: float = 0.0
    timer_p99_ms: float = 0.0
    """How late a timer in C was beside it, which tells what the machine allows."""


class Said(NamedTuple):
    """What the callers did."""

    sent: int
    timer_p99_ms: float
    late_ms: float


class Meter:
    """CPU and waiting of this process since it was made."""

    def __init__(self) -> None:
        ours = [one.native_id for one in threading.enumerate() if one.name in _THREADS]
        self._threads = [Path(f"/proc/self/task/{nth}/schedstat") for nth in ours]
        self._cpu, self._wall, self._waiting = self._now()

    def _now(self) -> tuple[float, float, float]:
        waiting = sum(int(one.read_text().split()[1]) for one in self._threads if one.exists())
        return time.process_time(), time.perf_counter(), waiting / 1e9

    def read(self) -> tuple[float, float]:
        """CPU seconds per second, and the share of time that a thread of ours had no core."""
        cpu, wall, waiting = self._now()
        seconds = wall - self._wall
        return (cpu - self._cpu) / seconds, (waiting - self._waiting) / seconds


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the far side is and what it says, and how long each run takes."""

    peer: Path
    voice: Path
    model: Path
    seconds: float = 0.6

    @contextmanager
    def callers(self, port: int, legs: int, seconds: float) -> Iterator["Callers"]:
        with _running(self.peer, "talk", port, legs, seconds, self.voice) as process:
            yield Callers(process, legs)

    def floor(self, legs: int) -> float:
        """CPU ms per call-second of the C echo."""
        seconds = self.seconds + SETTLING
        with _running(self.peer, "echo", seconds + 0.15) as echo:
            port = int(_line(echo))
            with self.callers(port, legs, seconds) as callers:
                callers.start()
                said = callers.result()
            echoed, cpu = _line(echo).split()
        if int(echoed) < said.sent:
            raise Unmeasurable(f"even the C echo lost {said.sent - int(echoed)} packets")
        return float(cpu) * 1000 / (int(echoed) / FRAMES_PER_SECOND)

    async def plane(self, legs: int, *, vad: bool) -> Cost:
        """One run of a real engine."""
        async with MediaEngine(self._settings(legs, vad=vad)) as engine:
            settling = SETTLING_VAD if vad else SETTLING
            return await self._talk(engine, legs, self.seconds, settling)

    async def plane_beside_work(self, legs: int, seconds: float) -> Cost:
        """The same, but the loop is busy half of the time with something else."""
        async with MediaEngine(self._settings(legs, vad=False)) as engine:
            talk = self._talk(engine, legs, seconds, SETTLING)
            async with _Work():
                return await talk

    async def idle(self) -> float:
        """CPU ms per second of a plane without legs."""
        async with MediaEngine(self._settings(1, vad=False)):
            meter = Meter()
            await asyncio.sleep(1.0)
            return meter.read()[0] * 1000

    def _settings(self, legs: int, *, vad: bool) -> EngineSettings:
        return EngineSettings(rows=legs, vad_model=self.model if vad else None)

    async def _talk(self, engine: MediaEngine, legs: int, seconds: float, settling: float) -> Cost:
        with self.callers(engine.address[1], legs, seconds + settling) as callers:
            waiting = set(callers.ports)
            for nth, port in enumerate(callers.ports):
                _open_leg(engine, port, waiting, phase=nth / legs)
            await _all_tick(waiting)
            callers.start()
            await asyncio.sleep(settling)
            engine.forget_lateness()
            meter = Meter()
            await asyncio.sleep(seconds - 0.05)
            load, waited = meter.read()
            stats = engine.statistics()
            said = await asyncio.to_thread(callers.result)
            everything = engine.statistics()
        lost = said.sent - everything.received
        lost += everything.dropped["undelivered"] + everything.undelivered_ticks
        if lost:
            excuse(lost, load=load, waited=waited, said=said)
        return Cost(
            cpu_ms=load * 1000 / legs,
            lost=lost,
            late_p50_ms=stats.late_p50 * 1000,
            late_p99_ms=stats.late_p99 * 1000,
            late_max_ms=stats.late_max * 1000,
            timer_p99_ms=said.timer_p99_ms,
        )


class Callers:
    """The process that talks."""

    def __init__(self, process: subprocess.Popen[str], legs: int) -> None:
        self._process = process
        try:
            self.ports = [int(port) for port in _line(process).split()]
        except ValueError as error:
            raise Unmeasurable("the callers did not start") from error
        if len(self.ports) != legs:
            raise Unmeasurable(f"{legs} sockets are not to be had (ulimit -n)")

    def start(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> Said:
        """What they did; the kernel must have taken all that they had to say."""
        sent, refused, *late_ms = _line(self._process).split()
        if int(refused):
            raise Unmeasurable(f"the kernel refused {refused} packets of the callers")
        return Said(int(sent), *map(float, late_ms))


def excuse(lost: int, *, load: float, waited: float, said: Said) -> None:
    """Raises Unmeasurable if it was not the plane that lost them."""
    if load > FULL_LOAD:
        raise Unmeasurable(f"one core is full at {load:.0%}: {lost} packets lost")
    if waited > WAITED:
        raise Unmeasurable(
            f"others had the cores for {waited:.0%} of the time: {lost} packets lost"
        )
    if said.late_ms > CALLERS_LATE_MS:
        raise Unmeasurable(
            f"the callers came {said.late_ms:.0f} ms late, all at once: {lost} packets lost"
        )


@contextmanager
def _running(*words: object) -> Iterator[subprocess.Popen[str]]:
    command = [str(word) for word in words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _open_leg(engine: MediaEngine, port: int, waiting: set[int], *, phase: float) -> None:
    """A leg that takes its ticks and speaks as a conversation does; then none waits for it.

    It wants to know when silence, or speech, is broken, and speaks as much as its caller: a turn
    of `TURN_SECONDS` every so often, the first one `phase` of the time between them from now.
    """
    speech = np.full((int(TURN_SECONDS * FRAMES_PER_SECOND), FRAME_BYTES), 0x80, np.uint8)
    between = int(len(speech) / SPEECH_SHARE)
    silent = int(phase * between)
    attention = Attention.EACH

    def on_tick(tick: Tick) -> None:
        nonlocal silent, attention
        waiting.discard(port)
        wanted = (
            Attention.BROKEN_SPEECH if tick.speech >= CERTAIN_SPEECH else Attention.BROKEN_SILENCE
        )
        if wanted is not attention:
            attention = wanted
            leg.attend(wanted)
        silent -= tick.frames
        if silent <= 0:
            silent += between
            leg.play(speech)

    leg = engine.open(("127.0.0.1", port), Codec.PCMU, on_tick=on_tick)


async def _all_tick(waiting: set[int]) -> None:
    try:
        async with asyncio.timeout(OPENING_PATIENCE):
            while waiting:  # noqa: ASYNC110 - the last leg's first tick ends it
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise Unmeasurable(f"{len(waiting)} legs do not get their ticks") from None


class _Work:
    """Keeps the loop busy for half of the time, in pieces of a few ms."""

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_soon(self._burn)

    async def __aexit__(self, *_: object) -> None:
        self._next.cancel()

    def _burn(self) -> None:
        start, wall = time.thread_time(), time.perf_counter()
        while time.thread_time() - start < BUSY_SECONDS:
            sum(range(200))
        took = time.perf_counter() - wall
        self._next = self._loop.call_later(took * (1 - BUSY_SHARE) / BUSY_SHARE, self._burn)

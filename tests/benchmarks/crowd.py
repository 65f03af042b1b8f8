"""Many calls through the whole pipeline: callers who converse, the gateway, vendors on loopback.

Callers and their Asterisk's media are a C program (callers.c), its ARI is the tests' fake, the
vendors are tests/vendors behind TLS in a process of their own. The gateway is the one that
administrators run, unchanged, as its own process, on a core that nothing else here uses.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import click
import numpy as np

from gateway.demo.gateway_process import CHECKOUT, AriAccount, GatewayProcess, Tables
from gateway.lab.hearing import FRAME_SAMPLES, VOICE_LEVEL, level
from gateway.lab.sound import line_noise
from gateway.lab.speech import utterance
from gateway.session.desk import WANTED_VARIABLES
from rtp.g711 import encode_mulaw
from tests.benchmarks.machine import leaving_a_core, machine_cpu, process_cpu
from tests.benchmarks.sampled import LOOP, MEDIA
from tests.fakes.asterisk import FakeAsterisk

SOURCE = Path(__file__).with_name("callers.c")
QUESTION = "bella-hours"
NANOSECONDS = 1e-9
ANSWERS_WITHIN = 3.0
GRPC = "TTS"
"""The gateway's threads without a name in Python are gRPC's."""


@dataclass(slots=True)
class Turns:
    """What the callers met with; times are monotonic seconds."""

    greetings: dict[int, float] = field(default_factory=dict)
    """By leg, when the greeting began."""
    answers: list[tuple[float, float]] = field(default_factory=list)
    """When a question ended and its answer began."""
    unanswered: list[float] = field(default_factory=list)

    def note(self, line: bytes) -> None:
        """Take a line of the callers' program."""
        leg, asked, answered = (int(word) for word in line.split())
        if not asked:
            self.greetings[leg] = answered * NANOSECONDS
        elif answered:
            self.answers.append((asked * NANOSECONDS, answered * NANOSECONDS))
        else:
            self.unanswered.append(asked * NANOSECONDS)


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds until now: of the gateway, of each of its threads, and of everybody else."""

    time: float
    gateway: float
    threads: Mapping[int, float]
    others: Mapping[str, float]
    machine: float
    """The whole machine's, of all its cores."""
    kept_waiting: float
    """Not CPU, but seconds for which the loop's thread could have run and got no core."""

    def since(self, before: "Usage") -> "Usage":
        threads = {each: cpu - before.threads.get(each, 0.0) for each, cpu in self.threads.items()}
        others = {each: cpu - before.others[each] for each, cpu in self.others.items()}
        return Usage(
            self.time - before.time,
            self.gateway - before.gateway,
            threads,
            others,
            self.machine - before.machine,
            self.kept_waiting - before.kept_waiting,
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """So many calls for some seconds: from `began` on for `used.time` seconds."""

    calls: int
    began: float
    used: Usage
    latencies: Sequence[float]
    unanswered: int

    @property
    def cpu_ms(self) -> float:
        """Of the gateway, per call-second."""
        return self.used.gateway * 1000 / self.used.time / self.calls

    @property
    def p95(self) -> float:
        """Seconds in which 95 of 100 questions had their answer; infinite if more had none."""
        waits = [*self.latencies, *([float("inf")] * self.unanswered)] or [float("inf")]
        return sorted(waits)[int(len(waits) * 0.95)]

    @property
    def strangers(self) -> float:
        """Cores' worth of CPU that others than this benchmark took from it."""
        ours = self.used.gateway + sum(self.used.others.values())
        return max(0.0, self.used.machine - ours) / self.used.time


class Crowd:
    """Everything in place; `grow`, and `watch` what happens."""

    def __init__(self, asterisk: FakeAsterisk, gateway: GatewayProcess, samples: Path) -> None:
        self.turns = Turns()
        self.entered: list[float] = []
        """By leg, when its caller entered Stasis."""
        self.others: dict[str, int] = {"bench and ARI": os.getpid()}
        self._asterisk = asterisk
        self._gateway = gateway
        self._samples = samples

    async def grow(self, calls: int, per_second: float) -> None:
        """More callers call until there are so many, and are greeted."""
        while len(self.entered) < calls:
            leg = len(self.entered)
            self.entered.append(monotonic())
            self._asterisk.call(f"1795362531.{leg}", self._asterisk_app, caller=f"555{leg:04}")
            await asyncio.sleep(1 / per_second)

    async def watch(self, seconds: float) -> Stage:
        """Measure those seconds. Turns count whose question ended in them."""
        before = self._usage()
        await asyncio.sleep(seconds)
        used = self._usage().since(before)
        # the last questions get their answers
        await asyncio.sleep(ANSWERS_WITHIN)
        inside = [(a, b) for a, b in self.turns.answers if 0 <= a - before.time < used.time]
        lost = sum(1 for asked in self.turns.unanswered if 0 <= asked - before.time < used.time)
        latencies = [answer - question for question, answer in inside]
        return Stage(len(self.entered), before.time, used, latencies, lost)

    @property
    def greeted(self) -> list[float]:
        """Seconds from StasisStart to the greeting's first packet, of each caller."""
        return [self.turns.greetings[leg] - self.entered[leg] for leg in self.turns.greetings]

    async def shares(self, stages: Sequence[Stage]) -> list[Mapping[str, float]]:
        """CPU ms per call-second by part, for each stage. The gateway is stopped for it."""
        await self._gateway.stop()
        notes = json.loads(self._samples.read_text())
        return [shares(stage, notes["samples"], notes["threads"]) for stage in stages]

    @property
    def _asterisk_app(self) -> str:
        return next(iter(self._asterisk.apps))

    def _usage(self) -> Usage:
        pid = self._gateway.pid
        times = {int(each): _thread_times(pid, each) for each in os.listdir(f"/proc/{pid}/task")}
        threads = {each: ran for each, (ran, _) in times.items()}
        others = {name: process_cpu(other) for name, other in self.others.items()}
        return Usage(monotonic(), process_cpu(pid), threads, others, machine_cpu(), times[pid][1])


def shares(
    stage: Stage, samples: Sequence[tuple[float, str, str, str]], threads: Mapping[str, str]
) -> Mapping[str, float]:
    """CPU ms per call-second by part: the loop's thread as its samples say, the others' own."""
    main = min(stage.used.threads)
    ended = stage.began + stage.used.time
    inside = Counter(owner for at, owner, *_ in samples if stage.began <= at < ended)
    cpu = {
        owner: stage.used.threads[main] * count / inside.total() for owner, count in inside.items()
    }
    for thread, used in stage.used.threads.items():
        if thread != main:
            name = threads.get(str(thread))
            owner = GRPC if name is None else MEDIA if name == "media" else LOOP
            cpu[owner] = cpu.get(owner, 0.0) + used
    return {owner: used * 1000 / stage.used.time / stage.calls for owner, used in cpu.items()}


def _thread_times(pid: int, thread: str) -> tuple[float, float]:
    """Seconds on a core and waiting for one, by the scheduler's own count."""
    try:
        ran, waited, _ = Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()
    except OSError:
        return 0.0, 0.0
    return int(ran) * NANOSECONDS, int(waited) * NANOSECONDS


@asynccontextmanager
async def crowd(folder: Path, *, most: int, silent: bool = False) -> AsyncIterator[Crowd]:
    """Up to `most` callers, who ask or are silent; `folder` is for files. Nothing is left behind
    the block."""
    async with AsyncExitStack() as stack:
        core = stack.enter_context(leaving_a_core())
        certify(folder)
        cloud = await started(stack, sys.executable, "-m", "tests.benchmarks.cloud", str(folder))
        addresses = json.loads(await line_of(cloud))
        callers = await _callers(stack, folder, most, b"" if silent else _question())
        asterisk = await stack.enter_async_context(FakeAsterisk())
        asterisk.channelvars = WANTED_VARIABLES
        asterisk.media_ports = iter([int(port) for port in (await line_of(callers)).split()])
        samples = folder / "samples.json"
        gateway = GatewayProcess(
            AriAccount(asterisk.url, asterisk.username, asterisk.password, "voice-gateway"),
            folder=folder,
            max_calls=most,
            settings=vendor_settings(folder, addresses),
            environment={**vendor_environment(folder), "SAMPLES": str(samples), "CORE": str(core)},
            module="tests.benchmarks.sampled",
        )
        await stack.enter_async_context(gateway)
        async with asyncio.timeout(10):
            await asterisk.until(lambda: bool(asterisk.apps))
        scene = Crowd(asterisk, gateway, samples)
        scene.others |= {"vendors": cloud.pid, "callers": callers.pid}
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        reading = tasks.create_task(_read(callers, scene.turns))
        stack.callback(reading.cancel)
        await gateway.until_prepared()
        yield scene


async def _read(callers: Process, turns: Turns) -> None:
    assert callers.stdout is not None
    while line := await callers.stdout.readline():
        turns.note(line)


async def line_of(process: Process) -> bytes:
    """The next line that it prints."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        line = await process.stdout.readline()
    if not line:
        raise click.ClickException("a helper of the benchmark did not start")
    return line


async def started(stack: AsyncExitStack, *command: str) -> Process:
    """A helper that lives as long as `stack`."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdin=PIPE, stdout=PIPE, limit=1 << 20
    )

    @stack.push_async_callback
    async def end() -> None:
        if process.returncode is None:
            process.kill()
        await process.wait()

    return process


async def _callers(stack: AsyncExitStack, folder: Path, legs: int, question: bytes) -> Process:
    compiler = shutil.which("cc")
    if compiler is None:
        raise click.ClickException("no C compiler (cc): the callers need one")
    program = folder / "callers"
    command = (compiler, "-O2", "-o", str(program), str(SOURCE))
    await asyncio.to_thread(subprocess.run, command, check=True)
    asked, quiet = folder / "question.ulaw", folder / "quiet.ulaw"
    asked.write_bytes(question)
    quiet.write_bytes(encode_mulaw(line_noise(1.0)).tobytes())
    return await started(stack, str(program), str(legs), str(asked), str(quiet))


def _question() -> bytes:
    """A recorded question up to its last sound, in whole frames."""
    samples = utterance(QUESTION).audio
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    frames = encode_mulaw(samples[:whole].astype(np.float32)).reshape(-1, FRAME_SAMPLES)
    loud = [index for index, frame in enumerate(frames) if level(frame.tobytes()) >= VOICE_LEVEL]
    return frames[: loud[-1] + 1].tobytes()


def certify(folder: Path) -> None:
    """A certificate that is its own authority, and a service account that signs with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise click.ClickException("no openssl: the vendors' TLS needs a certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names)
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run((openssl, "req", *made, *files), check=True, capture_output=True)
    account = {
        "type": "service_account",
        "project_id": "bench",
        "private_key_id": "1",
        "private_key": key.read_text(),
        "client_email": "bench@bench.iam.gserviceaccount.com",
        "token_uri": "https://127.0.0.1:9/token",
    }
    (folder / "account.json").write_text(json.dumps(account))


def vendor_settings(folder: Path, addresses: Mapping[str, str]) -> Tables:
    """Deepgram, Anthropic and Google at these addresses."""
    return {
        "stt": {"provider": "deepgram"},
        "llm": {"provider": "anthropic"},
        "tts": {"provider": "google"},
        "deepgram": {"base_url": addresses["deepgram"]},
        "anthropic": {"base_url": addresses["anthropic"]},
        "google": {
            "application_credentials": str(folder / "account.json"),
            "tts_endpoint": addresses["google"],
        },
    }


def vendor_environment(folder: Path) -> Mapping[str, str]:
    """Keys that all of them take, and the certificate that `certify` has made."""
    certificate = str(folder / "certificate.pem")
    return {
        "DEEPGRAM_API_KEY": "key",
        "ANTHROPIC_API_KEY": "key",
        "SSL_CERT_FILE": certificate,
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": certificate,
    }

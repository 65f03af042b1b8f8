"""Coughs, noises and signs of listening while the agent speaks: does its sentence go on?

Real phones, long answers of the scripted model; verified in the packets that reached the phone:
every frame of an answer came, once and in order, however often it was held.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soxr

from gateway.demo.talkspurts import Samples, talkspurts
from gateway.lab.archive import PROMPTS, bring
from gateway.lab.noises import NOISES, noise
from gateway.lab.prompts import FOLDER
from gateway.lab.sound import TELEPHONE_RATE, read_wav, write_wav
from gateway.lab.speech import Kind, of_kind
from tests.benchmarks.house import SCRIPTED
from tests.benchmarks.known_speech import Repertoire, Run
from tests.benchmarks.telephones import Telephone, at_once, levelled, telephone

SOUNDS = 50
QUESTION = "Nobody is available to take your call at the moment."
"""What callers say to be told something long."""
VOICES = (1.0, 0.9, 1.12)
"""The laboratory's speaker, and as if others spoke: lower, and higher."""
QUIETER = 0.5
FIRST, APART = 1.2, 3.4
"""Seconds into an answer, and between two sounds in it."""
SILENT = 0.3
ANSWERED = 1.6
"""Seconds without the agent's voice that are no hold any more."""
FADED = 2
"""Frames at each hold that are faded, and so not recognised."""


@dataclass(frozen=True, slots=True)
class Sound:
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Disturbed:
    """A sound, made when `run` was being heard; `lost` if nothing more of it came."""

    sound: str
    lost: bool
    silence: float
    """Seconds that the agent was not heard for it."""


def sounds(folder: Path) -> Iterator[Sound]:
    """Signs of listening in several voices, and noises, each kind in turn, without end."""
    made = {path.stem: path for path in _written(folder)}
    signs = [name for name in made if name.startswith("sign-")]
    others = [name for name in made if not name.startswith("sign-")]
    for sign, other in zip(cycle(signs), cycle(others), strict=False):
        yield Sound(other, made[other])
        yield Sound(sign, made[sign])


def _written(folder: Path) -> Iterator[Path]:
    for name, samples in _audio():
        path = folder / f"{name}.wav"
        write_wav(path, samples)
        yield path


def _audio() -> Iterator[tuple[str, Samples]]:
    for factor in VOICES:
        for sign in of_kind(Kind.BACKCHANNEL):
            yield f"sign-{sign.name}-{factor}", _as_if(sign.audio, factor)
    yield "sign-thank-you", read_wav(bring(PROMPTS).path / FOLDER / "auth-thankyou.wav")
    for seed in range(4):
        for kind in NOISES:
            loudness = np.float32(QUIETER if seed % 2 else 1.0)
            yield f"{kind}-{seed}", noise(kind, seed) * loudness
    for each in of_kind(Kind.NOISE):
        yield each.name, each.audio


def _as_if(samples: Samples, factor: float) -> Samples:
    """The same, spoken higher and faster by `factor`."""
    changed: Samples = soxr.resample(samples, TELEPHONE_RATE * factor, TELEPHONE_RATE)
    return changed


async def disturb(
    server: str, repertoire: Repertoire, folder: Path, *, calls: int, each: int
) -> list[Disturbed]:
    """`calls` callers beside each other, each of whom makes so many sounds."""
    found: list[Disturbed] = []
    ready = list(islice(sounds(folder), calls * each))
    question = next(prompt for prompt in levelled(folder) if prompt.text == QUESTION)

    async def call(number: int) -> None:
        mine = ready[number::calls]
        async with telephone(server, SCRIPTED, name=f"caller{number}") as caller:
            made = await _disturbing(caller, mine, question.path)
            runs = repertoire.runs(caller.heard.packets)
            found.extend(judged(made, runs, repertoire, caller.heard.zero))

    await at_once(calls, call)
    return found


async def _disturbing(
    caller: Telephone, sounds: Sequence[Sound], question: Path
) -> list[tuple[Sound, float]]:
    """Each sound, and when it began."""
    made: list[tuple[Sound, float]] = []
    left = list(sounds)
    await caller.hears(after=0.0, within=6.0)
    while left:
        asked = await caller.says(question, pause=SILENT)
        if (begin := await caller.begins(after=asked.end, within=6.0)) is None:
            continue
        due = begin + FIRST
        while left and await _speaks_until(caller, due):
            sound = left.pop(0)
            made.append((sound, caller.now))
            await caller.phone.say(sound.path)
            due = caller.now + APART
        await caller.hears(after=begin, within=6.0, pause=ANSWERED)
    return made


async def _speaks_until(caller: Telephone, due: float) -> bool:
    """Wait for that time; whether the agent is speaking then."""
    await asyncio.sleep(max(0.0, due - caller.now))
    lately = caller.heard.audio(caller.now - ANSWERED / 2, caller.now)
    return bool(talkspurts(lately, pause=SILENT))


def judged(
    made: Sequence[tuple[Sound, float]],
    runs: Sequence[Run],
    repertoire: Repertoire,
    zero: float,
) -> list[Disturbed]:
    """What became of the answers in which the sounds were made. Pure."""
    found: list[Disturbed] = []
    for place, run in enumerate(runs):
        begins = run.times[0] - zero
        ends = runs[place + 1].times[0] - zero if place + 1 < len(runs) else float("inf")
        mine = [(sound, at) for sound, at in made if begins <= at < ends]
        known = repertoire.tellable(run.answer) - FADED * len(mine)
        whole = run.continues(known)
        for nth, (sound, at) in enumerate(mine):
            lost = not whole and nth == len(mine) - 1
            found.append(Disturbed(sound.name, lost, _silence(run, at + zero)))
    return found


def _silence(run: Run, at: float) -> float:
    """The longest time without a frame of `run` in the moments behind `at`."""
    times = [time for time in run.times if at - 0.1 <= time <= at + APART]
    gaps = np.diff(times)
    return float(gaps.max()) if len(gaps) else 0.0

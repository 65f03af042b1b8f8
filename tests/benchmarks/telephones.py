"""A caller with a real phone, whose wire is tapped: what is said and heard, on one clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.ear import Ear
from gateway.demo.errors import Silence, Step
from gateway.demo.talkspurts import Span, talkspurts
from gateway.lab.phone import Phone
from gateway.lab.prompts import Prompt, prompts
from gateway.lab.sound import read_wav, write_wav
from gateway.lab.wiretap import Wiretap

LOOK_SECONDS = 0.05
PAUSE = 0.6
"""Seconds of silence after which a caller takes what is heard to be over."""
SPEECH_LEVEL = 10 ** (-22 / 20)
"""RMS of speech that is as loud as the laboratory's callers."""


@dataclass(frozen=True, slots=True)
class Telephone:
    """In a call. `said` and `heard` are its two directions."""

    phone: Phone
    said: Ear
    heard: Ear

    @property
    def now(self) -> float:
        """Seconds since the call was dialled, as the spans of both directions count them."""
        return time.monotonic() - self.said.zero

    async def says(self, *speech: Path, pause: float) -> Span:
        """Say it; where it began and ended on the wire. `pause` is longer than any within it."""
        began = self.now
        await self.phone.say(*speech)
        return await self.said.utterance(Step.FIRST_ANSWER, after=began, within=3.0, pause=pause)

    async def hears(self, *, after: float, within: float, pause: float = PAUSE) -> Span | None:
        """The first speech behind `after`; None if nobody begins in time."""
        try:
            return await self.heard.utterance(
                Step.FIRST_ANSWER, after=after, within=within, pause=pause
            )
        except Silence:
            return None

    async def begins(self, *, after: float, within: float) -> float | None:
        """When somebody is first heard behind `after`; None if nobody is in time."""
        while self.now < after + within:
            if spans := talkspurts(self.heard.audio(after, self.now), pause=PAUSE):
                return after + spans[0].start
            await asyncio.sleep(LOOK_SECONDS)
        return None


@asynccontextmanager
async def telephone(server: str, extension: str, *, name: str) -> AsyncIterator[Telephone]:
    """A call to `extension` that has been answered; hung up at the end."""
    with Wiretap(server) as tap:
        async with Phone(name) as phone:
            zero = time.monotonic()
            await phone.dial(f"sip:{extension}@{tap.address}")
            yield Telephone(phone, Ear(tap.call.said, zero), Ear(tap.call.heard, zero))
            await phone.hang_up()


async def at_once(calls: int, call: Callable[[int], Awaitable[None]]) -> None:
    """So many calls beside each other, each begun a little after the one before."""
    async with asyncio.TaskGroup() as tasks:
        for number in range(calls):
            tasks.create_task(_later(number * 0.37, call, number))


async def _later(seconds: float, call: Callable[[int], Awaitable[None]], number: int) -> None:
    await asyncio.sleep(seconds)
    await call(number)


def levelled(folder: Path) -> Sequence[Prompt]:
    """Sentences of a human voice as loud as a caller: Asterisk's prompts, made once in `folder`."""
    return [_levelled(prompt, folder) for prompt in prompts()]


def _levelled(prompt: Prompt, folder: Path) -> Prompt:
    samples = read_wav(prompt.path)
    loud = samples[abs(samples) > 0.01]
    gain = SPEECH_LEVEL / max(1e-6, float((loud**2).mean() ** 0.5)) if len(loud) else 1.0
    path = folder / f"{prompt.name}.wav"
    write_wav(path, (samples * min(gain, 0.9 / float(abs(samples).max()))).astype("float32"))
    return Prompt(prompt.name, prompt.text, path)

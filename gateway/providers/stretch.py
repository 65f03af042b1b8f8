"""What a stretch of speech is, to a vendor and to us (see `gateway.providers.stretches`)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.languages import base_language
from gateway.providers.base import Samples, Transcript
from rtp.g711 import encode_mulaw

TELEPHONE_RATE = 8000
FULL_SCALE = 32767.0
CLOSE_SECONDS = 1.0
WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "my", "km"})
"""Languages whose pieces are put together as they are."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is understood of a stretch up to `until` (seconds of its audio). Replaces the last."""

    text: str
    until: float
    confidence: float | None = None


class Exchange(Protocol):
    """One stretch at the vendor: `send` its audio and `finish`, while reading what is `heard`,
    which ends when the vendor has settled it all. Where the connection fails it is `heard` that
    raises the ProviderError; `send` and `finish` then do nothing."""

    async def send(self, audio: bytes, /) -> None: ...
    async def finish(self) -> None: ...
    def heard(self) -> AsyncIterator[Heard]: ...


Connect: TypeAlias = Callable[[], AbstractAsyncContextManager[Exchange]]
"""Begins a stretch; leaving the exchange gives it up."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a stretch is cut: audio of `rate` Hz, as mu-law on the telephone and PCM elsewhere
    (or always, with `pcm`); `joint` stands between the texts of stretches; none is longer than
    `longest` seconds, and each is charged as `least_billed` seconds at least."""

    rate: int
    joint: str = " "
    longest: float = 240.0
    pcm: bool = False
    least_billed: float = 0.0

    @property
    def is_mulaw(self) -> bool:
        return self.rate == TELEPHONE_RATE and not self.pcm

    @property
    def bytes_per_second(self) -> int:
        return self.rate if self.is_mulaw else 2 * self.rate

    def encode(self, samples: Samples) -> bytes:
        if self.is_mulaw:
            return encode_mulaw(samples).tobytes()
        linear: NDArray[np.float32] = np.clip(
            np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE
        )
        return linear.astype("<i2").tobytes()


def joint_of(language: str) -> str:
    """What stands between two pieces of text in `language` (BCP 47)."""
    return "" if base_language(language) in WITHOUT_SPACES else " "


@dataclass(slots=True, eq=False)
class Stretch:
    """Audio on its way to the vendor, and what came back. Times are seconds of its own audio.

    `patience` is how many seconds the vendor has for the last word, once all of it is there.
    """

    began: float
    patience: float
    unsent: deque[bytes] = field(default_factory=deque)
    fed_bytes: int = 0
    unsent_bytes: int = 0
    ended: bool = False
    heard: Heard = field(default_factory=lambda: Heard("", 0.0))
    done: bool = False
    more: asyncio.Event = field(default_factory=asyncio.Event)
    deadline: asyncio.Timeout | None = None

    def add(self, audio: bytes) -> None:
        self.unsent.append(audio)
        self.fed_bytes += len(audio)
        self.unsent_bytes += len(audio)
        self.more.set()

    def end(self) -> None:
        self.ended = True
        self.more.set()
        self.limit()

    def limit(self) -> None:
        """From now on the vendor's time is limited, if all of the audio is there."""
        if self.ended and self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.patience)

    def drop_oldest(self) -> int:
        dropped = len(self.unsent.popleft())
        self.unsent_bytes -= dropped
        return dropped

    async def audio(self, most: int) -> AsyncIterator[bytes]:
        """What is fed, in messages of at most `most` bytes, until the stretch ends."""
        while True:
            while self.unsent:
                message = bytearray(self.unsent.popleft())
                while self.unsent and len(message) + len(self.unsent[0]) <= most:
                    message += self.unsent.popleft()
                self.unsent_bytes -= len(message)
                for start in range(0, len(message), most):
                    yield bytes(message[start : start + most])
            if self.ended:
                return
            self.more.clear()
            await self.more.wait()


@dataclass(slots=True, eq=False)
class Segment:
    """What is known of one segment."""

    number: int
    stretches: list[Stretch] = field(default_factory=list)
    ended: bool = False
    told: Transcript | None = None

    @property
    def settled(self) -> bool:
        """No more will be heard of it."""
        return self.ended and all(each.done for each in self.stretches)

    @property
    def speaking(self) -> Stretch | None:
        """The stretch that goes on, if there is one."""
        last = self.stretches[-1] if self.stretches else None
        return last if last is not None and not last.ended else None

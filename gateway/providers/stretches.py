"""An ear for recognisers that understand one stretch of speech at a time.

Most vendors have no way to say "tell me what you have so far": they settle a text when the audio
ends. So a segment goes to them in stretches. A pause ends one, which settles its text soonest;
what follows the pause is held back for a moment, since it is mostly the silence before the
turn is over, and only becomes the next stretch if the speech goes on.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.errors import (
    GatewayError,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    first_of,
)
from gateway.languages import base_language
from gateway.providers.base import Expectation, Samples, Transcript
from rtp.g711 import encode_mulaw

TELEPHONE_RATE = 8000
FULL_SCALE = 32767.0
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0
FINAL_SECONDS = 5.0
"""From the end of a stretch's audio to the last word about it."""
HELD_SECONDS = 1.0
"""So much audio after a pause is speech that goes on, whatever it holds."""
MOST_UNSENT_SECONDS = 30
MOST_UNREAD = 64
MOST_SENT_SECONDS = 0.1
"""One message."""
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
    `longest` seconds."""

    rate: int
    joint: str = " "
    longest: float = 240.0
    pcm: bool = False

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


@asynccontextmanager
async def tasks_of_a_call() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that live as long as a call's ear. The call's own error leaves as it came."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        # as it came, not as a group of one
        raise group.exceptions[0] from group.exceptions[0].__cause__


@asynccontextmanager
async def transcribing(
    name: str, connect: Connect, form: Form
) -> AsyncIterator["StretchTranscriber"]:
    """One call's ear, by a provider of this `name`. Leaving it gives up whatever is under way."""
    async with tasks_of_a_call() as tasks:
        transcriber = StretchTranscriber(name, connect, form, tasks)
        try:
            yield transcriber
        finally:
            transcriber.close()


@dataclass(slots=True, eq=False)
class Stretch:
    """Audio on its way to the vendor, and what came back. Times are seconds of its own audio."""

    began: float
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
        """The vendor has so long to finish, once all of the audio is there."""
        if self.ended and self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + FINAL_SECONDS)

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


class StretchTranscriber:
    """One call's ear; see `Transcriber`."""

    def __init__(self, name: str, connect: Connect, form: Form, tasks: asyncio.TaskGroup) -> None:
        self.dropped_seconds = 0.0
        self._name = name
        self._connect = connect
        self._form = form
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._segments = 0
        self._segment: Segment | None = None
        self._unsettled: deque[Segment] = deque()
        self._held: list[bytes] = []
        self._results: deque[Transcript | GatewayError] = deque(maxlen=MOST_UNREAD)
        self._changed = asyncio.Event()
        self._closed = False

    def expect(self, expected: Expectation | None, /) -> None:
        """These vendors cannot be told in mid-call."""

    def begin(self) -> int:
        self.end()
        self._segments += 1
        if not self._closed:
            self._segment = Segment(self._segments)
            self._unsettled.append(self._segment)
        return self._segments

    def feed(self, samples: Samples, /) -> None:
        if self._segment is None:
            return
        audio = self._form.encode(samples)
        stretch = self._segment.speaking
        if stretch is None and self._segment.stretches:
            self._held.append(audio)
            if self._seconds(sum(map(len, self._held))) >= HELD_SECONDS:
                self._start(self._segment)
            return
        stretch = stretch or self._start(self._segment)
        stretch.add(audio)
        if self._seconds(stretch.unsent_bytes) > MOST_UNSENT_SECONDS:
            self.dropped_seconds += self._seconds(stretch.drop_oldest())
        if self._seconds(stretch.fed_bytes) >= self._form.longest:
            stretch.end()
            self._start(self._segment)

    def pause(self) -> None:
        if self._segment is None:
            return
        if self._held:
            self._start(self._segment)
        if (stretch := self._segment.speaking) is not None:
            stretch.end()

    def end(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        self._held.clear()
        segment.ended = True
        if (stretch := segment.speaking) is not None:
            stretch.end()
        if segment.settled:
            self._publish(segment)

    async def transcripts(self) -> AsyncGenerator[Transcript]:
        while True:
            while self._results:
                result = self._results.popleft()
                if isinstance(result, GatewayError):
                    raise result
                yield result
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()

    def close(self) -> None:
        """Give up all requests; `transcripts` ends."""
        self._closed = True
        self._segment = None
        for task in self._running:
            task.cancel()
        self._changed.set()

    def _start(self, segment: Segment) -> Stretch:
        """A new stretch, with the audio that was held back."""
        before = segment.stretches[-1] if segment.stretches else None
        ended = before.began + self._seconds(before.fed_bytes) if before else 0.0
        stretch = Stretch(ended)
        segment.stretches.append(stretch)
        for audio in self._held:
            stretch.add(audio)
        self._held.clear()
        task = self._tasks.create_task(self._understand(segment, stretch))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return stretch

    async def _understand(self, segment: Segment, stretch: Stretch) -> None:
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(CONNECT_SECONDS):
                    exchange = await stack.enter_async_context(self._connect())
                async with asyncio.timeout(None) as stretch.deadline, asyncio.TaskGroup() as tasks:
                    stretch.limit()
                    sending = tasks.create_task(self._send(exchange, stretch))
                    async for stretch.heard in exchange.heard():
                        self._publish(segment)
                    sending.cancel()
            if not stretch.ended:
                raise ProviderUnavailable(self._name, "ended before the speech did")
        except* TimeoutError:
            self._lose(ProviderTimeout(self._name, "no answer in time"))
        except* ProviderError as group:
            self._lose(first_of(group))
        else:
            stretch.done = True
            self._publish(segment)

    async def _send(self, exchange: Exchange, stretch: Stretch) -> None:
        async for audio in stretch.audio(int(MOST_SENT_SECONDS * self._form.bytes_per_second)):
            await exchange.send(audio)
        await exchange.finish()

    def _publish(self, segment: Segment) -> None:
        """Something new is known of `segment`: told once the segments before it are settled."""
        while self._unsettled and (first := self._unsettled[0]) is segment:
            if (known := self._transcript(first)) != first.told:
                first.told = known
                self._results.append(known)
                self._changed.set()
            if not first.settled:
                return
            self._unsettled.popleft()
            segment = self._unsettled[0] if self._unsettled else segment

    def _transcript(self, segment: Segment) -> Transcript:
        texts = [each.heard for each in segment.stretches if each.heard.text]
        return Transcript(
            text=self._form.joint.join(each.text for each in texts),
            segment=segment.number,
            audio_end=self._understood_until(segment),
            final=segment.settled,
            confidence=texts[-1].confidence if texts else None,
        )

    def _understood_until(self, segment: Segment) -> float:
        """Everything before is in the text: it ends within the first stretch that is not done."""
        for stretch in segment.stretches:
            if not stretch.done:
                return stretch.began + stretch.heard.until
        last = segment.stretches[-1] if segment.stretches else None
        return last.began + self._seconds(last.fed_bytes) if last else 0.0

    def _seconds(self, size: int) -> float:
        return size / self._form.bytes_per_second

    def _lose(self, error: GatewayError) -> None:
        self._results.append(error)
        self._changed.set()

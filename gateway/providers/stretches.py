"""An ear for recognisers that understand one stretch of speech at a time.

Most vendors have no way to say "tell me what you have so far": they settle a text when the audio
ends. So a segment goes to them in stretches. A pause ends one, which settles its text soonest;
what follows the pause is held back for a moment, since it is mostly the silence before the
turn is over, and only becomes the next stretch if the speech goes on.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    first_of,
)
from gateway.providers.base import Expectation, Samples, Transcript
from gateway.providers.results import Results
from gateway.providers.stretch import Connect, Exchange, Form, Segment, Stretch

CONNECT_SECONDS = 5.0
FINAL_SECONDS = 5.0
"""From the end of a stretch's audio to the last word about it."""
HELD_SECONDS = 1.0
"""So much audio after a pause is speech that goes on, whatever it holds."""
MOST_UNSENT_SECONDS = 30
MOST_SENT_SECONDS = 0.1
"""One message."""


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


class StretchTranscriber:
    """One call's ear; see `Transcriber`. `billed_seconds` is what was sent so far, or more where
    the vendor charges more."""

    def __init__(self, name: str, connect: Connect, form: Form, tasks: asyncio.TaskGroup) -> None:
        self.dropped_seconds = 0.0
        self.billed_seconds = 0.0
        self._name = name
        self._connect = connect
        self._form = form
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._segments = 0
        self._segment: Segment | None = None
        self._unsettled: deque[Segment] = deque()
        self._held: list[bytes] = []
        self._results = Results()

    def expect(self, expected: Expectation | None, /) -> None:
        """These vendors cannot be told in mid-call."""

    def begin(self) -> int:
        self.end()
        self._segments += 1
        if not self._results.closed:
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

    def transcripts(self) -> AsyncIterator[Transcript]:
        return self._results.read()

    def close(self) -> None:
        """Give up all requests; `transcripts` ends."""
        self._results.close()
        self._segment = None
        for task in self._running:
            task.cancel()

    def _start(self, segment: Segment) -> Stretch:
        """A new stretch, with the audio that was held back."""
        before = segment.stretches[-1] if segment.stretches else None
        ended = before.began + self._seconds(before.fed_bytes) if before else 0.0
        stretch = Stretch(ended, FINAL_SECONDS)
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
            self._results.put(ProviderTimeout(self._name, "no answer in time"))
        except* ProviderError as group:
            self._results.put(first_of(group))
        else:
            stretch.done = True
            self._publish(segment)

    async def _send(self, exchange: Exchange, stretch: Stretch) -> None:
        sent, billed = 0, self._form.least_billed
        self.billed_seconds += billed
        async for audio in stretch.audio(int(MOST_SENT_SECONDS * self._form.bytes_per_second)):
            await exchange.send(audio)
            sent += len(audio)
            more = max(self._seconds(sent) - billed, 0.0)
            billed += more
            self.billed_seconds += more
        await exchange.finish()

    def _publish(self, segment: Segment) -> None:
        """Something new is known of `segment`: told once the segments before it are settled."""
        while self._unsettled and (first := self._unsettled[0]) is segment:
            if (known := self._transcript(first)) != first.told:
                first.told = known
                self._results.put(known)
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

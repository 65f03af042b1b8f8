"""One call's ear, whatever happens to the recognisers behind it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import structlog

from gateway.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import Expectation, Samples, SpeechToText, Transcriber, Transcript
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.health import WhyNot, first_with_room
from gateway.providers.resilience.journal import Incident, What, tell
from gateway.providers.resilience.replay import Segment
from gateway.providers.results import Results
from gateway.providers.streams import closing
from rtp.resample import StreamResampler

SETTLED_SECONDS = 5.0
"""A stream that has lived so long was a good one: its provider may be asked again."""
ROTATE_AT = 0.8
"""Share of a stream's limit after which the next pause in the conversation ends it."""
ROTATE_AT_LATEST = 0.95
HANDED_ON_SECONDS = 0.1
"""Audio goes on in pieces of so much: what is done with each costs more than what is in it. No ear
sends smaller ones, and a pause hands on what there is."""

log = structlog.get_logger()


class _Why(StrEnum):
    """Why a stream ended without an error."""

    LIMIT = "the stream is near its limit"


@dataclass(slots=True)
class _Stream:
    """One recogniser's open stream. `opened` is seconds of the clock."""

    ear: Candidate[SpeechToText]
    transcriber: Transcriber
    opened: float
    resampler: StreamResampler | None
    error: ProviderError | None = None
    segment: int | None = None
    """The stream's number of the segment, if it has heard its begin."""
    number: int = 0
    """Our number of the same segment."""
    shift: float = 0.0
    """The second of the segment with which the stream's begins."""
    has_heard: bool = False

    def feed(self, samples: Samples) -> None:
        self.transcriber.feed(samples if self.resampler is None else self.resampler.push(samples))


class Hearing:
    """Transcriber over `ears`, fed at `rate`. `run` has to run as long as it is used.

    When a stream dies, hangs or comes near its vendor's limit, another one is opened, by the same
    ear or the next one, and hears the caller's segment from its begin.
    """

    def __init__(
        self,
        ears: Sequence[Candidate[SpeechToText]],
        rate: int,
        *,
        language: str,
        keyterms: Sequence[str],
    ) -> None:
        self._ears = ears
        self._rate = rate
        self._language = language
        self._keyterms = keyterms
        self._clock = ears[0].health.clock
        self._segment = Segment(rate)
        self._gathered: list[Samples] = []
        self._gathered_samples = 0
        self._stream: _Stream | None = None
        self._expected: Expectation | None = None
        self._expects = False
        self._lost_seconds = 0.0
        self._failures: dict[int, int] = {}
        self._results = Results()
        self._changed = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    def __repr__(self) -> str:
        ear = "none" if self._stream is None else self._stream.ear.name
        return f"<Hearing by {ear}>"

    # --- Transcriber ---

    @property
    def dropped_seconds(self) -> float:
        now = 0.0 if self._stream is None else self._stream.transcriber.dropped_seconds
        return self._lost_seconds + now

    def expect(self, expected: Expectation | None, /) -> None:
        self._expected, self._expects = expected, True
        if self._stream is not None:
            self._stream.transcriber.expect(expected)

    def begin(self) -> int:
        self._hand_on()
        number = self._segment.begin()
        if self._stream is not None:
            self._begin(self._stream)
        return number

    def feed(self, samples: Samples, /) -> None:
        if not self._segment.open:
            return
        self._gathered.append(samples)
        self._gathered_samples += len(samples)
        if self._gathered_samples >= HANDED_ON_SECONDS * self._rate:
            self._hand_on()

    def pause(self) -> None:
        self._hand_on()
        self._segment.pause(self._clock())
        if self._stream is not None and self._stream.segment is not None:
            self._stream.transcriber.pause()
        self._changed.set()

    def end(self) -> None:
        self._hand_on()
        self._segment.end()
        if self._stream is not None and self._stream.segment is not None:
            self._stream.transcriber.end()
        self._changed.set()

    def _hand_on(self) -> None:
        """What was gathered, to the segment and the ear, if there is one."""
        if not self._gathered:
            return
        samples = np.concatenate(self._gathered)
        self._gathered.clear()
        self._gathered_samples = 0
        self._segment.feed(samples)
        if self._stream is not None:
            self._stream.feed(samples)

    def transcripts(self) -> AsyncIterator[Transcript]:
        return self._results.read()

    def close(self) -> None:
        """`transcripts` ends."""
        self._results.close()

    # --- the streams behind it ---

    async def run(self) -> None:
        """Keep a stream open until cancelled, or until no ear is left."""
        async with self._tasks:
            self._results.put(await self._keep_open())

    async def _keep_open(self) -> ProviderError:
        """Why no ear is left."""
        before: Candidate[SpeechToText] | None = None
        error: ProviderError | None = None
        because = ""
        while (found := await self._next()) is not None:
            ear, entered = found
            self._told(ear, before, because)
            try:
                because = (await self._listen(ear, entered=entered)).value
            except ProviderError as failure:
                error, because = failure, type(failure).__name__
                log.warning("ear_lost", provider=ear.name, reason=str(failure))
                tell(Incident(ear.health.kind, ear.name, What.FAILED, because))
            before = ear
        return error or ProviderUnavailable(self._ears[0].name, "no ear can be asked")

    async def _next(self) -> tuple[Candidate[SpeechToText], bool] | None:
        """The first ear that may be asked and has not just failed this call, and whether it was
        entered already."""
        most = 1 if len(self._ears) > 1 else 2
        left = [ear for ear in self._ears if self._failures.get(ear.index, 0) < most]
        for ear in left:
            if ear.health.why_not(self._language) is None:
                return ear, False
        limited = [e for e in left if e.health.why_not(self._language) is WhyNot.LIMITED]
        if not limited:
            return None
        index = await first_with_room([ear.health for ear in limited])
        return None if index is None else (limited[index], True)

    def _told(
        self, ear: Candidate[SpeechToText], before: Candidate[SpeechToText] | None, because: str
    ) -> None:
        if before is None:
            return
        if ear is before:
            tell(Incident(ear.health.kind, ear.name, What.REOPENED, because))
            ear.health.count_reopened()
        else:
            tell(Incident(ear.health.kind, ear.name, What.STEPPED_IN, because))
            ear.health.count_failover(before.name)

    async def _listen(self, ear: Candidate[SpeechToText], *, entered: bool) -> _Why:
        """Hear with `ear` until its stream should end. Raises ProviderError when it is lost."""
        if not entered:
            ear.health.enter()
        begun, settled = self._clock(), False
        try:
            why = await self._opened(ear)
        except ProviderError as error:
            settled = True
            if not self._died_of_age(error, begun):
                self._failures[ear.index] = self._failures.get(ear.index, 0) + 1
            ear.health.failed(self._language, error)
            raise
        else:
            settled = True
            ear.health.succeeded(self._language)
            return why
        finally:
            if not settled:
                ear.health.left()

    def _died_of_age(self, error: ProviderError, begun: float) -> bool:
        """A stream that was cut after a good while is opened again; one that hangs is not."""
        return not isinstance(error, ProviderTimeout) and (self._clock() - begun >= SETTLED_SECONDS)

    async def _opened(self, ear: Candidate[SpeechToText]) -> _Why:
        async with AsyncExitStack() as stack:
            opening = ear.provider.open(language=self._language, keyterms=self._keyterms)
            limit = None if ear.health.embedded else ear.health.deadlines.connect
            try:
                async with asyncio.timeout(limit):
                    transcriber = await stack.enter_async_context(opening)
            except TimeoutError:
                raise ProviderTimeout(ear.name, f"not open in {limit} s") from None
            stream = self._attach(ear, transcriber)
            reading = self._tasks.create_task(self._read(stream))
            try:
                return await self._watch(stream)
            finally:
                self._stream = None
                self._lost_seconds += transcriber.dropped_seconds
                reading.cancel()
                await asyncio.wait({reading})

    def _attach(self, ear: Candidate[SpeechToText], transcriber: Transcriber) -> _Stream:
        """The stream hears what of the caller's segment there is."""
        self._hand_on()
        rate = ear.provider.rate
        resampler = None if rate == self._rate else StreamResampler(self._rate, rate)
        stream = _Stream(ear, transcriber, self._clock(), resampler)
        if self._expects:
            transcriber.expect(self._expected)
        if self._segment.open:
            self._begin(stream)
            stream.feed(self._segment.audio())
            if self._segment.asked_at is not None:
                self._segment.asked_at = self._clock()
                transcriber.pause()
        self._stream = stream
        return stream

    def _begin(self, stream: _Stream) -> None:
        stream.segment = stream.transcriber.begin()
        stream.number = self._segment.number
        stream.shift = self._segment.kept_from

    async def _read(self, stream: _Stream) -> None:
        try:
            async with closing(stream.transcriber.transcripts()) as transcripts:
                async for transcript in transcripts:
                    self._heard(stream, transcript)
        except ProviderError as error:
            stream.error = error
        else:
            stream.error = ProviderUnavailable(stream.ear.name, "the stream ended")
        self._changed.set()

    def _heard(self, stream: _Stream, transcript: Transcript) -> None:
        if transcript.segment != stream.segment:
            return
        if not stream.has_heard:
            stream.has_heard = True
            stream.ear.health.breaker.succeeded(self._clock())
            self._failures.clear()
        ours = replace(
            transcript, segment=stream.number, audio_end=transcript.audio_end + stream.shift
        )
        asked = self._segment.asked_at
        self._segment.heard(ours, self._clock())
        if asked is not None and self._segment.asked_at is None:
            stream.ear.health.first_result(self._clock() - asked)
        self._changed.set()
        self._results.put(ours)

    async def _watch(self, stream: _Stream) -> _Why:
        """Wait until the stream has to end."""
        while True:
            if stream.error is not None:
                raise stream.error
            now = self._clock()
            overdue, rotation = self._overdue(stream), self._rotation(stream)
            if overdue is not None and now >= overdue:
                raise ProviderTimeout(stream.ear.name, "no transcript in time")
            if rotation is not None and now >= rotation:
                return _Why.LIMIT
            self._changed.clear()
            times = [time for time in (overdue, rotation) if time is not None]
            try:
                async with asyncio.timeout(min(times) - now if times else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _overdue(self, stream: _Stream) -> float | None:
        """When the transcript that was asked for is too late."""
        if self._segment.asked_at is None:
            return None
        return self._segment.asked_at + stream.ear.health.deadlines.first

    def _rotation(self, stream: _Stream) -> float | None:
        """When the stream gives way to a new one: in a pause, or in speech when it must."""
        limit = stream.ear.provider.stream_limit
        if limit is None:
            return None
        return stream.opened + limit * (ROTATE_AT_LATEST if self._segment.open else ROTATE_AT)

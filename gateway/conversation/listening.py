"""One call's ear: ticks to the turn machine and the recogniser, transcripts to the machine."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from gateway.conversation.activity import FRAME_SECONDS
from gateway.conversation.echo import EchoGuard, repeats
from gateway.conversation.mouth import Tick
from gateway.conversation.recent import Recent
from gateway.conversation.turn import (
    Dismiss,
    Onset,
    TurnEvent,
    TurnEvents,
    TurnMachine,
    TurnOver,
    WantText,
)
from gateway.errors import ProviderError
from gateway.providers.base import Expectation, Samples, SpeechToText, Transcriber, Transcript
from rtp.codec import FRAMES_PER_SECOND
from rtp.gathering import POSSIBLE_SPEECH
from rtp.resample import StreamResampler, resample

PREROLL_SECONDS = 0.4
"""Audio before the onset that the recogniser gets too: a detector is always a little late."""
KEPT_SECONDS = 3.0
"""Audio kept for a caller who speaks before the recogniser is open."""


SENSED_SECONDS = 8.0
"""Audio that is judged by its sound."""


class EndSense(Protocol):
    """Whether somebody sounds as if they had finished; `rate` is what it wants to hear."""

    rate: int

    async def finished(self, samples: Samples, /) -> float: ...


class Listening:
    """Listens all the time, also while the agent speaks. `on_event` gets what follows, at once;
    `our_words` tells what the agent is saying.

    `on_tick` never blocks. `run` holds a recogniser open and raises ProviderError when it is
    lost; it can be run again with another one, and the caller's last words are not lost in between.
    `rate` is that of the first.
    """

    def __init__(
        self,
        machine: TurnMachine,
        rate: int,
        on_event: Callable[[TurnEvent], None],
        our_words: Callable[[], str],
        sense: EndSense | None = None,
    ) -> None:
        self._sense = sense
        self._sensing: asyncio.Task[None] | None = None
        self._tasks = asyncio.TaskGroup()
        self._machine = machine
        self._rate = rate
        self._our_words = our_words
        self._on_event = on_event
        self._echo = EchoGuard()
        self._transcriber: Transcriber | None = None
        self._recent = self._nothing_yet()
        self._segment: int | None = None
        self._segment_began = 0.0
        self._onset = 0.0
        self._speech = 0.0
        self._resampler: StreamResampler | None = None
        self._expected: Expectation | None = None
        self.time = 0.0
        self.dropped_seconds = 0.0

    def expect(self, expected: Expectation | None) -> None:
        """What the agent has just asked for."""
        if expected != self._expected:
            self._expected = expected
            if self._transcriber is not None:
                self._transcriber.expect(expected)

    def on_tick(self, tick: Tick, ours: Sequence[float]) -> None:
        """Take what came of the caller; `ours` is the level of what we sent in each frame."""
        self.time = tick.time
        audio = self._at_rate(tick)
        self._recent.add(self.time, audio)
        if self._transcriber is not None and self._segment is not None:
            self._transcriber.feed(audio)
        self._echo.hear(ours, tick.audio)
        speech = tick.speech
        if speech >= POSSIBLE_SPEECH and self._echo.is_echo():
            speech = 0.0
        if before := tick.frames - 1:
            time = tick.time - FRAME_SECONDS
            self._obey(self._machine.tick(time, self._speech, frames=before))
        self._speech = speech
        self._obey(self._machine.tick(tick.time, speech))

    async def run(self, stt: SpeechToText, language: str, keyterms: Sequence[str]) -> None:
        """Open the recogniser and read its transcripts until cancelled."""
        if stt.rate != self._rate:
            self._rate, self._resampler = stt.rate, None
            self._recent = self._nothing_yet()
        async with (
            stt.open(language=language, keyterms=keyterms) as transcriber,
            asyncio.TaskGroup() as self._tasks,
        ):
            self._transcriber = transcriber
            transcriber.expect(self._expected)
            if self._machine.open:
                self._begin(self._onset)
            try:
                async for transcript in transcriber.transcripts():
                    self._read(transcript)
            finally:
                self.dropped_seconds += transcriber.dropped_seconds
                self._transcriber = self._segment = None

    # --- from the machine to the recogniser ---

    def _obey(self, events: TurnEvents) -> None:
        for event in events:
            match event:
                case Onset(at):
                    self._onset = at
                    self._begin(at)
                case WantText() if self._transcriber is not None:
                    self._transcriber.pause()
                    self._judge_by_sound()
                case TurnOver() | Dismiss():
                    self._end()
                case _:
                    pass
            self._on_event(event)

    def _begin(self, onset: float) -> None:
        if self._transcriber is None:
            return
        self._segment = self._transcriber.begin()
        self._segment_began = self.time
        for began, audio in self._said_since(onset):
            self._segment_began = min(self._segment_began, began)
            self._transcriber.feed(audio)

    def _said_since(self, onset: float) -> Iterator[tuple[float, Samples]]:
        """The audio of speech that began at `onset`, from a little before it."""
        return self._recent.since(onset - FRAME_SECONDS - PREROLL_SECONDS)

    def _end(self) -> None:
        if self._transcriber is not None and self._segment is not None:
            self._transcriber.end()
        self._segment = None

    def _judge_by_sound(self) -> None:
        """Have the end of the turn so far judged, unless the last judgement is being made."""
        if self._sense is None or self._machine.held or self._machine.speaking:
            return
        if self._sensing is None or self._sensing.done():
            audio = [audio for _, audio in self._said_since(self._onset)]
            samples = resample(np.concatenate(audio), self._rate, self._sense.rate)
            self._sensing = self._tasks.create_task(self._judged(self._sense, samples, self.time))

    async def _judged(self, sense: EndSense, samples: Samples, until: float) -> None:
        try:
            finished = await sense.finished(samples)
        except ProviderError:
            # Its vote is one of several: turns go on without it.
            self._sense = None
        else:
            self._machine.hear_sound(finished, until)

    def _read(self, transcript: Transcript) -> None:
        if transcript.segment != self._segment:
            return
        until = self._segment_began + transcript.audio_end
        text = transcript.text
        if self._machine.held and not self._echo.sure and repeats(text, self._our_words()):
            self._echo.suspect()
            text = ""
        self._obey(
            self._machine.hear_text(
                self.time,
                text,
                until,
                hint=transcript.hint,
                confidence=transcript.confidence,
            )
        )

    def _at_rate(self, tick: Tick) -> Samples:
        """What came, at the recogniser's rate."""
        rate = len(tick.audio) // tick.frames * FRAMES_PER_SECOND
        if rate == self._rate:
            return tick.audio
        if self._resampler is None:
            self._resampler = StreamResampler(rate, self._rate)
        return self._resampler.push(tick.audio)

    def _nothing_yet(self) -> Recent:
        return Recent(self._rate, KEPT_SECONDS if self._sense is None else SENSED_SECONDS)

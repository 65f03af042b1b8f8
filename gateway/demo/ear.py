"""Listening to one side of a telephone line while the call goes on."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.errors import Silence, Step
from gateway.demo.talkspurts import Samples, Span, talkspurts
from gateway.demo.tones import without_tones
from gateway.lab.hearing import Packet, heard_until, timeline

LOOK_SECONDS = 0.1
LONGEST_SECONDS = 30.0
TELLING_SECONDS = 1.0
"""As much of a line is always enough to tell ringing and clicks from the beginning of speech."""


@dataclass(frozen=True, slots=True)
class Ear:
    """One direction of a line: the packets that pass, while they still come.

    Spans are in seconds after `zero`, a time of the monotonic clock.
    """

    packets: Sequence[Packet]
    zero: float

    def audio(self, start: float, end: float) -> Samples:
        """What passed between two times, 8 kHz, silent where nothing did."""
        first = bisect_left(self.packets, self.zero + start, key=lambda packet: packet.time)
        return timeline(self.packets[first:], start=self.zero + start, end=self.zero + end)

    async def utterance(self, step: Step, *, after: float, within: float, pause: float) -> Span:
        """The first speech behind `after`, as soon as `pause` seconds of silence ended it.

        Raises Silence, naming `step`, if nobody begins within so many seconds or nobody ends.
        """
        silent_until = after
        while True:
            now = time.monotonic()
            known = heard_until(self.packets, now) - self.zero
            span = self._first_talkspurt(silent_until, known, pause=pause)
            if span and known - span.end > pause:
                return span
            if now - self.zero - after > (LONGEST_SECONDS if span else within):
                raise Silence(step, within)
            if span is None:
                silent_until = max(after, known - TELLING_SECONDS)
            earliest = span.end + pause if span else known
            await asyncio.sleep(max(LOOK_SECONDS, earliest - known))

    def _first_talkspurt(self, start: float, end: float, *, pause: float) -> Span | None:
        for span in talkspurts(without_tones(self.audio(start, end)), pause=pause):
            return Span(start + span.start, start + span.end)
        return None

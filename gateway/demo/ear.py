"""Listening to one side of a telephone line while the call goes on."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.errors import Silence, Step
from gateway.demo.talkspurts import Samples, Span, talkspurts
from gateway.demo.tones import without_tones
from gateway.lab.hearing import Packet, timeline

LOOK_SECONDS = 0.1
LONGEST_SECONDS = 30.0


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
        while True:
            now = time.monotonic() - self.zero
            spans = talkspurts(without_tones(self.audio(after, now)), pause=pause)
            if spans and now - (after + spans[0].end) > pause:
                return Span(after + spans[0].start, after + spans[0].end)
            if now - after > (LONGEST_SECONDS if spans else within):
                raise Silence(step, within)
            await asyncio.sleep(LOOK_SECONDS)

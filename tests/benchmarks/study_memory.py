"""An hour of simulated calls: memory must stay as it is.

    python -m tests.benchmarks.study_memory

500 legs for 60 minutes as fast as the machine goes (some minutes of one core): in every tenth
frame packets are lost and out of order, and a call ends and another begins every 2.5 s.
"""

import time
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, FRAMES_PER_SECOND, Codec
from rtp.departing import LINE_BYTES
from rtp.pacing import Identity
from rtp.plane import MediaPlane
from rtp.reception import Datagrams
from tests.rtp.by_hand import depart

PACKET = 172
LOSS, REORDER, DISORDER_EVERY = 0.05, 0.02, 10
CALL_EVERY, REPORT_EVERY = 125, 5 * 60 * FRAMES_PER_SECOND
SPEECH = np.full((20, 160), 0x80, np.uint8)


class Hour:
    """A plane, its callers, and a clock that is moved by hand."""

    def __init__(self, legs: int) -> None:
        self.plane = MediaPlane(legs)
        self._legs = legs
        self._random = np.random.default_rng(1)
        self._lines = self._random.integers(0, 255, (legs, 2112)).astype(np.uint8)
        self._header = self._lines[:, :12].view(">u4")
        self._out = np.zeros((legs, LINE_BYTES), np.uint8)
        self._ssrc = np.arange(legs)
        for row in range(legs):
            self._open(row, 0.0)

    def frame(self, nth: int) -> None:
        """20 ms of all legs."""
        now = (nth + 0.25) * FRAME_SECONDS
        if nth % CALL_EVERY == 0:
            self._another_call(nth // CALL_EVERY % self._legs, now)
        disorder = nth % DISORDER_EVERY == 0
        chance = self._random.random(self._legs) if disorder else np.full(self._legs, 0.5)
        number = np.where(chance > 1 - REORDER, nth - 2, nth)
        self._header[:, 0] = 0x80000000 | number & 0xFFFF
        self._header[:, 1] = number * 160 & 0xFFFFFFFF
        self._header[:, 2] = self._ssrc
        depart(self.plane.mouths, now, self._out)
        self.plane.arrive(now, self._datagrams((chance > LOSS).nonzero()[0], now))

    def _datagrams(self, rows: NDArray[np.intp], now: float) -> Datagrams:
        return Datagrams(
            lines=self._lines[rows],
            lengths=np.full(len(rows), PACKET),
            sources=rows.astype(np.uint64),
            arrivals=np.full(len(rows), now),
        )

    def _another_call(self, row: int, now: float) -> None:
        self.plane.mouths.close(row)
        self.plane.hang_up(row, now)
        self._ssrc[row] += self._legs
        self._open(row, now)
        self.plane.playout.play(row, SPEECH)

    def _open(self, row: int, now: float) -> None:
        self.plane.mouths.open(row, Codec.PCMU, Identity(row, 0, 0), now, continuous=True)
        self.plane.listen(row, row, Codec.PCMU, listen_rate=16000, now=now)


def resident_kilobytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


@click.command(help=__doc__)
@click.option("--legs", default=500)
@click.option("--minutes", default=60)
def main(legs: int, minutes: int) -> None:
    hour = Hour(legs)
    start = time.monotonic()
    for nth in range(minutes * 60 * FRAMES_PER_SECOND):
        hour.frame(nth)
        if (nth + 1) % REPORT_EVERY == 0:
            done, took = (nth + 1) // 60 // FRAMES_PER_SECOND, time.monotonic() - start
            click.echo(f"{done:3} minutes: {resident_kilobytes()} kB resident, after {took:.0f} s")


if __name__ == "__main__":
    main()

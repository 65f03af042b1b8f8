"""The media plane: a table with a row per leg and a column per fact, and the tick that moves it.

No socket, thread or clock is in here: bytes and time come in, bytes and frames go out. A tick
moves all rows together with a number of numpy calls that does not depend on how many they are:
first what is to leave leaves, because someone hears it, then what has come is put in order,
cut into frames, decoded and judged. Only disorder costs more, and only the rows it concerns.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.alignment import Alignment
from rtp.codec import FRAME_SECONDS, Codec
from rtp.gathering import Gathering
from rtp.hearing import Decoded, Hearing
from rtp.pacing import Identity, Pacing
from rtp.packet import HEADER_BYTES, write_headers
from rtp.playout import FRAME_BYTES, Playout
from rtp.reception import Datagrams, Reception
from rtp.statistics import LegStatistics, mean_opinion_score
from rtp.timeline import Frames

LINE_BYTES = HEADER_BYTES + FRAME_BYTES
"""Bytes of every datagram that leaves."""

# A row whose frames are further off the clock on the wall loses or gains a silent one.
_TOLERATED_OFFSET = 1.5 * FRAME_SECONDS
_SILENT_POWER = np.float32(1e-5)

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Samples = NDArray[np.float32]


class Departures(NamedTuple):
    """What leaves now: the first lines of the caller's buffer, for these rows."""

    rows: Rows
    lateness: NDArray[np.float64]


class Heard(NamedTuple):
    """What each of `rows`, which all listen at the same rate, gets: one frame or more.

    `frames` says how many of `frame_samples` each; the rest of a line of `audio` is nothing.
    `speech` is that of the last frame; those before it were like the one before them. `played` and
    `flushes` tell how far each row's playout was.
    """

    rows: Rows
    frames: Integers
    frame_samples: int
    audio: Samples
    speech: Samples
    played: Integers
    flushes: Integers


class Outcome(NamedTuple):
    """All that a tick did."""

    departures: Departures
    heard: list[Heard]


class MediaPlane:
    """All legs. `playout` and `pacing` may be used between any two calls; see `Leg`."""

    def __init__(self, rows: int, *, slots: int = 8, vad_model: Path | None = None) -> None:
        """Room for `rows` legs, spread over up to `slots` slots in 20 ms.

        `vad_model` is the Silero ONNX file; without it the speech probability is always 0.
        """
        self.rows = rows
        self.reception = Reception(rows)
        self.playout = Playout(rows)
        self.pacing = Pacing(rows, slots)
        self.alignment = Alignment(rows)
        self.gathering = Gathering(rows)
        self._hearing = Hearing(rows, vad_model)
        self._sent = np.zeros(rows, np.int64)

    def open(
        self,
        row: int,
        source: int,
        codec: Codec,
        *,
        listen_rate: int,
        identity: Identity,
        now: float,
        continuous: bool = True,
    ) -> None:
        """Row `row` carries a leg whose packets come from `source` alone.

        Its playout and its gathering have been opened before: frames may already wait in it, and
        some may come together.
        """
        self.reception.open(row, source, codec, now)
        self._hearing.open(row, codec, listen_rate)
        self.pacing.open(row, codec.send_codec, identity, now, continuous=continuous)
        self._sent[row] = 0

    def close(self, row: int, now: float) -> None:
        """Row `row` is free; nothing of its leg can reach the next one."""
        self.reception.close(row, now)
        self._hearing.close(row)
        self.pacing.close(row)

    @property
    def next_departure(self) -> float:
        """When the next frame is to leave."""
        return -np.inf if self.pacing.waiting else self.pacing.earliest

    @property
    def next_due(self) -> float:
        """When a row's clock must give a frame if no packet comes before."""
        return self.reception.timeline.earliest_due

    def tick(self, now: float, datagrams: Datagrams, out: Bytes) -> Outcome:
        """Everything that is to happen by `now`, a monotonic time in seconds.

        `out` (≥ rows, `LINE_BYTES`) takes the datagrams that leave.
        """
        departures = self.depart(now, out)
        return Outcome(departures, self.arrive(now, datagrams))

    def depart(self, now: float, out: Bytes) -> Departures:
        """Writes the datagrams that leave now to the first lines of `out`."""
        rows = self.pacing.due(now)
        if len(rows):
            resting = self.pacing.rest(rows, self.playout.speaking(rows), now)
            if resting is not None:
                self.playout.rest(rows[resting])
                rows = rows[~resting]
        if not len(rows):
            return Departures(rows, np.zeros(0))
        lines = out[: len(rows)]
        talking = self.playout.talking[rows]
        spoken = self.playout.depart(rows, lines[:, HEADER_BYTES:])
        header, lateness = self.pacing.stamp(rows, now)
        write_headers(lines, header, np.greater(spoken, talking))
        self._sent[rows] += 1
        if self.alignment.count:
            self.alignment.send(rows, self.pacing.nominal(rows), lines[:, HEADER_BYTES:])
        return Departures(rows, lateness)

    def arrive(self, now: float, datagrams: Datagrams) -> list[Heard]:
        """Takes what has come up to `now`, and gives every frame that is ready or due."""
        heard: list[Heard] = []
        for frames in self.reception.arrive(now, datagrams):
            self._hear(frames, heard)
        return [gathered for each in heard if len((gathered := self._gather(each, now)).rows)]

    def statistics(self, row: int) -> LegStatistics:
        """What has been counted for the leg of `row`; may be read while the plane moves."""
        reception = self.reception
        counters = reception.counters.of(row)
        unheard = counters["lost"] + counters["late"]
        wait = float(reception.timeline.wait[row])
        return LegStatistics(
            **counters,
            frames=reception.timeline.given(row),
            jitter=float(reception.jitter.seconds[row]),
            wait=wait,
            mos=mean_opinion_score(
                lost_share=unheard / max(counters["lost"] + counters["received"], 1), delay=wait
            ),
            sent=int(self._sent[row]),
            played=int(self.playout.played(row)),
            flushed=int(self.playout.flushed[row]),
            skipped=int(self.pacing.skipped[row]),
        )

    def _hear(self, frames: Frames, heard: list[Heard]) -> None:
        for decoded in self._hearing.decode(frames):
            ahead = decoded.frames.ahead
            if ahead is None or not np.count_nonzero(np.abs(ahead) >= _TOLERATED_OFFSET):
                heard.append(self._heard(decoded))
            else:
                self._hear_in_time(decoded, ahead, heard)

    def _hear_in_time(
        self, decoded: Decoded, ahead: NDArray[np.float64], heard: list[Heard]
    ) -> None:
        """Takes rows back to the clock on the wall where their callers are silent anyway."""
        silent = np.square(decoded.samples).mean(axis=1) < _SILENT_POWER
        left_out = silent & (ahead > _TOLERATED_OFFSET)
        repeated = silent & (ahead < -_TOLERATED_OFFSET)
        self.reception.timeline.drop_one(decoded.frames.rows[left_out])
        self.reception.timeline.add_one(decoded.frames.rows[repeated])
        for chosen in (~left_out, repeated):
            if np.count_nonzero(chosen):
                heard.append(self._heard(decoded.choose(chosen)))

    def _heard(self, decoded: Decoded) -> Heard:
        rows = decoded.frames.rows
        own, audio = self._hearing.hear(decoded)
        if self.alignment.count:
            self.alignment.hear(rows, decoded.frames.given, own)
        return Heard(
            rows=rows,
            frames=np.ones(len(rows), np.int64),
            frame_samples=audio.shape[1],
            audio=audio,
            speech=self._hearing.speech(rows),
            played=self.playout.played(rows),
            flushes=self.playout.flushes[rows],
        )

    def _gather(self, heard: Heard, now: float) -> Heard:
        """What is handed on now, when `heard` has come."""
        rows, gathering = heard.rows, self.gathering
        if gathering.plain(rows):
            return heard
        playing = self.playout.talking[rows] + 2 * self.playout.ready[rows].view(np.uint8)
        due = gathering.due(now, rows, heard.speech, playing, heard.flushes)
        audio, frames = gathering.add(rows, heard.audio, due)
        return Heard(
            rows=rows[due],
            frames=frames,
            frame_samples=heard.frame_samples,
            audio=audio,
            speech=heard.speech[due],
            played=heard.played[due],
            flushes=heard.flushes[due],
        )

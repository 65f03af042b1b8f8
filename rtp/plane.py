"""The media plane: a table with a row per leg and a column per fact, and the tick that moves it.

No socket, thread or clock is in here: bytes and time come in, bytes and frames go out. A tick
moves all rows together with a number of calls that does not depend on how many they are: first what
is to leave leaves, because someone hears it, then what has come is put in order, cut into frames,
decoded and judged. Only disorder costs more, and only the rows it concerns.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.alignment import Alignment
from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.compiled import compiled, f8, i8, u1
from rtp.gathering import Gathering, Heard
from rtp.hearing import G711_RATE, Decoded, Hearing
from rtp.pacing import SENDERS, Identity, Pacing, stamps
from rtp.packet import HEADER_BYTES, MARKER, write_headers, writes_header
from rtp.playout import FRAME_BYTES, SPEECHES, Playout, departs
from rtp.reception import TOLERATED_OFFSET, Datagrams, Expected, Reception
from rtp.statistics import LegStatistics, mean_opinion_score
from rtp.timeline import Frames

LINE_BYTES = HEADER_BYTES + FRAME_BYTES
"""Bytes of every datagram that leaves."""

_SILENT_POWER = np.float32(1e-5)

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Facts = NDArray[np.void]


class Departures(NamedTuple):
    """What leaves now: the first lines of the caller's buffer, for these rows."""

    rows: Rows
    lateness: NDArray[np.float64]


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
        self._hearing.open(row, codec)
        self.gathering.listen(row, codec.sample_rate, listen_rate)
        self.reception.apart[row] = codec.sample_rate != G711_RATE
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
        due = self.pacing.due(now)
        if not len(due):
            return Departures(due, np.zeros(0))
        rows, special = np.empty((2, len(due)), np.int64)
        late = np.empty(len(due))
        playout = self.playout
        count, specials = _depart(
            due,
            now,
            self.pacing.next,
            self.pacing.facts,
            playout.facts,
            playout.ring,
            playout.silence,
            self._sent,
            out,
            rows,
            late,
            special,
        )
        if specials:
            count = self._depart_specially(special[:specials], now, out, rows, late, count)
        rows = rows[:count]
        if self.alignment.count:
            self.alignment.send(rows, self.pacing.nominal(rows), out[:count, HEADER_BYTES:])
        return Departures(rows, late[:count])

    def _depart_specially(
        self,
        special: Rows,
        now: float,
        out: Bytes,
        rows: Rows,
        late: NDArray[np.float64],
        count: int,
    ) -> int:
        """Adds those of `special` rows that send to the `count` that do; returns how many do."""
        resting = self.pacing.rest(special, self.playout.speaking(special), now)
        if resting is not None:
            self.playout.rest(special[resting])
            special = special[~resting]
        end = count + len(special)
        lines = out[count:end]
        talking = self.playout.talking[special]
        spoken = self.playout.depart(special, lines[:, HEADER_BYTES:])
        header, late[count:end] = self.pacing.stamp(special, now)
        write_headers(lines, header, np.greater(spoken, talking))
        self._sent[special] += 1
        rows[count:end] = special
        return end

    def arrive(self, now: float, datagrams: Datagrams) -> list[Heard]:
        """Takes what has come up to `now`, and gives every frame that is ready or due."""
        heard: list[Heard] = []
        for frames in self.reception.arrive(now, datagrams):
            match frames:
                case Expected():
                    self._hearing.hear_expected(frames, self.gathering)
                    if self.alignment.count:
                        samples = self.gathering.placed(frames.rows, G711_RATE)
                        self.alignment.hear(frames.rows, frames.given, samples)
                    self._hand_on(now, frames.rows, G711_RATE, heard)
                case Frames():
                    self._hear(now, frames, heard)
        return heard

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

    def _hear(self, now: float, frames: Frames, heard: list[Heard]) -> None:
        for decoded in self._hearing.decode(frames):
            ahead = decoded.frames.ahead
            if ahead is None or not np.count_nonzero(np.abs(ahead) >= TOLERATED_OFFSET):
                self._take(now, decoded, heard)
            else:
                self._take_in_time(now, decoded, ahead, heard)

    def _take_in_time(
        self, now: float, decoded: Decoded, ahead: NDArray[np.float64], heard: list[Heard]
    ) -> None:
        """Takes rows back to the clock on the wall where their callers are silent anyway."""
        silent = np.square(decoded.samples).mean(axis=1) < _SILENT_POWER
        left_out = silent & (ahead > TOLERATED_OFFSET)
        repeated = silent & (ahead < -TOLERATED_OFFSET)
        self.reception.timeline.drop_one(decoded.frames.rows[left_out])
        self.reception.timeline.add_one(decoded.frames.rows[repeated])
        for chosen in (~left_out, repeated):
            if np.count_nonzero(chosen):
                self._take(now, decoded.choose(chosen), heard)

    def _take(self, now: float, decoded: Decoded, heard: list[Heard]) -> None:
        rows = decoded.frames.rows
        samples = self._hearing.hear(decoded)
        if self.alignment.count:
            self.alignment.hear(rows, decoded.frames.given, samples)
        self.gathering.place(rows, samples)
        self._hand_on(now, rows, samples.shape[1] * FRAMES_PER_SECOND, heard)

    def _hand_on(self, now: float, rows: Rows, rate: int, heard: list[Heard]) -> None:
        handed = self.gathering.hand_on(now, rows, rate, self._hearing.speech, self.playout.facts)
        if len(handed.rows):
            heard.append(handed)


@compiled(
    types.UniTuple(i8, 2)(
        i8[::1],
        f8,
        f8[::1],
        SENDERS,
        SPEECHES,
        u1[:, :, ::1],
        u1[:, ::1],
        i8[::1],
        u1[:, ::1],
        i8[::1],
        f8[::1],
        i8[::1],
    ),
)
def _depart(
    due: Rows,
    now: float,
    following: NDArray[np.float64],
    senders: Facts,
    speeches: Facts,
    ring: Bytes,
    silence: Bytes,
    sent: Integers,
    out: Bytes,
    rows: Rows,
    late: NDArray[np.float64],
    special: Rows,
) -> tuple[int, int]:
    """Those of `due` that just go on send, to the first lines of `out`; how many, and the others.

    Fills the last three: those that send, how late they do, and the others.
    """
    count = specials = 0
    words = np.empty(3, np.uint32)
    for row in due:
        sender, speech = senders[row], speeches[row]
        ends = sender["unsettled"] and not speech["ready"]
        if ends or sender["at_once"] or speech["shaped"]:
            special[specials] = row
            specials += 1
            continue
        line = out[count]
        talking = speech["talking"]
        spoken = departs(row, speeches, ring, silence, line[HEADER_BYTES:])
        late[count] = now - following[row]
        stamps(row, late[count], following, senders, words)
        writes_header(line, words, MARKER if spoken and not talking else 0)
        sent[row] += 1
        rows[count] = row
        count += 1
    return count, specials

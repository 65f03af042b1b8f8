"""The media plane: a table with a row per leg and a column per fact, and what moves it.

No socket, thread or clock is in here: bytes and time come in, bytes and frames go out. All rows are
moved together, by a number of calls that does not depend on how many they are: in `mouths` what is
to leave leaves, and what has come is put in order, cut into frames, decoded and judged. Only
disorder costs more, and only the rows it concerns.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtp.alignment import Alignment, Pairs
from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.departing import Mouths
from rtp.gathering import Gathering, Heard
from rtp.hearing import G711_RATE, Decoded, Hearing
from rtp.reception import TOLERATED_OFFSET, Datagrams, Expected, Reception
from rtp.statistics import LegStatistics, mean_opinion_score
from rtp.timeline import Frames

_SILENT_POWER = np.float32(1e-5)

Rows = NDArray[np.intp]


class MediaPlane:
    """All legs. `mouths` has a lock of its own; all else is for one thread at a time."""

    def __init__(self, rows: int, *, slots: int = 8, vad_model: Path | None = None) -> None:
        """Room for `rows` legs, spread over up to `slots` slots in 20 ms.

        `vad_model` is the Silero ONNX file; without it the speech probability is always 0.
        """
        self.rows = rows
        self.mouths = Mouths(rows, slots)
        self.playout = self.mouths.playout
        self.reception = Reception(rows)
        self.gathering = Gathering(rows, self.mouths.mutex)
        self._alignment = Alignment(rows)
        self._hearing = Hearing(rows, vad_model)

    def listen(self, row: int, source: int, codec: Codec, *, listen_rate: int, now: float) -> None:
        """Row `row` carries a leg whose packets come from `source` alone.

        Its gathering has been opened before: some of its frames may come together.
        """
        self.reception.open(row, source, codec, now)
        self._hearing.open(row, codec)
        self.gathering.listen(row, codec.sample_rate, listen_rate)
        self.reception.apart[row] = codec.sample_rate != G711_RATE

    def hang_up(self, row: int, now: float) -> None:
        """Nothing is heard of the leg of `row`, and nothing of it can reach the next one. The row
        is free when its mouth is closed, too."""
        self.reception.close(row, now)
        self._hearing.close(row)

    @property
    def next_due(self) -> float:
        """When a row's clock must give a frame if no packet comes before."""
        return self.reception.timeline.earliest_due

    def arrive(self, now: float, datagrams: Datagrams) -> list[Heard]:
        """Takes what has come up to `now`, and gives every frame that is ready or due."""
        heard: list[Heard] = []
        for frames in self.reception.arrive(now, datagrams):
            match frames:
                case Expected():
                    self._hearing.hear_expected(frames, self.gathering)
                    if self._alignment.count:
                        samples = self.gathering.placed(frames.rows, G711_RATE)
                        self._alignment.hear(frames.rows, frames.given, samples)
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
            sent=int(self.mouths.pacing.sent[row]),
            played=int(self.playout.played(row)),
            flushed=int(self.playout.flushed[row]),
            skipped=int(self.mouths.pacing.skipped[row]),
        )

    # --- recording ----------------------------------------------------------------------------

    def record(self, row: int, codec: Codec, now: float) -> None:
        """`recorded` has pairs of `row` from now on; what it has sent since `keep_sent`, too."""
        self.keep_sent(row)
        self._alignment.start(row, codec, now)

    def keep_sent(self, row: int) -> None:
        """`row` is about to be recorded; any thread may say so."""
        self.mouths.journal.recorded[row] = True

    def recorded(self, now: float) -> list[Pairs]:
        """What both sides of recorded rows said in the times that have passed for good."""
        if not self._alignment.count:
            return []
        self._align_sent()
        return self._alignment.due(now)

    def stop_recording(self, row: int, now: float) -> list[Pairs]:
        """The pairs of `row` that are still held; none come after."""
        if not self._alignment.active[row]:
            return []
        self.mouths.journal.recorded[row] = False
        self._align_sent()
        return self._alignment.stop(row, now)

    def _align_sent(self) -> None:
        sent = self.mouths.journal.take()
        while len(sent.rows):
            # One frame of each row at a time.
            _, first = np.unique(sent.rows, return_index=True)
            self._alignment.send(sent.rows[first], sent.times[first], sent.payload[first])
            sent = sent.without(first)

    # --- hearing ------------------------------------------------------------------------------

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
        if self._alignment.count:
            self._alignment.hear(rows, decoded.frames.given, samples)
        self.gathering.place(rows, samples)
        self._hand_on(now, rows, samples.shape[1] * FRAMES_PER_SECOND, heard)

    def _hand_on(self, now: float, rows: Rows, rate: int, heard: list[Heard]) -> None:
        handed = self.gathering.hand_on(now, rows, rate, self._hearing.speech, self.playout.facts)
        if len(handed.rows):
            heard.append(handed)

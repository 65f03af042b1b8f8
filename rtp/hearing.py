"""From frames to what a listener gets: decoded, concealed, at its rate, judged for speech."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.compiled import b1, compiled, f4, i8, u1
from rtp.conceal import LOSSES, Concealer, takes_good
from rtp.g711 import LEVELS, decode_alaw, decode_mulaw
from rtp.g722 import G722Decoder
from rtp.gathering import GATHERINGS, Gathering
from rtp.l16 import decode_l16
from rtp.packet import HEADER_BYTES
from rtp.reception import Expected
from rtp.resample import Resampler
from rtp.timeline import Frames
from rtp.vad import (
    DETECTING,
    INPUT,
    NOBODY,
    Detecting,
    SpeechDetector,
    runs_windows,
    takes_frame,
)
from rtp.vad import RATE as VAD_RATE

G711_RATE = 8000

_NO_KIND = -1
# The laws of G.711 are the first two, as in LEVELS.
_CODECS = (Codec.PCMU, Codec.PCMA, Codec.G722, Codec.L16)

Rows = NDArray[np.intp]
Bytes = NDArray[np.uint8]
Samples = NDArray[np.float32]
Facts = NDArray[np.void]


class Decoded(NamedTuple):
    """`frames`, all of one kind, as samples at their codec's rate."""

    kind: int
    frames: Frames
    samples: Samples

    def choose(self, chosen: "Rows | NDArray[np.bool_]") -> "Decoded":
        return Decoded(self.kind, _choose(self.frames, chosen), self.samples[chosen])


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows that share a codec: they go together."""

    decode: Callable[[Rows, Bytes], Samples]
    frame_bytes: int
    frame_samples: int
    concealer: Concealer
    to_detector: Resampler | None


class Hearing:
    """What each row needs to make audio of its frames. In each call a row may appear once."""

    def __init__(self, rows: int, vad_model: Path | None) -> None:
        self._rows = rows
        self._kinds: dict[int, _Kind] = {}
        self._kind = np.full(rows, _NO_KIND, np.int64)
        self._crowds = [0] * len(_CODECS)
        self._in_use: list[int] = []
        self._g722: G722Decoder | None = None
        self._concealers: dict[int, Concealer] = {}
        self._to_detector: Resampler | None = None
        self._detector = None if vad_model is None else SpeechDetector(rows, vad_model)
        self._no_speech = np.zeros(rows, np.float32)

    def open(self, row: int, codec: Codec) -> None:
        """Row `row` brings `codec`."""
        nth = _CODECS.index(codec)
        if nth not in self._kinds:
            self._kinds[nth] = self._new_kind(codec)
        kind = self._kinds[nth]
        self._kind[row] = nth
        self._count(nth, 1)
        kind.concealer.reset(row)
        if kind.to_detector is not None:
            kind.to_detector.reset(row)
        if codec is Codec.G722:
            self._g722_decoder().reset(row)
        if self._detector is not None:
            self._detector.reset(row)

    def close(self, row: int) -> None:
        """Row `row` brings nothing more."""
        self._count(int(self._kind[row]), -1)
        self._kind[row] = _NO_KIND

    def decode(self, frames: Frames) -> Iterator[Decoded]:
        """The samples of `frames`, kind by kind; zeros where there is no payload."""
        if len(self._in_use) == 1:
            yield self._decode_kind(self._in_use[0], frames)
            return
        kinds = self._kind[frames.rows]
        for nth in self._in_use:
            chosen = np.flatnonzero(kinds == nth)
            if len(chosen):
                yield self._decode_kind(nth, _choose(frames, chosen))

    @property
    def speech(self) -> Samples:
        """The latest speech probability of every row."""
        return self._no_speech if self._detector is None else self._detector.probability

    def hear(self, decoded: Decoded) -> Samples:
        """The audio, concealed, at the codec's rate.

        The rows' speech probability is up to date then.
        """
        kind, rows = self._kinds[decoded.kind], decoded.frames.rows
        if decoded.frames.lost:
            samples = kind.concealer.lost(rows)
        else:
            samples = kind.concealer.good(rows, decoded.samples)
        if self._detector is not None:
            narrow = kind.to_detector
            self._detector.process(
                rows, samples if narrow is None else narrow.process(rows, samples)
            )
        return samples

    def hear_expected(self, expected: Expected, gathering: Gathering) -> None:
        """What `decode` and `hear` do, of rows that bring G.711; the frames go to their places."""
        lines, which, rows, _, again = expected
        concealer, detector = self._concealer(G711_RATE), self._detector
        runs = detector is not None and detector.keep_step(rows, again=again)
        _hear(
            lines,
            which,
            rows,
            self._kind,
            LEVELS,
            concealer.facts,
            concealer.history,
            concealer.continuation,
            concealer.fades_in,
            gathering.facts,
            gathering.room(G711_RATE),
            runs,
            NOBODY if detector is None else detector.detecting,
        )

    def _decode_kind(self, nth: int, frames: Frames) -> Decoded:
        kind = self._kinds[nth]
        if frames.payload is None:
            samples = np.zeros((len(frames.rows), kind.frame_samples), np.float32)
        else:
            samples = kind.decode(frames.rows, frames.payload[:, : kind.frame_bytes])
        return Decoded(nth, frames, samples)

    def _new_kind(self, codec: Codec) -> _Kind:
        return _Kind(
            decode=self._decoder(codec),
            frame_bytes=codec.frame_bytes,
            frame_samples=codec.frame_samples,
            concealer=self._concealer(codec.sample_rate),
            to_detector=self._narrowing(codec.sample_rate),
        )

    def _decoder(self, codec: Codec) -> Callable[[Rows, Bytes], Samples]:
        match codec:
            case Codec.PCMU:
                return lambda _rows, payload: decode_mulaw(payload)
            case Codec.PCMA:
                return lambda _rows, payload: decode_alaw(payload)
            case Codec.G722:
                return self._g722_decoder().decode
            case Codec.L16:
                return lambda _rows, payload: decode_l16(np.ascontiguousarray(payload))

    def _concealer(self, rate: int) -> Concealer:
        if rate not in self._concealers:
            self._concealers[rate] = Concealer(self._rows, rate)
        return self._concealers[rate]

    def _narrowing(self, rate: int) -> Resampler | None:
        """None where nothing is to be done."""
        if self._detector is None or rate == VAD_RATE:
            return None
        if self._to_detector is None:
            self._to_detector = Resampler(self._rows, rate, VAD_RATE)
        return self._to_detector

    def _g722_decoder(self) -> G722Decoder:
        if self._g722 is None:
            self._g722 = G722Decoder(self._rows)
        return self._g722

    def _count(self, nth: int, change: int) -> None:
        self._crowds[nth] += change
        self._in_use = [each for each, crowd in enumerate(self._crowds) if crowd]


@compiled(
    types.void(
        u1[:, :],
        i8[::1],
        i8[::1],
        i8[::1],
        f4[:, ::1],
        LOSSES,
        f4[:, :, ::1],
        f4[:, :, ::1],
        f4[:, ::1],
        GATHERINGS,
        f4[:, :, ::1],
        b1,
        DETECTING,
    ),
    loose=True,
    free=True,
)
def _hear(
    lines: Bytes,
    which: Rows,
    rows: Rows,
    law: Rows,
    levels: Samples,
    losses: Facts,
    history: Samples,
    continuation: Samples,
    fades_in: Samples,
    gatherings: Facts,
    room: Samples,
    runs: bool,  # noqa: FBT001
    detecting: Detecting,
) -> None:
    """Row by row, so that a frame is still in the cache. `law` tells which of `levels` each speaks.

    Then the windows that have become whole.
    """
    detects = len(detecting.ears) > 0
    most = len(rows) if detects else 0
    windows, heard = np.empty((most, INPUT), np.float32), np.empty(most, np.int64)
    count = 0
    for nth, row in enumerate(rows):
        line, level = lines[which[nth]], levels[law[row]]
        frame = room[row, gatherings[row]["count"]]
        for sample in range(len(frame)):
            frame[sample] = level[line[HEADER_BYTES + sample]]
        takes_good(row, frame, losses, history, continuation, fades_in)
        if detects:
            count = takes_frame(detecting, row, frame, runs, windows, heard, count)
    if count:
        runs_windows(detecting, windows[:count], heard[:count])


def _choose(frames: Frames, chosen: Rows | NDArray[np.bool_]) -> Frames:
    return Frames(
        frames.rows[chosen],
        frames.given[chosen],
        None if frames.payload is None else frames.payload[chosen],
        lost=frames.lost,
        ahead=None if frames.ahead is None else frames.ahead[chosen],
    )

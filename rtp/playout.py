"""The playout ring: wire-ready frames waiting to leave, and the truth about which have left.

A row holds at most `BOUND` frames, two seconds ahead of the ear. `pause`, `resume`, `flush` and
`gain` take effect on the row's next frame. Where speech is cut or comes back it is ramped over
5 ms, so that it does not click; a ramped remainder is not counted as played. Frames of G.711 are
ramped and scaled through its tables. G.722 frames depend on those before them and leave as they
are: the decoder's own adaptation smooths a cut, and `gain` has no effect on them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.compiled import READABLE_LINES, b1, compiled, facts_of, i8, part, u1
from rtp.g711 import decode_alaw, decode_mulaw, encode_alaw, encode_mulaw
from rtp.g722 import G722Encoder

FRAME_BYTES = 160
"""Bytes of every frame that leaves: PCMU, PCMA and G.722 agree."""

BOUND = 100
"""Frames a row may hold: 2 s."""

_SLOTS = 128
_RAMP_SAMPLES = 40

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Samples = NDArray[np.float32]
Facts = NDArray[np.void]

SPEECH = np.dtype(
    [
        ("head", "i8"),
        ("tail", "i8"),
        ("flushed", "i8"),
        ("flushes", "i8"),
        ("talking", "?"),
        ("ready", "?"),
        ("shaped", "?"),
    ],
    align=True,
)
SPEECHES = facts_of(SPEECH)


class _Shaper(NamedTuple):
    decode: Callable[[Bytes], Samples]
    encode: Callable[[Samples], Bytes]


_SHAPERS = {
    Codec.PCMU: _Shaper(decode_mulaw, encode_mulaw),
    Codec.PCMA: _Shaper(decode_alaw, encode_alaw),
}
_RISE = np.minimum(np.arange(1, FRAME_BYTES + 1) / _RAMP_SAMPLES, 1.0).astype(np.float32)
_FALL = np.float32(1.0) - _RISE


class Playout:
    """What each row has to say."""

    def __init__(self, rows: int) -> None:
        self.facts: Facts = np.zeros(rows, SPEECH)
        self.flushes = self.facts["flushes"]
        self.flushed = self.facts["flushed"]
        self.talking = self.facts["talking"]
        """The last frame that left was speech."""
        self.ready = self.facts["ready"]
        """The next frame that leaves is speech."""
        # Frames from `head` to `tail`, counted since the row was opened, wait in the ring.
        self.ring = np.empty((rows, _SLOTS, FRAME_BYTES), np.uint8)
        self._head = self.facts["head"]
        self._tail = self.facts["tail"]
        self._paused = np.zeros(rows, np.bool_)
        self.silence = np.zeros((rows, FRAME_BYTES), np.uint8)
        self._shapers: dict[Codec, Mask] = {codec: np.zeros(rows, np.bool_) for codec in _SHAPERS}
        self._gain = np.ones(rows, np.float32)
        self._applied_gain = np.ones(rows, np.float32)
        # A remainder fades out of the next frame; a frame that comes back fades in.
        self._remainder = np.zeros((rows, FRAME_BYTES), np.uint8)
        self._fading_out = np.zeros(rows, np.bool_)
        self._fading_in = np.zeros(rows, np.bool_)
        # Rows of which any of the last four differs from the usual, and how many they are.
        self._shape_next = self.facts["shaped"]
        self._shaping = 0

    def open(self, row: int, codec: Codec) -> None:
        """Row `row` sends `codec` from now on and has nothing to say yet."""
        self._head[row] = self._tail[row] = 0
        self.flushes[row] = self.flushed[row] = 0
        self.talking[row] = self._paused[row] = False
        self._fading_out[row] = self._fading_in[row] = False
        self._gain[row] = self._applied_gain[row] = 1.0
        self._update(row)
        self.silence[row] = silence(codec)
        for shaped, mask in self._shapers.items():
            mask[row] = shaped is codec

    def room(self, row: int) -> int:
        """Frames that `play` would accept now."""
        return BOUND - self.queued(row)

    def queued(self, row: int) -> int:
        """Frames waiting to leave."""
        return int(self._tail[row] - self._head[row])

    def played(self, rows: Rows | int) -> Integers:
        """Frames that have really left; those flushed never count."""
        played: Integers = self._head[rows] - self.flushed[rows]
        return played

    def play(self, row: int, frames: Bytes) -> int:
        """Queues `frames` (n, 160); ValueError beyond `room` or of another shape.

        Returns what `played` will be when the last of them has left, if none is flushed.
        """
        if frames.ndim != 2 or frames.shape[1] != FRAME_BYTES:
            raise ValueError(f"frames of {FRAME_BYTES} bytes are wanted, not {frames.shape}")
        if len(frames) > self.room(row):
            raise ValueError(f"{len(frames)} frames, but room for {self.room(row)}")
        return _play(row, frames, self.facts, self.ring, bool(self._paused[row]))

    def waits_to_start(self, row: int) -> bool:
        """The row is silent and could speak: its next frame need not wait for its turn."""
        return bool(self.ready[row] and not self.talking[row])

    def pause(self, row: int) -> None:
        """The row is silent from the next frame on, and loses nothing."""
        if not self._paused[row]:
            self._keep_remainder(row)
            self._paused[row] = True
            self._fading_in[row] = bool(self._fading_out[row])
            self._update(row)

    def resume(self, row: int) -> None:
        """The row goes on with the frame before which it was paused."""
        self._paused[row] = False
        self._update(row)

    def flush(self, row: int) -> None:
        """What is queued will never leave."""
        if not self._paused[row]:
            self._keep_remainder(row)
        self.flushes[row] += 1
        self.flushed[row] += self.queued(row)
        self._head[row] = self._tail[row]
        self._fading_in[row] = False
        self._update(row)

    def gain(self, row: int, decibels: float) -> None:
        """Speech is louder or quieter by `decibels` from the next frame on."""
        self._gain[row] = 10 ** (decibels / 20)
        self._update(row)

    def speaking(self, rows: Rows) -> Mask:
        """Whether the next frame of each row is speech, or a ramped remainder."""
        speaking = self.ready[rows]
        if self._shaping:
            speaking |= self._fading_out[rows]
        return speaking

    def rest(self, rows: Rows) -> None:
        """`rows` have nothing to say and do not send in this turn."""
        self.talking[rows] = False

    def depart(self, rows: Rows, out: Bytes) -> Mask:
        """Writes the next frame of each of `rows` to `out` (n, 160); returns which are speech."""
        spoken = np.empty(len(rows), np.bool_)
        _depart(rows, self.facts, self.ring, self.silence, out, spoken)
        if self._shaping and np.count_nonzero(shaped := self._shape_next[rows]):
            self._shape(rows[shaped], spoken[shaped], shaped, out)
        return spoken

    def _update(self, row: int) -> None:
        self.ready[row] = self._tail[row] > self._head[row] and not self._paused[row]
        scaled = self._gain[row] != 1.0 or self._applied_gain[row] != 1.0
        shape_next = bool(scaled or self._fading_out[row] or self._fading_in[row])
        self._shaping += shape_next - int(self._shape_next[row])
        self._shape_next[row] = shape_next

    def _keep_remainder(self, row: int) -> None:
        shapable = any(mask[row] for mask in self._shapers.values())
        if shapable and self.talking[row] and self.queued(row):
            self._remainder[row] = self.ring[row, self._head[row] % _SLOTS]
            self._fading_out[row] = True

    def _shape(self, rows: Rows, spoken: Mask, which: Mask, out: Bytes) -> None:
        """Ramps and scales the frames of `rows`, which lie at `which` of `out`."""
        frames = out[which]
        for codec, mask in self._shapers.items():
            lines = np.flatnonzero(mask[rows] & (spoken | self._fading_out[rows]))
            if len(lines):
                frames[lines] = self._shaped(
                    _SHAPERS[codec], rows[lines], spoken[lines], frames[lines]
                )
        out[which] = frames
        self._applied_gain[rows] = self._gain[rows]
        self._fading_out[rows] = False
        self._fading_in[rows[spoken]] = False
        for row in rows.tolist():
            self._update(row)

    def _shaped(self, shaper: _Shaper, rows: Rows, spoken: Mask, frames: Bytes) -> Bytes:
        before, after = self._applied_gain[rows, np.newaxis], self._gain[rows, np.newaxis]
        envelope = before + (after - before) * _RISE
        envelope *= np.where(self._fading_in[rows, np.newaxis], _RISE, np.float32(1.0))
        samples = shaper.decode(frames) * np.where(spoken[:, np.newaxis], envelope, 1.0)
        fading = self._fading_out[rows]
        samples[fading] += shaper.decode(self._remainder[rows[fading]]) * before[fading] * _FALL
        return shaper.encode(samples.astype(np.float32))


@part
def departs(row: int, speeches: Facts, ring: Bytes, silence: Bytes, out: Bytes) -> bool:
    """Writes the next frame of `row` to `out`, unshaped; returns whether it is speech."""
    one = speeches[row]
    speech: bool = one["ready"]
    frame = ring[row, one["head"] % _SLOTS] if speech else silence[row]
    for nth in range(FRAME_BYTES):
        out[nth] = frame[nth]
    if speech:
        one["head"] += 1
        one["ready"] = one["tail"] > one["head"]
    one["talking"] = speech
    return speech


@compiled(i8(i8, READABLE_LINES, SPEECHES, u1[:, :, ::1], b1))
def _play(row: int, frames: Bytes, speeches: Facts, ring: Bytes, paused: bool) -> int:  # noqa: FBT001
    speech = speeches[row]
    for nth in range(len(frames)):
        ring[row, (speech["tail"] + nth) % _SLOTS] = frames[nth]
    speech["tail"] += len(frames)
    speech["ready"] = (len(frames) > 0 and not paused) or speech["ready"]
    played: int = speech["tail"] - speech["flushed"]
    return played


@compiled(types.void(i8[::1], SPEECHES, u1[:, :, ::1], u1[:, ::1], u1[:, :], b1[::1]))
def _depart(
    rows: Rows, speeches: Facts, ring: Bytes, silence: Bytes, out: Bytes, spoken: Mask
) -> None:
    for nth, row in enumerate(rows):
        spoken[nth] = departs(row, speeches, ring, silence, out[nth])


def silence(codec: Codec) -> Bytes:
    """A frame of silence of `codec`, one that is sent."""
    samples = np.zeros(codec.frame_samples, np.float32)
    match codec:
        case Codec.PCMU:
            return encode_mulaw(samples)
        case Codec.PCMA:
            return encode_alaw(samples)
        case Codec.G722:
            return G722Encoder().encode(samples)
        case Codec.L16:
            raise ValueError(f"{codec} is heard, not sent: {FRAME_SECONDS} s of it do not fit")

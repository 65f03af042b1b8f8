"""The playout ring: wire-ready frames waiting to leave, and the truth about which have left.

A row holds at most `BOUND` frames, two seconds ahead of the ear. `pause`, `resume`, `flush` and
`gain` take effect on the row's next frame. Where speech is cut or comes back it is ramped over
5 ms, so that it does not click; a ramped remainder is not counted as played. Frames of G.711 are
ramped and scaled through its tables. G.722 frames depend on those before them and leave as they
are: the decoder's own adaptation smooths a cut, and `gain` has no effect on them.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.compiled import READABLE_LINES, compiled, f4, f8, facts_of, i8, part, u1
from rtp.g711 import CODES, LEVELS, code_of, encode_alaw, encode_mulaw
from rtp.g722 import G722Encoder
from rtp.journal import FRAME_BYTES
from rtp.mutex import MUTEX, Mutex, lock, new_mutex, unlock

BOUND = 100
"""Frames a row may hold: 2 s."""

_SLOTS = 128
_RAMP_SAMPLES = 40

# Of a codec whose frames are ramped and scaled: which of G.711's tables are its own.
_LAWS = {Codec.PCMU: 0, Codec.PCMA: 1}
_NO_LAW = -1

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Samples = NDArray[np.float32]
Facts = NDArray[np.void]

SPEECH = np.dtype(
    [
        # Frames from `head` to `tail`, counted since the row was opened, wait in the ring.
        ("head", "i8"),
        ("tail", "i8"),
        ("flushed", "i8"),
        ("flushes", "i8"),
        ("law", "i8"),
        ("gain", "f4"),
        ("applied_gain", "f4"),
        # The last frame that left was speech; the next one is.
        ("talking", "?"),
        ("ready", "?"),
        ("paused", "?"),
        # A remainder fades out of the next frame; a frame that comes back fades in.
        ("fading_out", "?"),
        ("fading_in", "?"),
        # Any of these or the gains differs from the usual.
        ("shaped", "?"),
    ],
    align=True,
)
SPEECHES = facts_of(SPEECH)


class Voices(NamedTuple):
    """What compiled code works on, while `mutex` is its own."""

    mutex: Mutex
    speeches: Facts
    ring: Bytes
    silence: Bytes
    remainder: Bytes
    levels: Samples
    codes: Bytes


VOICES = types.NamedTuple(
    (MUTEX, SPEECHES, u1[:, :, ::1], u1[:, ::1], u1[:, ::1], f4[:, ::1], u1[:, ::1]), Voices
)


class Playout:
    """What each row has to say."""

    def __init__(self, rows: int, mutex: Mutex | None = None) -> None:
        self.facts: Facts = np.zeros(rows, SPEECH)
        self.voices = Voices(
            new_mutex() if mutex is None else mutex,
            self.facts,
            np.empty((rows, _SLOTS, FRAME_BYTES), np.uint8),
            np.zeros((rows, FRAME_BYTES), np.uint8),
            np.zeros((rows, FRAME_BYTES), np.uint8),
            LEVELS,
            CODES,
        )
        self.flushes = self.facts["flushes"]
        self.flushed = self.facts["flushed"]
        self.talking = self.facts["talking"]
        """The last frame that left was speech."""
        self.ready = self.facts["ready"]
        """The next frame that leaves is speech."""
        self._head = self.facts["head"]
        self._tail = self.facts["tail"]

    def open(self, row: int, codec: Codec) -> None:
        """Row `row` sends `codec` from now on and has nothing to say yet."""
        _open(self.voices, row, _LAWS.get(codec, _NO_LAW), np.array(silence(codec)))

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
        return _play(self.voices, row, frames)

    def waits_to_start(self, row: int) -> bool:
        """The row is silent and could speak: its next frame need not wait for its turn."""
        return bool(self.ready[row] and not self.talking[row])

    def pause(self, row: int) -> None:
        """The row is silent from the next frame on, and loses nothing."""
        _pause(self.voices, row)

    def resume(self, row: int) -> None:
        """The row goes on with the frame before which it was paused."""
        _resume(self.voices, row)

    def flush(self, row: int) -> None:
        """What is queued will never leave."""
        _flush(self.voices, row)

    def gain(self, row: int, decibels: float) -> None:
        """Speech is louder or quieter by `decibels` from the next frame on."""
        _gain(self.voices, row, 10 ** (decibels / 20))


@part
def speaks(voices: Voices, row: int) -> bool:
    """Whether the next frame of `row` is speech, or a ramped remainder."""
    speech = voices.speeches[row]
    speaking: bool = speech["ready"] or speech["fading_out"]
    return speaking


@part
def departs(voices: Voices, row: int, out: Bytes) -> bool:
    """Writes the next frame of `row` to `out`; returns whether it is speech."""
    speech = voices.speeches[row]
    spoken: bool = speech["ready"]
    frame = voices.ring[row, speech["head"] % _SLOTS] if spoken else voices.silence[row]
    for nth in range(FRAME_BYTES):
        out[nth] = frame[nth]
    if spoken:
        speech["head"] += 1
    speech["talking"] = spoken
    if speech["shaped"]:
        _shape(voices, row, spoken, out)
    _update(speech)
    return spoken


@part
def _shape(voices: Voices, row: int, spoken: bool, out: Bytes) -> None:  # noqa: FBT001
    """Ramps and scales the frame in `out`."""
    speech = voices.speeches[row]
    law, fading_out, fading_in = speech["law"], speech["fading_out"], speech["fading_in"]
    before, after = speech["applied_gain"], speech["gain"]
    if law != _NO_LAW and (spoken or fading_out):
        level, code, remainder = voices.levels[law], voices.codes[law], voices.remainder[row]
        for nth in range(FRAME_BYTES):
            rise = np.float32(min((nth + 1) / _RAMP_SAMPLES, 1.0))
            sample = level[out[nth]]
            if spoken:
                sample *= before + (after - before) * rise
                if fading_in:
                    sample *= rise
            if fading_out:
                sample += level[remainder[nth]] * before * (np.float32(1.0) - rise)
            out[nth] = code_of(sample, code)
    speech["applied_gain"] = after
    speech["fading_out"] = False
    if spoken:
        speech["fading_in"] = False


@part
def _update(speech: Facts) -> None:
    speech["ready"] = speech["tail"] > speech["head"] and not speech["paused"]
    scaled = speech["gain"] != 1.0 or speech["applied_gain"] != 1.0
    speech["shaped"] = scaled or speech["fading_out"] or speech["fading_in"]


@part
def _keep_remainder(voices: Voices, row: int) -> None:
    speech = voices.speeches[row]
    queued = speech["tail"] > speech["head"]
    if speech["law"] != _NO_LAW and speech["talking"] and queued:
        frame = voices.ring[row, speech["head"] % _SLOTS]
        for nth in range(FRAME_BYTES):
            voices.remainder[row, nth] = frame[nth]
        speech["fading_out"] = True


@compiled(types.void(VOICES, i8, i8, u1[::1]))
def _open(voices: Voices, row: int, law: int, silent: Bytes) -> None:
    speech = voices.speeches[row]
    lock(voices.mutex)
    speech["head"] = speech["tail"] = 0
    speech["flushed"] = speech["flushes"] = 0
    speech["law"] = law
    speech["gain"] = speech["applied_gain"] = 1.0
    speech["talking"] = speech["paused"] = False
    speech["fading_out"] = speech["fading_in"] = False
    for nth in range(FRAME_BYTES):
        voices.silence[row, nth] = silent[nth]
    _update(speech)
    unlock(voices.mutex)


@compiled(i8(VOICES, i8, READABLE_LINES))
def _play(voices: Voices, row: int, frames: Bytes) -> int:
    speech = voices.speeches[row]
    lock(voices.mutex)
    for nth in range(len(frames)):
        place = voices.ring[row, (speech["tail"] + nth) % _SLOTS]
        for at in range(FRAME_BYTES):
            place[at] = frames[nth, at]
    speech["tail"] += len(frames)
    _update(speech)
    played: int = speech["tail"] - speech["flushed"]
    unlock(voices.mutex)
    return played


@compiled(types.void(VOICES, i8))
def _pause(voices: Voices, row: int) -> None:
    speech = voices.speeches[row]
    lock(voices.mutex)
    if not speech["paused"]:
        _keep_remainder(voices, row)
        speech["paused"] = True
        speech["fading_in"] = speech["fading_out"]
        _update(speech)
    unlock(voices.mutex)


@compiled(types.void(VOICES, i8))
def _resume(voices: Voices, row: int) -> None:
    speech = voices.speeches[row]
    lock(voices.mutex)
    speech["paused"] = False
    _update(speech)
    unlock(voices.mutex)


@compiled(types.void(VOICES, i8))
def _flush(voices: Voices, row: int) -> None:
    speech = voices.speeches[row]
    lock(voices.mutex)
    if not speech["paused"]:
        _keep_remainder(voices, row)
    speech["flushes"] += 1
    speech["flushed"] += speech["tail"] - speech["head"]
    speech["head"] = speech["tail"]
    speech["fading_in"] = False
    _update(speech)
    unlock(voices.mutex)


@compiled(types.void(VOICES, i8, f8))
def _gain(voices: Voices, row: int, gain: float) -> None:
    speech = voices.speeches[row]
    lock(voices.mutex)
    speech["gain"] = gain
    _update(speech)
    unlock(voices.mutex)


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

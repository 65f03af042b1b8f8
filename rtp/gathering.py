"""Uneventful frames of a row are handed on together, because each handing-on costs the same.

Most frames of a call hold nothing that anybody has to react to: a caller who listens, or who goes
on speaking. From the start the frames of a row are handed on one by one. While its owner attends
to something else, those of a beat (`BEAT`) are handed on together, and at once as soon as
something happens: silence or speech is broken, or what the row plays has begun, come to its end
or been flushed.

Rows take part in a common beat, because who is woken for one row is awake for others. Many rows
are handed on in groups, a frame's time after each other, so that no beat is long.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS
from rtp.compiled import compiled

MOST = 12
"""Frames handed on together, where their packets did not come evenly."""

GROUP = 64
"""Rows that are handed on in the same beat before another one is used."""

POSSIBLE_SPEECH = 0.1
"""A probability below this is that of silence to everybody."""

CERTAIN_SPEECH = 0.5
"""A probability from this on is that of speech to everybody."""


class Attention(StrEnum):
    """Of which frames a row's owner wants each at once."""

    EACH = "each"
    BROKEN_SILENCE = "broken_silence"
    """Those that may hold speech."""
    BROKEN_SPEECH = "broken_speech"
    """Those that may hold none."""


BEAT = {Attention.BROKEN_SILENCE: 0.2, Attention.BROKEN_SPEECH: 0.1}
"""Seconds: nobody waits longer for what has left, and no recogniser for what is said."""

# What the last frame held, where it only passed.
_UNKNOWN = -1

# Frames hold silence (0), perhaps speech (1), or speech (2); which may wait for others.
_UNEVENTFUL = {Attention.EACH: -1, Attention.BROKEN_SILENCE: 0, Attention.BROKEN_SPEECH: 2}

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Samples = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Gathering:
    """The frames of every row that have been heard and not been handed on."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._uneventful = np.full(rows, _UNEVENTFUL[Attention.EACH], np.int8)
        self._holds = np.zeros(rows, np.int8)
        self._offset = np.arange(rows) // GROUP * FRAME_SECONDS
        self._period = np.full(rows, min(BEAT.values()))
        self._beat = np.zeros(rows)
        self._count = np.zeros(rows, np.int64)
        self._playing = np.zeros(rows, np.uint8)
        self._flushes = np.zeros(rows, np.int64)
        # By how many samples a frame has at the rate that its row is listened at.
        self._audio: dict[int, Samples] = {}

    def open(self, row: int) -> None:
        """Row `row` carries another leg from now on: each frame counts, and nothing is gathered."""
        self.attend(row, Attention.EACH)
        self._count[row] = self._playing[row] = self._flushes[row] = 0

    def attend(self, row: int, attention: Attention) -> None:
        """Which frames of `row` are handed on at once: the next one, and from then on these."""
        self._uneventful[row] = _UNEVENTFUL[attention]
        self._period[row] = BEAT.get(attention, min(BEAT.values()))
        self._holds[row] = _UNKNOWN

    def plain(self, rows: Rows) -> bool:
        """Each frame of `rows` counts and nothing is gathered: their frames just pass."""
        each = _UNEVENTFUL[Attention.EACH]
        waiting = (self._uneventful[rows] != each) | (self._count[rows] > 0)
        return not np.count_nonzero(waiting)

    def due(
        self,
        now: float,
        rows: Rows,
        speech: Samples,
        playing: NDArray[np.uint8],
        flushes: Integers,
    ) -> Mask:
        """Of which `rows`, each with a frame more, all that is gathered is handed on at `now`.

        `playing` is any number that changes when a row's playout begins or ends.
        """
        due = np.empty(len(rows), np.bool_)
        _due(
            now,
            rows,
            speech,
            playing,
            flushes,
            self._offset,
            self._period,
            self._uneventful,
            self._count,
            self._holds,
            self._beat,
            self._playing,
            self._flushes,
            due,
        )
        return due

    def add(self, rows: Rows, audio: Samples, due: Mask) -> tuple[Samples, Integers]:
        """Gathers a frame (n, samples) of each of `rows`, and takes out those of `due`.

        Returns the audio of the due rows (n, `MOST` frames), of which the first frames count, and
        how many frames those are.
        """
        count = np.count_nonzero(due)
        taken = np.empty((count, MOST * audio.shape[1]), np.float32)
        frames = np.empty(count, np.int64)
        _add(rows, audio, due, self._gathered(audio.shape[1]), self._count, taken, frames)
        return taken, frames

    def _gathered(self, samples: int) -> Samples:
        if samples not in self._audio:
            self._audio[samples] = np.zeros((self._rows, MOST, samples), np.float32)
        return self._audio[samples]


@compiled(
    "void(f8, i8[::1], f4[::1], u1[::1], i8[::1], f8[::1], f8[::1], i1[::1], i8[::1], i1[::1],"
    " f8[::1], u1[::1], i8[::1], b1[::1])"
)
def _due(
    now: float,
    rows: Rows,
    speech: Samples,
    playing: NDArray[np.uint8],
    flushes: Integers,
    offset: NDArray[np.float64],
    period: NDArray[np.float64],
    uneventful: NDArray[np.int8],
    count: Integers,
    last_holds: NDArray[np.int8],
    last_beat: NDArray[np.float64],
    last_playing: NDArray[np.uint8],
    last_flushes: Integers,
    due: Mask,
) -> None:
    """Fills `due`, an element for each of `rows`, and keeps what was seen of them."""
    for nth, row in enumerate(rows):
        beat = np.floor((now - offset[row]) / period[row])
        holds = np.int8(speech[nth] >= POSSIBLE_SPEECH) + np.int8(speech[nth] >= CERTAIN_SPEECH)
        due[nth] = (
            holds != uneventful[row]
            # The first of its kind does not wait: all that wait are like the one handed on before.
            or holds != last_holds[row]
            or playing[nth] != last_playing[row]
            or flushes[nth] != last_flushes[row]
            or beat != last_beat[row]
            or count[row] >= MOST - 1
        )
        last_holds[row] = holds
        last_beat[row] = beat
        last_playing[row] = playing[nth]
        last_flushes[row] = flushes[nth]


@compiled("void(i8[::1], f4[:, ::1], b1[::1], f4[:, :, ::1], i8[::1], f4[:, ::1], i8[::1])")
def _add(
    rows: Rows,
    audio: Samples,
    due: Mask,
    gathered: Samples,
    count: Integers,
    taken: Samples,
    frames: Integers,
) -> None:
    """Fills the last two, an element for each of the due rows."""
    samples = audio.shape[1]
    place = 0
    for nth, row in enumerate(rows):
        if not due[nth]:
            gathered[row, count[row]] = audio[nth]
            count[row] += 1
            continue
        before = count[row]
        for frame in range(before):
            taken[place, frame * samples : (frame + 1) * samples] = gathered[row, frame]
        taken[place, before * samples : (before + 1) * samples] = audio[nth]
        frames[place] = before + 1
        count[row] = 0
        place += 1

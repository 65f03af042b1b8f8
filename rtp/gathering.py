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
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, FRAMES_PER_SECOND
from rtp.compiled import compiled, f4, f8, facts_of, i8, part
from rtp.mutex import MUTEX, Mutex, lock, new_mutex, unlock
from rtp.playout import SPEECHES
from rtp.resample import FILTER, Resampler, filters

LISTEN_RATES = (8000, 16000)

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

# Frames hold silence (0), perhaps speech (1), or speech (2); which may wait for others.
_UNEVENTFUL = {Attention.EACH: -1, Attention.BROKEN_SILENCE: 0, Attention.BROKEN_SPEECH: 2}

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Samples = NDArray[np.float32]
Facts = NDArray[np.void]


GATHERED = np.dtype(
    [
        ("offset", "f8"),
        ("period", "f8"),
        ("beat", "f8"),
        ("count", "i8"),
        ("flushes", "i8"),
        # How often `attend` has said what counts, and how often it has been heeded.
        ("asked", "i8"),
        ("heeded", "i8"),
        ("uneventful", "i1"),
        ("holds", "i1"),
        ("playing", "i1"),
        # The listener wants the other rate than the codec's.
        ("resampled", "?"),
    ],
    align=True,
)
GATHERINGS = facts_of(GATHERED)


class Heard(NamedTuple):
    """What each of `rows` gets: `frames` of 20 ms, one or more.

    They are the first `samples` of its line of `audio`. `speech` is that of the last frame; those
    before it were like the one before them. `played` and `flushes` tell how far each row's playout
    was.
    """

    rows: Rows
    frames: Integers
    samples: Integers
    played: Integers
    flushes: Integers
    speech: Samples
    audio: Samples


class Gathering:
    """The frames of every row that have been heard and not been handed on."""

    def __init__(self, rows: int, mutex: Mutex | None = None) -> None:
        """`mutex` is that of the playout whose state is handed on, too."""
        self._rows = rows
        self._mutex = new_mutex() if mutex is None else mutex
        self.facts: Facts = np.zeros(rows, GATHERED)
        self.facts["uneventful"] = _UNEVENTFUL[Attention.EACH]
        self.facts["offset"] = np.arange(rows) // GROUP * FRAME_SECONDS
        self.facts["period"] = min(BEAT.values())
        # By the codecs' rates.
        self._audio: dict[int, Samples] = {}
        self._resamplers: dict[int, Resampler] = {}

    def open(self, row: int) -> None:
        """Row `row` carries another leg from now on: each frame counts, and nothing is gathered."""
        self.attend(row, Attention.EACH)
        for fact in ("count", "playing", "flushes"):
            self.facts[fact][row] = 0

    def listen(self, row: int, from_rate: int, to_rate: int) -> None:
        """The frames of `row` come at `from_rate` and are handed on at `to_rate`, which are two of
        `LISTEN_RATES`."""
        self.facts["resampled"][row] = from_rate != to_rate
        self._resampler(from_rate).reset(row)

    def attend(self, row: int, attention: Attention) -> None:
        """Which frames of `row` are handed on at once: the next one, and from then on these."""
        self.facts["uneventful"][row] = _UNEVENTFUL[attention]
        self.facts["period"][row] = BEAT.get(attention, min(BEAT.values()))
        self.facts["asked"][row] += 1

    def place(self, rows: Rows, frames: Samples) -> None:
        """The next frames (n, samples) of `rows`, to be handed on before there are others."""
        self.room(frames.shape[1] * FRAMES_PER_SECOND)[rows, self.facts["count"][rows]] = frames

    def placed(self, rows: Rows, rate: int) -> Samples:
        """What is in the next places of `rows`."""
        frames: Samples = self.room(rate)[rows, self.facts["count"][rows]]
        return frames

    def room(self, rate: int) -> Samples:
        """Where frames of that rate lie: (rows, `MOST`, samples). A row's next one goes to the
        place that its `count` tells."""
        if rate not in self._audio:
            samples = rate // FRAMES_PER_SECOND
            self._audio[rate] = np.zeros((self._rows, MOST, samples), np.float32)
        return self._audio[rate]

    def hand_on(self, now: float, rows: Rows, rate: int, speech: Samples, speeches: Facts) -> Heard:
        """What is handed on at `now`, when the next frames of `rows` are in their places.

        `speech` tells every row's probability, `speeches` what its playout does.
        """
        resampler = self._resampler(rate)
        counted = np.empty((5, len(rows)), np.int64)
        spoken = np.empty(len(rows), np.float32)
        count, audio = _hand_on(
            self._mutex,
            now,
            rows,
            speech,
            self.facts,
            speeches,
            self.room(rate),
            *resampler.memory,
            resampler.samples_out,
            counted,
            spoken,
        )
        handed, frames, samples, played, flushes = counted[:, :count]
        return Heard(handed, frames, samples, played, flushes, spoken[:count], audio)

    def _resampler(self, rate: int) -> Resampler:
        if rate not in self._resamplers:
            (other,) = set(LISTEN_RATES) - {rate}
            self._resamplers[rate] = Resampler(self._rows, rate, other)
        return self._resamplers[rate]


@part
def _due(now: float, speech: float, speech_facts: Facts, gathered: Facts) -> bool:
    """Whether all that is gathered of a row, with a frame more, is handed on; keeps what it saw."""
    beat = np.floor((now - gathered["offset"]) / gathered["period"])
    holds = 0
    if speech >= POSSIBLE_SPEECH:
        holds += 1
    if speech >= CERTAIN_SPEECH:
        holds += 1
    playing = 0
    if speech_facts["talking"]:
        playing += 1
    if speech_facts["ready"]:
        playing += 2
    # Each looked at once: another thread may be changing them.
    asked, flushes = gathered["asked"], speech_facts["flushes"]
    due = bool(
        holds != gathered["uneventful"]
        # The first of its kind does not wait: all that wait are like the one handed on before.
        or holds != gathered["holds"]
        or asked != gathered["heeded"]
        or playing != gathered["playing"]
        or flushes != gathered["flushes"]
        or beat != gathered["beat"]
        or gathered["count"] >= MOST - 1
    )
    gathered["holds"] = holds
    gathered["heeded"] = asked
    gathered["beat"] = beat
    gathered["playing"] = playing
    gathered["flushes"] = flushes
    return due


@compiled(
    types.Tuple((i8, f4[:, ::1]))(
        MUTEX,
        f8,
        i8[::1],
        f4[::1],
        GATHERINGS,
        SPEECHES,
        f4[:, :, ::1],
        *FILTER,
        i8,
        i8[:, ::1],
        f4[::1],
    ),
    loose=True,
    free=True,
)
def _hand_on(
    mutex: Mutex,
    now: float,
    rows: Rows,
    speech: Samples,
    gatherings: Facts,
    speeches: Facts,
    room: Samples,
    history: Samples,
    taps: Samples,
    joined: Samples,
    work: Samples,
    sums: Samples,
    resampled_samples: int,
    counted: Integers,
    spoken: Samples,
) -> tuple[int, Samples]:
    """Fills the last two with what `Heard` tells of the rows that are due; the count, and audio."""
    due = widest = 0
    for row in rows:
        gathered, playout = gatherings[row], speeches[row]
        if not _due(now, speech[row], playout, gathered):
            gathered["count"] += 1
            continue
        frames = gathered["count"] + 1
        samples = frames * (resampled_samples if gathered["resampled"] else room.shape[2])
        counted[0, due] = row
        counted[1, due] = frames
        counted[2, due] = samples
        lock(mutex)
        counted[3, due] = playout["head"] - playout["flushed"]
        counted[4, due] = playout["flushes"]
        unlock(mutex)
        spoken[due] = speech[row]
        widest = max(widest, samples)
        due += 1
        gathered["count"] = 0
    audio = np.empty((due, widest), np.float32)
    for nth in range(due):
        row, line = counted[0, nth], audio[nth]
        size = counted[2, nth] // counted[1, nth]
        for frame in range(counted[1, nth]):
            out = line[frame * size : (frame + 1) * size]
            if gatherings[row]["resampled"]:
                filters(room[row, frame], history[row], taps, joined, work, sums, out)
            else:
                out[:] = room[row, frame]
    return due, audio

"""Speech probability of every row: Silero VAD at 8 kHz, in batches, and only where it matters.

The model takes windows of 32 ms, which frames of 20 ms fill in five ticks of eight. Each run of the
model costs as much as many windows, so rows fill theirs in the same ticks: a new row begins with
as much silence as most others have audio waiting, and a row that has fallen out of step (a frame
came early, or late) falls in again in its silence, by at most 28 ms of it. Where there are many
rows its windows wait until then for those of the others, a tick at most.

Most of a call is silence, and silence is cheap to see: a row is *open* while a frame is louder
than the row's own noise floor by 3 dB, and for some windows after, until the model too says
silence. The windows of a closed row are not run: its probability is 0, and the model's memory
stays as it was at the end of the last speech, which was silence. A call begins open, because the
model hears a weak first word much better when it has heard the silence before it.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.compiled import b1, compiled, f4, facts_of, i8, part
from rtp.silero import (
    CONTEXT,
    NETWORK,
    NO_NETWORK,
    STATE_WIDTH,
    WINDOW,
    Network,
    judges,
    read_network,
)

RATE = 8000
FRAME = 160

# The window counted in pieces that divide it, a frame, and the context the model wants.
_PIECE = CONTEXT
_FRAME_PIECES = FRAME // _PIECE
_WINDOW_PIECES = WINDOW // _PIECE
_INPUT_PIECES = 1 + _WINDOW_PIECES
INPUT = _INPUT_PIECES * _PIECE
# A window that is whole waits for one frame more.
_BUFFER_PIECES = _INPUT_PIECES + 2 * _FRAME_PIECES - 1

# Powers of full scale ±1.0: no speech is quieter than -60 dBFS, no noise floor above -45 dBFS.
_QUIETEST_SPEECH = np.float32(1e-6)
_LOUDEST_FLOOR = np.float32(3.2e-5)
_OPENING_RATIO = np.float32(2.0)
_FLOOR_RISE = np.float32(1.002)
_CLOSING_PROBABILITY = 0.1
_CLOSING_WINDOWS = 4
_FIRST_WINDOWS = 32

# With fewer rows no window waits: a few runs more cost less than what they bring sooner is worth.
_MANY_ROWS = 64

# Of a row that has heard nothing yet; what is filled includes the context.
_NEW = 0
_NOTHING_FILLED = 1

Rows = NDArray[np.intp]
Samples = NDArray[np.float32]
Facts = NDArray[np.void]

EAR = np.dtype([("filled", "i8"), ("open", "i8"), ("floor", "f4")], align=True)
"""Pieces that are filled, windows until the row is closed, and the power of its noise."""
EARS = facts_of(EAR)


class Detecting(NamedTuple):
    """What compiled code works on; without a detector there are no `ears`."""

    ears: Facts
    buffer: Samples
    probability: Samples
    state: Samples
    network: Network
    runs: NDArray[np.int64]


DETECTING = types.NamedTuple(
    (EARS, f4[:, ::1], f4[::1], f4[:, :, ::1], NETWORK, i8[::1]), Detecting
)

NOBODY = Detecting(
    np.zeros(0, EAR),
    np.zeros((0, 0), np.float32),
    np.zeros(0, np.float32),
    np.zeros((0, 0, 0), np.float32),
    NO_NETWORK,
    np.zeros(2, np.int64),
)


class SpeechDetector:
    """The ears of all rows; `probability` holds each row's latest."""

    def __init__(self, rows: int, model: Path) -> None:
        """Loads the Silero ONNX file `model`; see `read_network` for errors."""
        self.probability = np.zeros(rows, np.float32)
        self.facts: Facts = np.zeros(rows, EAR)
        self.runs = np.zeros(2, np.int64)
        """How often the model was run, and for how many windows."""
        self.detecting = Detecting(
            self.facts,
            np.zeros((rows, _BUFFER_PIECES * _PIECE), np.float32),
            self.probability,
            np.zeros((2, rows, STATE_WIDTH), np.float32),
            read_network(model),
            self.runs,
        )
        self._crowd = 0
        """How many rows the last frames were of."""

    def reset(self, row: int) -> None:
        """The row carries another call from now on."""
        ear = self.facts[row]
        ear["filled"], ear["open"], ear["floor"] = _NEW, _FIRST_WINDOWS, _LOUDEST_FLOOR
        self.probability[row] = 0.0
        self.detecting.buffer[row] = 0.0
        self.detecting.state[:, row] = 0.0

    def process(self, rows: Rows, frames: Samples) -> None:
        """The next frames (n, 160) of `rows`, each named once."""
        runs = self.keep_step(rows)
        windows, heard = np.empty((len(rows), INPUT), np.float32), np.empty(len(rows), np.int64)
        count = _take(self.detecting, rows, frames, runs, windows, heard)
        if count:
            runs_windows(self.detecting, windows[:count], heard[:count])

    def keep_step(self, rows: Rows, *, again: bool = False) -> bool:
        """Rows that can fall into step with most do, before their next frames are taken.

        Returns whether windows are run with these frames; if not, they may wait for the next.
        Rows that come `again` catch up with others, whose windows have just been run.
        """
        crowd, self._crowd = self._crowd, len(rows)
        # A few rows, whose packets came by themselves, are not most.
        whole = _keep_step(self.detecting, rows, 2 * len(rows) >= crowd)
        return max(crowd, len(rows)) < _MANY_ROWS or (whole and not again)


@part
def takes_frame(
    detecting: Detecting,
    row: int,
    frame: Samples,
    runs: bool,  # noqa: FBT001
    windows: Samples,
    heard: Rows,
    count: int,
) -> int:
    """The row is open from this frame on if it stands out of the row's noise.

    A window that is whole and is run now goes to `windows`, its row to `heard`, in which `count`
    are already; returns how many are then.
    """
    ear = detecting.ears[row]
    power = np.float32(0.0)
    for sample in frame:
        power += sample * sample
    power /= np.float32(FRAME)
    if power > max(ear["floor"] * _OPENING_RATIO, _QUIETEST_SPEECH):
        ear["open"] = max(ear["open"], _CLOSING_WINDOWS)
    lowered = min(min(power, ear["floor"] * _FLOOR_RISE), _LOUDEST_FLOOR)
    ear["floor"] = max(lowered, _QUIETEST_SPEECH / _OPENING_RATIO)

    line = detecting.buffer[row]
    waited = ear["filled"] >= _INPUT_PIECES
    start = ear["filled"] * _PIECE
    line[start : start + FRAME] = frame
    ear["filled"] += _FRAME_PIECES
    is_open = ear["open"] > 0
    if ear["filled"] < _INPUT_PIECES or (is_open and not (runs or waited)):
        return count
    if is_open:
        window = windows[count]
        for nth in range(INPUT):
            window[nth] = line[nth]
        heard[count] = row
        count += 1
    else:
        detecting.probability[row] = 0.0
    ear["filled"] -= _WINDOW_PIECES
    # What came beyond the window, and the window's end, for context.
    for nth in range(ear["filled"] * _PIECE):
        line[nth] = line[WINDOW + nth]
    return count


@compiled(b1(DETECTING, i8[::1], b1))
def _keep_step(detecting: Detecting, rows: Rows, are_most: bool) -> bool:  # noqa: FBT001
    """As `SpeechDetector.keep_step`; if `rows` are not most of all, only new ones fall in.

    Rows that hear silence, and have more of it than most have, leave the oldest out. Those that
    have less will have more in one of the next two ticks.
    """
    ears = detecting.ears
    rows_with = np.zeros(_BUFFER_PIECES + 1, np.int64)
    for row in rows:
        rows_with[ears[row]["filled"]] += 1
    rows_with[_NEW] = 0
    step = rows_with.argmax() if rows_with.any() else _NOTHING_FILLED
    for row in rows:
        ear, line = ears[row], detecting.buffer[row]
        surplus = ear["filled"] - step
        if ear["filled"] == _NEW:
            ear["filled"] = step
        elif are_most and surplus > 0 and ear["open"] == 0:
            for nth in range(step * _PIECE):
                line[nth] = line[surplus * _PIECE + nth]
            ear["filled"] = step
    return bool(step + _FRAME_PIECES >= _INPUT_PIECES)


@compiled(i8(DETECTING, i8[::1], f4[:, ::1], b1, f4[:, ::1], i8[::1]), loose=True)
def _take(
    detecting: Detecting,
    rows: Rows,
    frames: Samples,
    runs: bool,  # noqa: FBT001
    windows: Samples,
    heard: Rows,
) -> int:
    count = 0
    for nth, row in enumerate(rows):
        count = takes_frame(detecting, row, frames[nth], runs, windows, heard, count)
    return count


@compiled(types.void(DETECTING, f4[:, ::1], i8[::1]), loose=True, free=True)
def runs_windows(detecting: Detecting, windows: Samples, rows: Rows) -> None:
    """The probabilities of `rows` are those of their windows from now on."""
    judges(detecting.network, windows, rows, detecting.state, detecting.probability)
    detecting.runs[0] += 1
    detecting.runs[1] += len(rows)
    for row in rows:
        ear = detecting.ears[row]
        ear["open"] -= 1
        if detecting.probability[row] >= _CLOSING_PROBABILITY:
            ear["open"] = max(ear["open"], _CLOSING_WINDOWS)

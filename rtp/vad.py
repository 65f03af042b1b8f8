"""Speech probability of every row: Silero VAD at 8 kHz, in batches, and only where it matters.

The model takes windows of 32 ms, which frames of 20 ms fill in five ticks of eight. Each run of the
model costs as much as many windows, so rows fill theirs in the same ticks: a new row begins with
as much silence as most others have audio waiting, and a row that has fallen out of step (a frame
came early, or late) falls in again in its silence, by at most 28 ms of it.

Most of a call is silence, and silence is cheap to see: a row is *open* while a frame is louder
than the row's own noise floor by 3 dB, and for some windows after, until the model too says
silence. The windows of a closed row are not run: its probability is 0, and the model's memory
stays as it was at the end of the last speech, which was silence. A call begins open, because the
model hears a weak first word much better when it has heard the silence before it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import compiled
from rtp.silero import CONTEXT, STATE_WIDTH, WINDOW, batched_session

RATE = 8000
FRAME = 160

# The window counted in pieces that divide it, a frame, and the context the model wants.
_PIECE = CONTEXT
_FRAME_PIECES = FRAME // _PIECE
_WINDOW_PIECES = WINDOW // _PIECE
_INPUT_PIECES = 1 + _WINDOW_PIECES
_INPUT = _INPUT_PIECES * _PIECE
_BUFFER_PIECES = _INPUT_PIECES + _FRAME_PIECES - 1

# Powers of full scale ±1.0: no speech is quieter than -60 dBFS, no noise floor above -45 dBFS.
_QUIETEST_SPEECH = np.float32(1e-6)
_LOUDEST_FLOOR = np.float32(3.2e-5)
_OPENING_RATIO = np.float32(2.0)
_FLOOR_RISE = np.float32(1.002)
_CLOSING_PROBABILITY = 0.1
_CLOSING_WINDOWS = 4
_FIRST_WINDOWS = 32

# Of a row that has heard nothing yet; what is filled includes the context.
_NEW = 0
_NOTHING_FILLED = 1

Rows = NDArray[np.intp]
Samples = NDArray[np.float32]


class SpeechDetector:
    """The ears of all rows; `probability` holds each row's latest."""

    def __init__(self, rows: int, model: Path) -> None:
        """Loads the Silero ONNX file `model`; see `batched_session` for errors."""
        self._session = batched_session(model)
        self.probability = np.zeros(rows, np.float32)
        self._buffer = np.zeros((rows, _BUFFER_PIECES * _PIECE), np.float32)
        self._filled = np.full(rows, _NEW, np.intp)
        self._state = np.zeros((2, rows, STATE_WIDTH), np.float32)
        self._floor = np.zeros(rows, np.float32)
        self._open = np.zeros(rows, np.intp)
        self._crowd = 0
        """How many rows the last frames were of."""

    def reset(self, row: int) -> None:
        """The row carries another call from now on."""
        self.probability[row] = 0.0
        self._buffer[row] = 0.0
        self._filled[row] = _NEW
        self._state[:, row] = 0.0
        self._floor[row] = _LOUDEST_FLOOR
        self._open[row] = _FIRST_WINDOWS

    def process(self, rows: Rows, frames: Samples) -> None:
        """The next frames (n, 160) of `rows`, each named once."""
        self._keep_step(rows)
        windows = np.empty((len(rows), _INPUT), np.float32)
        heard = np.empty(len(rows), np.intp)
        count = _take(
            rows,
            frames,
            self._filled,
            self._buffer,
            self._floor,
            self._open,
            self.probability,
            windows,
            heard,
        )
        if count:
            self._run(heard[:count], windows[:count])

    def _keep_step(self, rows: Rows) -> None:
        """Rows that can fall into step with most do."""
        crowd, self._crowd = self._crowd, len(rows)
        if _in_step(rows, self._filled):
            return
        filled = self._filled[rows]
        new = filled == _NEW
        if np.count_nonzero(new):
            old = filled[~new]
            filled[new] = _most(old) if len(old) else _NOTHING_FILLED
        # A few rows, whose packets came by themselves, are not most.
        if len(rows) > 1 and 2 * len(rows) >= crowd and np.count_nonzero(filled != filled[0]):
            self._fall_into_step(rows, filled)
        self._filled[rows] = filled

    def _fall_into_step(self, rows: Rows, filled: Rows) -> None:
        """Rows that hear silence, and have more of it than most rows have, leave the oldest out.

        Those that have less will have more in one of the next two ticks.
        """
        step = _most(filled)
        ahead = np.flatnonzero((filled > step) & (self._open[rows] == 0))
        if len(ahead):
            late = rows[ahead, np.newaxis]
            kept = np.arange(step * _PIECE)
            newest = ((filled[ahead] - step) * _PIECE)[:, np.newaxis] + kept
            self._buffer[late, kept] = self._buffer[late, newest]
            filled[ahead] = step

    def _run(self, rows: Rows, windows: Samples) -> None:
        feeds = {"input": windows, "state": self._state[:, rows]}
        output, state = self._session.run(("output", "stateN"), feeds)
        probability = output[:, 0]
        self.probability[rows] = probability
        self._state[:, rows] = state
        left = self._open[rows] - 1
        speaking = probability >= _CLOSING_PROBABILITY
        self._open[rows] = np.where(speaking, np.maximum(left, _CLOSING_WINDOWS), left)


@compiled("b1(i8[::1], i8[::1])")
def _in_step(rows: Rows, filled: Rows) -> bool:
    """All of `rows` have heard something, and as much of their windows as each other."""
    for row in rows:
        if filled[row] == _NEW or filled[row] != filled[rows[0]]:
            return False
    return True


@compiled(
    "i8(i8[::1], f4[:, ::1], i8[::1], f4[:, ::1], f4[::1], i8[::1], f4[::1], f4[:, ::1], i8[::1])",
    loose=True,
)
def _take(
    rows: Rows,
    frames: Samples,
    filled: Rows,
    buffer: Samples,
    floor: Samples,
    opened: Rows,
    probability: Samples,
    windows: Samples,
    heard: Rows,
) -> int:
    """Takes the next frame of each of `rows`, and opens those whose frame stands out of their noise.

    Fills the last two with the windows that are whole and are to be run; returns how many.
    """
    count = 0
    for nth, row in enumerate(rows):
        frame = frames[nth]
        power = np.float32(0.0)
        for sample in frame:
            power += sample * sample
        power /= np.float32(FRAME)
        if power > max(floor[row] * _OPENING_RATIO, _QUIETEST_SPEECH):
            opened[row] = max(opened[row], _CLOSING_WINDOWS)
        lowered = min(min(power, floor[row] * _FLOOR_RISE), _LOUDEST_FLOOR)
        floor[row] = max(lowered, _QUIETEST_SPEECH / _OPENING_RATIO)

        line = buffer[row]
        start = filled[row] * _PIECE
        line[start : start + FRAME] = frame
        filled[row] += _FRAME_PIECES
        if filled[row] < _INPUT_PIECES:
            continue
        if opened[row] > 0:
            windows[count] = line[:_INPUT]
            heard[count] = row
            count += 1
        else:
            probability[row] = 0.0
        line[:FRAME] = line[WINDOW : WINDOW + FRAME].copy()
        filled[row] -= _WINDOW_PIECES
    return count


def _most(filled: Rows) -> int:
    """What most of them have."""
    return int(np.bincount(filled).argmax())

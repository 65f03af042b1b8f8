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

from rtp.silero import CONTEXT, STATE_WIDTH, WINDOW, batched_session

RATE = 8000
FRAME = 160

# The window counted in pieces that divide it, a frame, and the context the model wants.
_PIECE = CONTEXT
_FRAME_PIECES = FRAME // _PIECE
_WINDOW_PIECES = WINDOW // _PIECE
_INPUT_PIECES = 1 + _WINDOW_PIECES
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
        self._buffer = np.zeros((rows, _BUFFER_PIECES, _PIECE), np.float32)
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
        filled = self._filled_so_far(rows)
        self._listen(rows, frames)
        pieces = filled[:, np.newaxis] + np.arange(_FRAME_PIECES)
        self._buffer[rows[:, np.newaxis], pieces] = frames.reshape(-1, _FRAME_PIECES, _PIECE)
        filled += _FRAME_PIECES
        self._filled[rows] = filled
        whole = rows[filled >= _INPUT_PIECES]
        if not len(whole):
            return
        heard = self._open[whole] > 0
        self.probability[whole[~heard]] = 0.0
        if heard.any():
            self._run(whole[heard])
        self._buffer[whole, :_FRAME_PIECES] = self._buffer[whole, _WINDOW_PIECES:]
        self._filled[whole] -= _WINDOW_PIECES

    def _filled_so_far(self, rows: Rows) -> Rows:
        """How many pieces each row has, when those that can have fallen into step with most."""
        filled = self._filled[rows]
        crowd, self._crowd = self._crowd, len(rows)
        new = filled == _NEW
        if np.count_nonzero(new):
            old = filled[~new]
            filled[new] = _most(old) if len(old) else _NOTHING_FILLED
        # A few rows, whose packets came by themselves, are not most.
        if len(rows) > 1 and 2 * len(rows) >= crowd and np.count_nonzero(filled != filled[0]):
            self._fall_into_step(rows, filled)
        return filled

    def _fall_into_step(self, rows: Rows, filled: Rows) -> None:
        """Rows that hear silence, and have more of it than most rows have, leave the oldest out.

        Those that have less will have more in one of the next two ticks.
        """
        step = _most(filled)
        ahead = np.flatnonzero((filled > step) & (self._open[rows] == 0))
        if len(ahead):
            late = rows[ahead, np.newaxis]
            newest = (filled[ahead] - step)[:, np.newaxis] + np.arange(step)
            self._buffer[late, np.arange(step)] = self._buffer[late, newest]
            filled[ahead] = step

    def _listen(self, rows: Rows, frames: Samples) -> None:
        """Opens rows whose frame stands out of their noise floor."""
        power = np.einsum("ij,ij->i", frames, frames) / np.float32(FRAME)
        floor = self._floor[rows]
        loud = power > np.maximum(floor * _OPENING_RATIO, _QUIETEST_SPEECH)
        loud_rows = rows[loud]
        self._open[loud_rows] = np.maximum(self._open[loud_rows], _CLOSING_WINDOWS)
        floor = np.minimum(np.minimum(power, floor * _FLOOR_RISE), _LOUDEST_FLOOR)
        self._floor[rows] = np.maximum(floor, _QUIETEST_SPEECH / _OPENING_RATIO)

    def _run(self, rows: Rows) -> None:
        windows = self._buffer[rows, :_INPUT_PIECES].reshape(len(rows), -1)
        feeds = {"input": windows, "state": self._state[:, rows]}
        output, state = self._session.run(("output", "stateN"), feeds)
        probability = output[:, 0]
        self.probability[rows] = probability
        self._state[:, rows] = state
        left = self._open[rows] - 1
        speaking = probability >= _CLOSING_PROBABILITY
        self._open[rows] = np.where(speaking, np.maximum(left, _CLOSING_WINDOWS), left)


def _most(filled: Rows) -> int:
    """What most of them have."""
    return int(np.bincount(filled).argmax())

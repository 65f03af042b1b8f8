"""Sample-rate conversion: a streaming polyphase filter, batched over rows, and a one-shot.

One linear-phase kernel serves every pair of rates, because it is laid out in samples of the
narrower side (8 kHz: flat to 3.4 kHz within 0.1 dB, 80 dB down from 4 kHz on, both ways). A
stretch of input times one matrix is a stretch of output, so a batch is one matrix product.
"""

from functools import cache
from math import ceil, gcd
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr
from numba import types
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from rtp.codec import FRAMES_PER_SECOND
from rtp.compiled import compiled, f4, i8, part

Samples = NDArray[np.float32]
Rows = NDArray[np.intp]

REACH = 31
"""How far the kernel reaches to each side, in samples of the narrower side: 3.9 ms at 8 kHz. It is
the shortest reach that keeps 80 dB with a margin."""

DESIGNS = Path(__file__).with_name("filters.npz")
"""The kernel of the usual rates, as rtp/design.py made it."""

# Short blocks waste fewer products with zero, long ones copy less history: ten per frame is
# fastest.
_BLOCKS_PER_FRAME = 10

FILTER = (f4[:, ::1], f4[:, :, ::1], f4[::1], f4[:, ::1], f4[::1])
"""The types of `Resampler.memory`."""

# Sums are made of so many products at a time: more would not fit the registers.
_UNROLLED = 8


class Resampler:
    """Resamples 20 ms frames of many rows in step; what a row still needs is kept per row."""

    def __init__(self, rows: int, from_rate: int, to_rate: int) -> None:
        """Room for `rows` rows; ValueError if a rate has no whole number of samples in 20 ms."""
        self._bank = _bank(from_rate, to_rate)
        self._frame = from_rate // FRAMES_PER_SECOND
        taps = _phases(self._bank, from_rate, to_rate)
        every, steps = taps.shape[1], self._frame // taps.shape[1]
        self._history = np.zeros((rows, self._bank.history), np.float32)
        self.memory = (
            self._history,
            taps,
            np.empty(self._bank.history + self._frame, np.float32),
            # The taps that are nothing reach beyond the end.
            np.zeros((every, steps + taps.shape[2]), np.float32),
            np.empty(steps, np.float32),
        )
        """What `filters` wants, in its order."""
        self.samples_out = self._bank.samples_out(self._frame)
        """Of each frame."""

    @property
    def delay(self) -> float:
        """Seconds by which the output follows the input, the same at all frequencies."""
        return self._bank.delay

    def process(self, rows: Rows, frames: Samples) -> Samples:
        """The next frames of `rows`, each named once: (n, input samples) to (n, output samples)."""
        out = np.empty((len(rows), self.samples_out), np.float32)
        _filter(rows, frames, *self.memory, out)
        return out

    def reset(self, row: int) -> None:
        """Forget the past of `row`: the next call there starts from silence."""
        self._history[row] = 0.0


@part
def filters(
    frame: Samples,
    before: Samples,
    taps: Samples,
    joined: Samples,
    work: Samples,
    sums: Samples,
    out: Samples,
) -> None:
    """One frame to `out`; `before` is what its row's history was, and will be.

    `taps` are those of `_phases`; `joined` (history and frame), `work` (every, steps and taps) and
    `sums` (steps) are memory.
    """
    phases, every, reach = taps.shape
    past, steps = len(before), len(sums)
    joined[:past] = before
    joined[past:] = frame
    before[:] = joined[len(frame) :]
    for side in range(every):
        work[side, : (len(joined) - side + every - 1) // every] = joined[side::every]
    for phase in range(phases):
        sums[:] = 0.0
        for side in range(every):
            tap = taps[phase, side]
            for first in range(0, reach, _UNROLLED):
                a, b, c, d = tap[first], tap[first + 1], tap[first + 2], tap[first + 3]
                e, f, g, h = tap[first + 4], tap[first + 5], tap[first + 6], tap[first + 7]
                x = work[side, first : first + steps + _UNROLLED - 1]
                for step in range(steps):
                    sums[step] += (
                        a * x[step]
                        + b * x[step + 1]
                        + c * x[step + 2]
                        + d * x[step + 3]
                        + e * x[step + 4]
                        + f * x[step + 5]
                        + g * x[step + 6]
                        + h * x[step + 7]
                    )
        for step in range(steps):
            out[step * phases + phase] = sums[step]


@compiled(types.void(i8[::1], f4[:, ::1], *FILTER, f4[:, ::1]), loose=True)
def _filter(
    rows: Rows,
    frames: Samples,
    history: Samples,
    taps: Samples,
    joined: Samples,
    work: Samples,
    sums: Samples,
    out: Samples,
) -> None:
    for nth, row in enumerate(rows):
        filters(frames[nth], history[row], taps, joined, work, sums, out[nth])


class StreamResampler:
    """Resamples one stream that arrives in chunks of any length, without shifting it in time.

    All that `push` and `finish` return, joined, does not depend on where the chunks were cut.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        """ValueError if a rate has no whole number of samples in 20 ms."""
        self._bank = _bank(from_rate, to_rate)
        self._from_rate, self._to_rate = from_rate, to_rate
        self._pending = np.zeros(self._bank.history, np.float32)
        self._skip = round(self._bank.delay * to_rate)
        self._taken = 0
        self._given = 0

    def push(self, samples: Samples) -> Samples:
        """Whatever output the stream allows now that `samples` (one-dimensional) have come."""
        self._taken += len(samples)
        return self._advance(samples)

    def finish(self) -> Samples:
        """The end of the output: together samples * to_rate / from_rate, rounded up."""
        total = -(-self._taken * self._to_rate // self._from_rate)
        silence = np.zeros(self._bank.history + self._bank.block_in, np.float32)
        return self._advance(silence)[: total - self._given]

    def _advance(self, samples: Samples) -> Samples:
        bank = self._bank
        work = np.concatenate((self._pending, samples))
        usable = (len(work) - bank.history) // bank.block_in * bank.block_in
        self._pending = work[usable:]
        if not usable:
            return np.empty(0, np.float32)
        windows = bank.windows(work[np.newaxis, : bank.history + usable])
        out: Samples = np.matmul(windows[0], bank.matrix).reshape(-1)
        skipped = min(self._skip, len(out))
        self._skip -= skipped
        self._given += len(out) - skipped
        return out[skipped:]


def resample(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """A whole utterance at another rate, steeper than the stream: all of it must be there."""
    if from_rate == to_rate:
        return samples
    resampled: Samples = soxr.resample(samples, from_rate, to_rate, quality="HQ")
    return resampled


class _Bank(NamedTuple):
    """The filter of one pair of rates: `history + block_in` inputs make `block_out` outputs."""

    matrix: Samples
    history: int
    block_in: int
    block_out: int
    delay: float

    @property
    def window(self) -> int:
        return self.history + self.block_in

    def samples_out(self, samples_in: int) -> int:
        return samples_in // self.block_in * self.block_out

    def windows(self, work: Samples) -> Samples:
        """Overlapping inputs of all blocks of `work`, as a view: (rows, blocks, window)."""
        row, sample = work.strides
        blocks = (work.shape[1] - self.history) // self.block_in
        shape, strides = (len(work), blocks, self.window), (row, self.block_in * sample, sample)
        overlapping: Samples = as_strided(work, shape, strides, writeable=False)
        return overlapping


@cache
def _bank(from_rate: int, to_rate: int) -> _Bank:
    if from_rate % FRAMES_PER_SECOND or to_rate % FRAMES_PER_SECOND:
        raise ValueError(f"no whole frames of 20 ms: {from_rate} Hz to {to_rate} Hz")
    frame_in, frame_out = from_rate // FRAMES_PER_SECOND, to_rate // FRAMES_PER_SECOND
    blocks = gcd(frame_in, frame_out, _BLOCKS_PER_FRAME)
    block_in, block_out = frame_in // blocks, frame_out // blocks
    narrow_rate = min(from_rate, to_rate)
    history = ceil(2 * REACH * from_rate / narrow_rate)
    step = gcd(from_rate, to_rate)
    up, down = to_rate // step, from_rate // step
    # Time counted at the rate at which both sides' samples lie.
    age = np.arange(block_out) * down - np.arange(-history, block_in)[:, np.newaxis] * up
    response = _response(max(up, down)).astype(np.float64)
    inside = (age >= 0) & (age < len(response))
    matrix = np.where(inside, response[np.clip(age, 0, len(response) - 1)], 0.0)
    # Each output weighs its inputs to exactly one, so that a constant stays a constant.
    matrix /= matrix.sum(axis=0)
    delay = REACH / narrow_rate
    return _Bank(matrix.astype(np.float32), history, block_in, block_out, delay)


def _phases(bank: _Bank, from_rate: int, to_rate: int) -> Samples:
    """The filter as (phases, every, taps): how one output of `phases` follows from its inputs, of
    which one of `every` lies in each part. There are taps enough to take eight at a time."""
    step = gcd(from_rate, to_rate)
    phases, every = to_rate // step, from_rate // step
    inputs = bank.history + every
    taps = -(-inputs // (every * _UNROLLED)) * _UNROLLED
    filled = np.zeros((taps * every, phases), np.float32)
    filled[:inputs] = bank.matrix[:inputs, :phases]
    return np.ascontiguousarray(filled.reshape(taps, every, phases).transpose(2, 1, 0))


def _response(fineness: int) -> NDArray[np.float32]:
    """The impulse response, `fineness` times to each sample of the narrower side."""
    with np.load(DESIGNS) as designs:
        if str(fineness) in designs:
            response: NDArray[np.float32] = designs[str(fineness)]
            return response
    from rtp.design import design

    return design(fineness)

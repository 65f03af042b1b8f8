"""Packet-loss concealment in the manner of ITU-T G.711 Appendix I, batched over rows.

A lost frame repeats the last pitch period heard; the first frame after a loss is cross-faded from
that continuation. Three things differ from the Appendix, each measured in docs/media.md. Nothing
is delayed: the continuation starts where the last good frame ended and bends into the period.
The period is the one that resembles the newest sound most, however short. And the continuation
is silent from 30 ms on instead of 60: a recogniser is misled more by a vowel that goes on than
by a gap.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAMES_PER_SECOND
from rtp.compiled import compiled, f4, facts_of, i8, part

Samples = NDArray[np.float32]
Rows = NDArray[np.intp]
Facts = NDArray[np.void]

LOSS = np.dtype([("lost", "i8"), ("oldest", "i8")])
LOSSES = facts_of(LOSS)

_SHORTEST_PERIOD = 0.0025
_LONGEST_PERIOD = 0.015
_COMPARED = 0.0125
_RECENT = 0.003
"""Seconds in which the weight of a sample in the comparison falls to 1/e."""
_SEARCH_RATE = 4000
_BEND = 0.0005
_FADE = (0.010, 0.030)
_CONCEALED_FRAMES = 2
_HISTORY_FRAMES = 2
_FADE_IN = (0.005, 0.010)
"""The cross-fade after one lost frame, and after more."""
_QUIET_ENERGY = 1e-9


class Concealer:
    """What is needed to continue each row's audio: its last 40 ms, and its current loss."""

    def __init__(self, rows: int, rate: int) -> None:
        """Room for `rows` rows of 20 ms frames at `rate` samples per second (8000 or 16000)."""
        frame = rate // FRAMES_PER_SECOND
        self._extrapolation = _Extrapolation(rate)
        self.history = np.zeros((rows, _HISTORY_FRAMES, frame), np.float32)
        self.facts: Facts = np.zeros(rows, LOSS)
        self._oldest = self.facts["oldest"]
        self._lost = self.facts["lost"]
        # One frame more than is concealed: it stays silent, and is what a longer loss sounds like.
        self.continuation = np.zeros((rows, _CONCEALED_FRAMES + 1, frame), np.float32)
        self.fades_in = np.stack([_ramp(round(rate * rise), frame) for rise in _FADE_IN])

    def good(self, rows: Rows, frames: Samples) -> Samples:
        """Take the frames (n, samples) that came for `rows` and return what to hear.

        Frames that follow a loss are cross-faded in place; all others pass untouched.
        """
        _good(rows, frames, self.facts, self.history, self.continuation, self.fades_in)
        return frames

    def lost(self, rows: Rows) -> Samples:
        """Stand-ins (n, samples) for the frames of `rows` that did not come."""
        lost = self._lost[rows]
        starting = rows[lost == 0]
        if len(starting):
            future = self._extrapolation.extend(self._past(starting))
            concealed = future.reshape(len(starting), _CONCEALED_FRAMES, -1)
            self.continuation[starting, :_CONCEALED_FRAMES] = concealed
        frames: Samples = self.continuation[rows, np.minimum(lost, _CONCEALED_FRAMES)]
        self._lost[rows] = lost + 1
        _given(rows, frames, self.facts, self.history)
        return frames

    def reset(self, row: int) -> None:
        """Forget `row`: its next frame follows silence, and no loss."""
        self.history[row] = 0.0
        self._lost[row] = 0

    def _past(self, rows: Rows) -> Samples:
        """The last 40 ms of `rows`, oldest sample first."""
        order = (self._oldest[rows, np.newaxis] + np.arange(_HISTORY_FRAMES)) % _HISTORY_FRAMES
        past: Samples = self.history[rows[:, np.newaxis], order].reshape(len(rows), -1)
        return past


@part
def takes_good(
    row: int,
    frame: Samples,
    losses: Facts,
    history: Samples,
    continuation: Samples,
    fades_in: Samples,
) -> None:
    """One frame, as `Concealer.good` takes many."""
    loss = losses[row]
    lost = loss["lost"]
    if lost:
        fade = fades_in[min(lost, len(fades_in)) - 1]
        continued = continuation[row, min(lost, _CONCEALED_FRAMES)]
        for nth in range(len(frame)):
            frame[nth] = continued[nth] + fade[nth] * (frame[nth] - continued[nth])
        loss["lost"] = 0
    _remember(row, frame, losses, history)


@part
def _remember(row: int, frame: Samples, losses: Facts, history: Samples) -> None:
    oldest = losses[row]["oldest"]
    history[row, oldest] = frame
    losses[row]["oldest"] = (oldest + 1) % _HISTORY_FRAMES


@compiled(types.void(i8[::1], f4[:, ::1], LOSSES, f4[:, :, ::1], f4[:, :, ::1], f4[:, ::1]))
def _good(
    rows: Rows,
    frames: Samples,
    losses: Facts,
    history: Samples,
    continuation: Samples,
    fades_in: Samples,
) -> None:
    for nth, row in enumerate(rows):
        takes_good(row, frames[nth], losses, history, continuation, fades_in)


@compiled(types.void(i8[::1], f4[:, ::1], LOSSES, f4[:, :, ::1]))
def _given(rows: Rows, frames: Samples, losses: Facts, history: Samples) -> None:
    for nth, row in enumerate(rows):
        _remember(row, frames[nth], losses, history)


class _Extrapolation:
    """Continues 40 ms of many rows by another 40 ms; holds only what follows from the rate."""

    def __init__(self, rate: int) -> None:
        self._shortest = round(rate * _SHORTEST_PERIOD)
        self._longest = round(rate * _LONGEST_PERIOD)
        self._decimation = rate // _SEARCH_RATE
        self._recent = _recency(rate)
        self._recent_coarse = _recency(_SEARCH_RATE)
        self._time = np.arange(rate // FRAMES_PER_SECOND * _CONCEALED_FRAMES)
        start, end = (rate * seconds for seconds in _FADE)
        self._gain = np.clip((end - self._time) / (end - start), 0, 1).astype(np.float32)
        self._bend = 1 - _ramp(round(rate * _BEND), round(rate * _BEND))

    def extend(self, past: Samples) -> Samples:
        """(n, 40 ms) of past to (n, 40 ms) of continuation, never louder than the past."""
        period = self._periods(past)
        future = _repeat(past, period, self._time)
        step = past[:, -1] - past[np.arange(len(past)), -1 - period]
        future[:, : len(self._bend)] += step[:, np.newaxis] * self._bend
        loudest = np.abs(past).max(axis=1, keepdims=True)
        np.clip(future, -loudest, loudest, out=future)
        future *= self._gain
        return future

    def _periods(self, past: Samples) -> Rows:
        """The period of each row in samples: a coarse search, then the samples around."""
        step = self._decimation
        coarse = past.reshape(len(past), -1, step).mean(axis=2)
        lags = np.arange(self._shortest // step, self._longest // step + 1)
        best = _best_lag(coarse, np.tile(lags, (len(past), 1)), self._recent_coarse)
        around = best[:, np.newaxis] * step + np.arange(1 - step, step)
        return _best_lag(past, np.clip(around, self._shortest, self._longest), self._recent)


def _recency(rate: int) -> Samples:
    """How much each of the newest samples counts: amplitudes, so that their squares decay."""
    age = np.arange(round(rate * _COMPARED), 0, -1) / rate
    return np.exp(-age / (2 * _RECENT)).astype(np.float32)


def _best_lag(past: Samples, lags: Rows, weight: Samples) -> Rows:
    """Which of `lags` (n, k) samples ago each row was most like it is at its end.

    Likeness is correlation over the last `weight` samples, normalised by the earlier energy.
    """
    row = np.arange(len(past))
    end = past.shape[1]
    compared = np.arange(end - len(weight), end)
    latest = past[:, compared] * weight
    earlier = past[row[:, np.newaxis, np.newaxis], compared - lags[:, :, np.newaxis]] * weight
    likeness = np.einsum("nkt,nt->nk", earlier, latest)
    energy = np.einsum("nkt,nkt->nk", earlier, earlier)
    best = np.argmax(likeness / np.sqrt(energy + _QUIET_ENERGY), axis=1)
    found: Rows = lags[row, best]
    return found


def _repeat(past: Samples, period: Rows, time: Rows) -> Samples:
    """The last period of each row over and over, from its start, at `time` samples.

    Over its last quarter it blends into what came before it, so that its end leads to its start.
    """
    row = np.arange(len(past))[:, np.newaxis]
    period = period[:, np.newaxis]
    phase = time % period
    inside = past.shape[1] - period + phase
    blend = np.clip(1 - (period - phase) / (period // 4 + 1), 0, 1).astype(np.float32)
    repeated: Samples = past[row, inside]
    repeated += blend * (past[row, inside - period] - repeated)
    return repeated


def _ramp(rise: int, length: int) -> Samples:
    """A gain of `length` samples that climbs from 0 to 1 in the first `rise`."""
    return np.clip((np.arange(length) + 0.5) / rise, 0, 1).astype(np.float32)

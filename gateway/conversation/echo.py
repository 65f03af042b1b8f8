"""Our own voice coming back on the caller's line must not interrupt us. Pure.

We know the level of every frame of ours that left, so what comes back can be told from a caller
by level: an echo follows our loudness at a distance, the line's echo return loss, which is
learnt from the first second on. Until then a usual line is assumed.
"""

from collections import deque
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import repeat
from math import log10

import numpy as np
from numpy.typing import NDArray

from gateway.conversation.loudness import decibels
from gateway.conversation.words import plain_words

SILENT = -100.0
"""The level, in dB relative to full scale, of a frame that was not sent."""
REACH_FRAMES = 25
"""Echo comes back within half a second."""
SOONER_FRAMES = 3
LATER_FRAMES = 6
"""A known echo is expected so much sooner or later than its delay; a detector of speech also
needs a moment to see that it is over."""
LEAST_CALLER = -52.0
"""A caller who wants the word is louder than this."""
WINDOW_FRAMES = 50
LEARN_EVERY_FRAMES = 12
CHECK_EVERY_FRAMES = 50
"""A line that is known is looked at again once in a second of ours."""
LEARNT = 2.0
"""A loss that the last look has changed by less, in dB, is known."""
LEAST_SOUNDING_FRAMES = 25
ASSUMED_LOSS = 15.0
NO_ECHO_LOSS = 40.0
"""Whatever is this much quieter than we are is no concern."""
LEAST_LOSS = 6.0
MARGIN = 6.0
AUDIBLE = -45.0
FLOOR = -65.0
"""Levels below are all the same silence."""
LEAST_CORRELATION = 0.65
ADAPTATION = 0.5

_WINDOWS = np.arange(1, REACH_FRAMES + 1)[:, np.newaxis] + np.arange(WINDOW_FRAMES)
"""The last second of ours, and the one before it, at every delay but none, the latest last."""

Levels = NDArray[np.float64]


def level(samples: NDArray[np.float32]) -> float:
    """The level of a frame in dB relative to full scale."""
    power = float(np.dot(samples, samples)) / len(samples)
    return max(SILENT, 10.0 * log10(power + 1e-10))


def levels_of(frames: Sequence[NDArray[np.float32] | None]) -> Levels:
    """The level of each; None is silence."""
    levels = np.full(len(frames), SILENT)
    sounds = [index for index, frame in enumerate(frames) if frame is not None]
    if sounds:
        heard = [frame for frame in frames if frame is not None]
        samples = np.concatenate(heard).reshape(len(heard), -1)
        levels[sounds] = np.maximum(decibels(samples), SILENT)
    return levels


def percentile(levels: Levels, rank: float) -> float:
    """As numpy's, at a tenth of its price for so few of them: between neighbours in proportion."""
    ordered = np.sort(levels)
    place = rank / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


class EchoGuard:
    """`hear` what comes, with the level of our frame that left in each frame of it; then `is_echo`
    where it matters, of the last one.

    `loss` is the echo return loss in dB, as far as it is known; `delay` in frames is None until
    an echo was recognised.
    """

    def __init__(self) -> None:
        self.loss = ASSUMED_LOSS
        self.delay: int | None = None
        self._ours = [SILENT] * (WINDOW_FRAMES + REACH_FRAMES)
        self._theirs = deque([SILENT] * WINDOW_FRAMES, WINDOW_FRAMES)
        """Their levels; those of the last frames are not known yet."""
        self._unmeasured: deque[NDArray[np.float32] | None] = deque(maxlen=WINDOW_FRAMES)
        """None where nothing of ours could come back: that counts as silence."""
        self._last: NDArray[np.float32] | None = None
        self._sounding = 0
        self._reach = 0
        """Frames for which what we said last can still come back."""
        self._candidate: int | None = None
        self._learnt = False

    def __repr__(self) -> str:
        return f"<EchoGuard {self.loss:.0f} dB return loss>"

    @property
    def sure(self) -> bool:
        """Whether this line's echo, or that it has none, is known."""
        return self.delay is not None or self.loss >= (ASSUMED_LOSS + NO_ECHO_LOSS) / 2

    def suspect(self) -> None:
        """Our own words came back, so the line is worse than usual: only a caller who is louder
        than we are is believed until the echo is known."""
        self.loss = LEAST_LOSS
        self._learnt = False

    def hear(self, ours: Sequence[float], samples: NDArray[np.float32]) -> None:
        """Take as many frames of the line as there are levels of `ours`."""
        self._ours.extend(ours)
        del self._ours[: len(ours)]
        if not self._reach and max(ours) < AUDIBLE:
            # Nothing of ours can come back meanwhile.
            self._unmeasured.extend(repeat(None, len(ours)))
            self._last = None
            return
        size = len(samples) // len(ours)
        for nth, own in enumerate(ours):
            self._reach = REACH_FRAMES if own >= AUDIBLE else max(0, self._reach - 1)
            returning = samples[nth * size : (nth + 1) * size] if self._reach else None
            self._unmeasured.append(returning)
            self._sounding += own > AUDIBLE
        self._last = self._unmeasured[-1]
        if self._sounding >= (CHECK_EVERY_FRAMES if self._learnt else LEARN_EVERY_FRAMES):
            self._sounding = 0
            self._learn()

    def is_echo(self) -> bool:
        """Whether what the last frame holds can be our own voice, come back."""
        if self._last is None:
            return False
        return level(self._last) < max(LEAST_CALLER, self._source() - self.loss + MARGIN)

    def _source(self) -> float:
        """The loudest of ours that can be heard in the echo now."""
        if self.delay is None:
            return max(self._ours[-REACH_FRAMES:])
        newest = len(self._ours) - max(0, self.delay - SOONER_FRAMES)
        return max(self._ours[newest - SOONER_FRAMES - LATER_FRAMES - 1 : newest])

    def _learn(self) -> None:
        """Compare the last second of theirs with ours at every delay, once enough of ours is so
        old that it has come back if it ever will."""
        self._theirs.extend(levels_of(self._unmeasured).tolist())
        self._unmeasured.clear()
        ours = np.maximum(np.array(self._ours), FLOOR)
        returned = ours[:WINDOW_FRAMES]
        if (returned > AUDIBLE).sum() < LEAST_SOUNDING_FRAMES:
            return
        theirs = np.maximum(np.array(self._theirs), FLOOR)
        if percentile(theirs, 90) < percentile(returned, 90) - NO_ECHO_LOSS:
            self._move_towards(NO_ECHO_LOSS)
            return
        windows = ours[_WINDOWS]
        correlations = _correlations(windows, theirs)
        best = int(np.argmax(correlations))
        sounding = windows[best] > AUDIBLE
        if correlations[best] < LEAST_CORRELATION or sounding.sum() < LEAST_SOUNDING_FRAMES:
            return
        if self._confirmed(REACH_FRAMES - 1 - best):
            self._move_towards(percentile((windows[best] - theirs)[sounding], 20))

    def _confirmed(self, delay: int) -> bool:
        """Whether the echo's delay is believed: what a caller says over us may look like an echo
        once, but not twice at the same delay."""
        for known in (self.delay, self._candidate):
            if known is not None and abs(delay - known) <= 1:
                self.delay = delay
                return True
        self._candidate = delay
        return False

    def _move_towards(self, loss: float) -> None:
        bounded = min(NO_ECHO_LOSS, max(LEAST_LOSS, loss))
        self._learnt = abs(bounded - self.loss) < LEARNT
        self.loss += ADAPTATION * (bounded - self.loss)


def _correlations(windows: Levels, theirs: Levels) -> Levels:
    """Pearson's correlation of each row of `windows` with `theirs`."""
    a = windows - windows.mean(axis=1, keepdims=True)
    b = theirs - theirs.mean()
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum())
    products: Levels = a @ b
    correlations: Levels = products / np.maximum(scale, 1e-9)
    return correlations


def repeats(text: str, ours: str) -> bool:
    """Whether `text` is made of what we have just said, as a recogniser hears it through echo."""
    own = plain_words(ours)
    words = plain_words(text)
    known = sum(bool(get_close_matches(word, own, 1, _ALIKE)) for word in words)
    return bool(words) and known >= _MOSTLY * len(words)


_ALIKE = 0.7
_MOSTLY = 0.75

"""What a conversation needs of a leg of the media plane; `rtp.engine.Leg` is one."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.gathering import Attention


class Mouth(Protocol):
    """Frames given to `play` leave one per 20 ms; `pause`, `resume`, `flush` act on the next one.
    It ticks for each frame, and where less attention is paid for several together.

    `room` is how many frames may be played now. `play` returns the position, counted like
    `Tick.played`, at which the last of them will have left.
    """

    @property
    def codec(self) -> Codec: ...
    @property
    def room(self) -> int: ...
    def play(self, frames: NDArray[np.uint8], /) -> int: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def flush(self) -> None: ...
    def gain(self, decibels: float, /) -> None: ...
    def attend(self, attention: Attention, /) -> None: ...


class Tick(Protocol):
    """What a leg tells of the last `frames` of 20 ms; `rtp.leg.Tick` is one. Only in the last of
    them can silence or speech be broken, or playing begin, end or be flushed."""

    @property
    def time(self) -> float: ...
    @property
    def frames(self) -> int: ...
    @property
    def audio(self) -> NDArray[np.float32]: ...
    @property
    def speech(self) -> float: ...
    @property
    def played(self) -> int: ...
    @property
    def flushes(self) -> int: ...

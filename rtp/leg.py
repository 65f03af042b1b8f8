"""A leg: one call's media as its owner sees it, and the ticks that it gets."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.gathering import Attention
from rtp.messages import Address
from rtp.plane import MediaPlane
from rtp.statistics import LegStatistics


class Host(Protocol):
    """What moves the packets of all legs."""

    @property
    def plane(self) -> MediaPlane: ...

    def speak_up(self, leg: "Leg") -> None:
        """If `leg` was silent and has something to say, it need not wait for its turn."""
        ...

    def record(self, leg: "Leg", path: Path) -> None:
        """`leg` is recorded from its next frame on."""
        ...

    def stop_recording(self, leg: "Leg") -> None:
        """`leg` is not recorded any more."""
        ...

    def release(self, leg: "Leg") -> None:
        """The leg is closed; its row is free when the packets' thread has let go of it."""
        ...


class Tick(NamedTuple):
    """What one leg gets, whether packets came or not: the call's clock.

    `frames` of 20 ms have passed since the tick before: one, unless `Leg.attend` lets some come
    together; all but the last were then like the one before them, silence or speech.
    `audio` is as long, at the leg's `listen_rate`, ±1.0, and the reader's own. `speech` is the
    latest probability 0…1. `played` frames of this leg had left by then and `flushes` calls of
    `flush` had taken effect: together the exact truth about what was heard.
    """

    time: float
    frames: int
    audio: NDArray[np.float32]
    speech: float
    played: int
    flushes: int


class Leg:
    """One call's media, until `close`. For the loop's thread alone."""

    def __init__(
        self,
        engine: Host,
        row: int,
        source: Address,
        codec: Codec,
        listen_rate: int,
        on_tick: Callable[[Tick], None],
    ) -> None:
        self.codec = codec
        self.listen_rate = listen_rate
        self.row = row
        self.source = source
        self.on_tick = on_tick
        """What takes the ticks; nothing, when the leg is closed."""
        self._engine = engine
        self._final: LegStatistics | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"row {self.row}"
        return f"<Leg {self.source[0]}:{self.source[1]} {self.codec} {state}>"

    @property
    def closed(self) -> bool:
        return self._final is not None

    @property
    def room(self) -> int:
        """Frames that may be played now: up to 2 s ahead of the ear. None when closed."""
        return 0 if self.closed else self._engine.plane.playout.room(self.row)

    def play(self, frames: NDArray[np.uint8]) -> int:
        """Queues wire-ready `frames` (n, `codec.send_codec.frame_bytes`); ValueError beyond room.

        Returns what `Tick.played` will be when the last of them has left. A silent leg begins
        to speak at once. When the leg is closed, nothing happens.
        """
        if self.closed:
            return self.statistics().played
        position = self._engine.plane.playout.play(self.row, frames)
        self._engine.speak_up(self)
        return position

    def pause(self) -> None:
        """Silence from the next frame on; what is queued waits."""
        if not self.closed:
            self._engine.plane.playout.pause(self.row)

    def resume(self) -> None:
        """Goes on with the frame before which `pause` took effect."""
        if not self.closed:
            self._engine.plane.playout.resume(self.row)
            self._engine.speak_up(self)

    def flush(self) -> None:
        """What has not left will never leave."""
        if not self.closed:
            self._engine.plane.playout.flush(self.row)

    def gain(self, decibels: float) -> None:
        """How loud the leg speaks from the next frame on; 0 is as played."""
        if not self.closed:
            self._engine.plane.playout.gain(self.row, decibels)

    def record(self, path: Path) -> None:
        """Writes both directions to a new stereo WAV at `path`: heard left, sent right.

        Until `stop_recording` or `close`. A disk that fails or is slow is counted in the engine's
        statistics and disturbs nothing. When the leg is closed, nothing happens.
        """
        if not self.closed:
            self._engine.record(self, path)

    def stop_recording(self) -> None:
        """Finishes the file; nothing if none is written."""
        if not self.closed:
            self._engine.stop_recording(self)

    def attend(self, attention: Attention) -> None:
        """Get a tick for every frame, as from the start; or one for some frames together in which
        nothing has happened that `attention` is paid to."""
        if not self.closed:
            self._engine.plane.gathering.attend(self.row, attention)

    def statistics(self) -> LegStatistics:
        """What has been counted until now, or until the leg was closed."""
        return self._final or self._engine.plane.statistics(self.row)

    def close(self) -> None:
        """Frees the row; no tick comes after. More than once is harmless."""
        if not self.closed:
            self._final = self._engine.plane.statistics(self.row)
            self.on_tick = _ignore
            self._engine.release(self)


def _ignore(_tick: Tick) -> None:
    """A closed leg takes no ticks."""

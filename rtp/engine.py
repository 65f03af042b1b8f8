"""The media engine: the threads, the clock and the socket around a media plane, and its legs.

Two threads move all calls. One sends and needs no interpreter (rtp/sending.py): what the loop asks
of a leg's mouth takes effect at once. The other one hears: it sleeps until something may have come
or a row's clock is due, and hands what was heard to the asyncio loop once per turn; what the loop
asks of its table waits for its next turn.
"""

import asyncio
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from threadpoolctl import threadpool_limits

from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.datagrams import BATCH, Receiver, Sleeper, open_socket
from rtp.errors import NoFreeRow, SourceInUse
from rtp.gathering import LISTEN_RATES, Heard
from rtp.leg import Leg, Tick
from rtp.messages import Address, source_key
from rtp.pacing import Identity
from rtp.phase import Readings
from rtp.plane import MediaPlane
from rtp.sending import Sender
from rtp.slices import shorten_slice
from rtp.statistics import PlaneStatistics
from rtp.tap import Tap

__all__ = ["Address", "EngineSettings", "Leg", "MediaEngine", "Tick"]

# Beside a busy loop the thread that hears gets the interpreter within this time.
_SWITCH_INTERVAL = 0.0002

_LONGEST_SLEEP = 1.0

_SECONDS_KEPT = 1.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine is built; nothing of it changes while it runs.

    `rows` legs at most; `slots_per_frame` batches in 20 ms at most; `vad_model` is the Silero
    ONNX file, without which `Tick.speech` is always 0. A `continuous` engine sends silence when
    a leg has nothing to say; otherwise it sends nothing then.
    """

    bind: Address = ("127.0.0.1", 0)
    rows: int = 64
    slots_per_frame: int = 8
    vad_model: Path | None = None
    continuous: bool = True


class _Batch(NamedTuple):
    """What one turn heard: the legs as they were then, and a line for each."""

    time: float
    legs: list[Leg]
    heard: Heard


class MediaEngine:
    """All legs of a process. An async context manager: inside, the threads run."""

    def __init__(self, settings: EngineSettings) -> None:
        """Loads the VAD model; the socket is opened on entering."""
        self.settings = settings
        self.address: Address = settings.bind
        self.plane = MediaPlane(
            settings.rows, slots=settings.slots_per_frame, vad_model=settings.vad_model
        )
        self._legs = np.full(settings.rows, None)
        self._sources: set[Address] = set()
        self._open: set[Leg] = set()
        self._free = deque(range(settings.rows))
        self._mailbox: deque[Callable[[], None]] = deque()
        self._random = random.SystemRandom()
        self.readings = Readings()
        batches_kept = int(_SECONDS_KEPT * FRAMES_PER_SECOND) * settings.slots_per_frame
        self._undelivered: deque[_Batch] = deque(maxlen=batches_kept)
        self._undelivered_ticks = 0
        self._delivery_asked = False
        self._ticks = self._take_ticks()
        self._received = 0
        self._running = False
        self._tap: Tap | None = None

    async def __aenter__(self) -> Self:
        """OSError if the address cannot be bound."""
        self._loop = asyncio.get_running_loop()
        self._failure = self._loop.create_future()
        with ExitStack() as resources:
            udp = resources.enter_context(open_socket(self.settings.bind))
            self.address = udp.getsockname()[:2]
            self._receiver = resources.enter_context(closing(Receiver(udp)))
            self._sleeper = resources.enter_context(closing(Sleeper(udp.fileno())))
            self._sender = resources.enter_context(
                Sender(udp, self.plane.mouths, self.settings.rows, self._has_failed)
            )
            # The matrix products of a few windows are not worth the waiting of two threads.
            resources.enter_context(threadpool_limits(1, user_api="blas"))
            resources.callback(sys.setswitchinterval, sys.getswitchinterval())
            sys.setswitchinterval(_SWITCH_INTERVAL)
            self._resources = resources.pop_all()
        self._running = True
        self._thread = threading.Thread(target=self._live, name="media", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes all legs and finishes their recordings."""
        for leg in tuple(self._open):
            leg.close()
        self._tell(self._stop)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._resources.close)

    def open(
        self,
        source: Address,
        codec: Codec,
        *,
        listen_rate: int = 16000,
        on_tick: Callable[[Tick], None],
    ) -> Leg:
        """A leg that hears `source` alone and speaks to it; NoFreeRow, SourceInUse.

        `on_tick` is called in the loop's thread from the next frame on. What it raises goes to
        the loop's exception handler and concerns no other leg.
        """
        if listen_rate not in LISTEN_RATES:
            raise ValueError(f"listen_rate is one of {LISTEN_RATES}, not {listen_rate}")
        key = source_key(source)
        if source in self._sources:
            raise SourceInUse(f"a leg is already locked to {source[0]}:{source[1]}")
        if not self._free:
            raise NoFreeRow(f"all {self.settings.rows} rows carry a leg")
        row = self._free.popleft()
        leg = Leg(self, row, source, codec, listen_rate, on_tick)
        self._sources.add(source)
        self._open.add(leg)
        identity = Identity(
            ssrc=self._random.getrandbits(32),
            sequence_number=self._random.getrandbits(16),
            timestamp=self._random.getrandbits(32),
        )
        self.plane.gathering.open(row)
        now = time.monotonic()
        self._sender.open(
            row, source, codec.send_codec, identity, now, continuous=self.settings.continuous
        )
        self._tell(lambda: self._open_row(leg, key, now))
        return leg

    async def watch(self) -> None:
        """Waits until cancelled; raises what ended a thread, should a bug end one."""
        await asyncio.shield(self._failure)

    def statistics(self) -> PlaneStatistics:
        """Totals since the engine was started."""
        tap = None if self._tap is None else self._tap.statistics
        journal, late = self.plane.mouths.journal, self._sender.lateness
        dropped = dict(self.plane.reception.dropped)
        dropped["undelivered"] = self._sender.refused
        dropped["overflow"] = self._receiver.overflowed
        return PlaneStatistics(
            legs=len(self._open),
            received=self._received,
            sent=self._sender.sent,
            dropped=dropped,
            undelivered_ticks=self._undelivered_ticks,
            late_p50=late.quantile(0.5),
            late_p99=late.quantile(0.99),
            late_max=late.max,
            recorded=0 if tap is None else tap.written,
            unrecorded=journal.dropped + (0 if tap is None else tap.dropped),
            failed_recordings=0 if tap is None else tap.failed,
        )

    def forget_lateness(self) -> None:
        """Lateness is measured anew from now on."""
        self._sender.lateness.forget()

    # --- what legs ask for --------------------------------------------------------------------

    def speak_up(self, leg: Leg) -> None:
        """If `leg` was silent and has something to say, it need not wait for its turn."""
        if self.plane.playout.waits_to_start(leg.row):
            self._sender.speak_up(leg.row)

    def release(self, leg: Leg) -> None:
        """The leg is closed; its row is free when the thread has let go of it."""
        self._sources.remove(leg.source)
        self._open.remove(leg)
        self._sender.close(leg.row)
        self._tell(lambda: self._close_row(leg))

    def record(self, leg: Leg, path: Path) -> None:
        """`leg` is recorded from its next frame on."""
        if self._tap is None:
            self._tap = self._resources.enter_context(Tap(self.settings.rows))
        tap = self._tap
        # What it says next may leave before the other thread has its turn.
        self.plane.keep_sent(leg.row)
        self._tell(lambda: self._start_recording(tap, leg, path))

    def stop_recording(self, leg: Leg) -> None:
        """`leg` is not recorded any more."""
        self._tell(lambda: self._stop_recording(leg))

    def _tell(self, command: Callable[[], None]) -> None:
        self._mailbox.append(command)
        self._sleeper.wake()

    # --- the thread that hears ----------------------------------------------------------------

    def _stop(self) -> None:
        self._running = False

    def _open_row(self, leg: Leg, key: int, now: float) -> None:
        self._legs[leg.row] = leg
        self.plane.listen(leg.row, key, leg.codec, listen_rate=leg.listen_rate, now=now)

    def _start_recording(self, tap: Tap, leg: Leg, path: Path) -> None:
        self._stop_recording(leg)
        tap.open(leg.row, path, leg.codec)
        self.plane.record(leg.row, leg.codec, time.monotonic())

    def _stop_recording(self, leg: Leg) -> None:
        if self._tap is not None:
            for pairs in self.plane.stop_recording(leg.row, time.monotonic()):
                self._tap.write(*pairs)
            self._tap.close(leg.row)

    def _close_row(self, leg: Leg) -> None:
        self._stop_recording(leg)
        self.plane.hang_up(leg.row, time.monotonic())
        self._legs[leg.row] = None
        self._free.append(leg.row)

    def _live(self) -> None:
        shorten_slice()
        try:
            self._run()
        except BaseException as error:
            self._has_failed(error)
            raise

    def _has_failed(self, error: BaseException) -> None:
        self._loop.call_soon_threadsafe(self._failure.set_exception, error)

    def _run(self) -> None:
        """Reads when it is time to, or else when there is something to read."""
        quiet_until = 0.0
        while True:
            self._obey()
            if not self._running:
                return
            now = time.monotonic()
            if now < quiet_until:
                self._sleeper.sleep(quiet_until - now)
            elif self._something_came(now) and self._arrive():
                quiet_until = self.readings.next(time.monotonic(), len(self._open))

    def _obey(self) -> None:
        while self._mailbox:
            self._mailbox.popleft()()

    def _something_came(self, now: float) -> bool:
        """Waits for it; a frame that is due without it counts too."""
        due = self.plane.next_due
        return due <= now or self._sleeper.wait(min(due - now, _LONGEST_SLEEP))

    def _arrive(self) -> bool:
        """Reads what has come, gives what is due; returns whether there was any, and no more is."""
        now = time.monotonic()
        datagrams = self._receiver.receive()
        # A leg that was opened before these were sent is to hear them.
        self._obey()
        count = len(datagrams.lengths)
        if not count and self.plane.next_due > now:
            return False
        self._received += count
        self.readings.found(datagrams.arrivals, len(self._open))
        more = count == BATCH
        if more:
            # What has not been read yet is not missing.
            now = float(datagrams.arrivals[-1])
        for heard in self.plane.arrive(now, datagrams):
            legs = self._legs[heard.rows].tolist()
            if len(self._undelivered) == self._undelivered.maxlen:
                self._undelivered_ticks += len(self._undelivered[0].legs)
            self._undelivered.append(_Batch(now, legs, heard))
        if self._tap is not None:
            for pairs in self.plane.recorded(now):
                self._tap.write(*pairs)
        if self._undelivered and not self._delivery_asked:
            self._delivery_asked = True
            self._loop.call_soon_threadsafe(self._deliver)
        return not more

    # --- the loop -----------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Hands every tick that the thread has left to its leg.

        What a leg's owner raises goes to the loop's exception handler; the others' turn comes
        right after.
        """
        whole = False
        try:
            for leg, tick in self._ticks:
                leg.on_tick(tick)
            whole = True
        finally:
            if whole:
                self._ticks = self._take_ticks()
            else:
                self._loop.call_soon(self._deliver)

    def _take_ticks(self) -> Iterator[tuple[Leg, Tick]]:
        self._delivery_asked = False
        # What comes meanwhile waits for its turn of the loop: others have work there too.
        for _ in range(len(self._undelivered)):
            batch = self._undelivered.popleft()
            heard = batch.heard
            if batch.time < time.monotonic() - _SECONDS_KEPT:
                self._undelivered_ticks += len(batch.legs)
                continue
            frames = heard.frames.tolist()
            # Each leg's audio is its own memory: who keeps it does not keep all others'.
            ticks = map(
                Tick,
                repeat(batch.time),
                frames,
                (
                    line[:samples].copy()
                    for line, samples in zip(heard.audio, heard.samples.tolist(), strict=True)
                ),
                heard.speech.tolist(),
                heard.played.tolist(),
                heard.flushes.tolist(),
            )
            yield from zip(batch.legs, ticks, strict=True)

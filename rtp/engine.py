"""The media engine: the thread, the clock and the socket around a media plane, and its legs.

One thread moves all calls. It sleeps until something is to leave, something may have come, or a
row's clock is due, and hands what was heard to the asyncio loop once per turn. Commands of the
loop that concern the table wait for the thread's next turn; those that concern the playout take
effect at once, under a lock that is held for microseconds. Who begins to speak while the thread
sleeps does not wait until it is awake: the loop takes that turn.
"""

import asyncio
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.datagrams import BATCH, Address, Sleeper, open_socket, source_key
from rtp.errors import NoFreeRow, SourceInUse
from rtp.gathering import LISTEN_RATES, Heard
from rtp.leg import Leg, Tick
from rtp.pacing import CROWD, Identity
from rtp.phase import Phase
from rtp.plane import LINE_BYTES, MediaPlane
from rtp.slices import shorten_slice
from rtp.statistics import Lateness, PlaneStatistics
from rtp.tap import Tap

__all__ = ["Address", "EngineSettings", "Leg", "MediaEngine", "Tick"]

# Beside a busy loop the thread gets the interpreter within this time.
_SWITCH_INTERVAL = 0.0002

_LONGEST_SLEEP = 1.0

# What comes within this time is read together: the longest that a packet waits. A reading costs
# much the same for few packets, so with one crowd of legs, or two, there are fewer readings.
_READ_TOGETHER = (0.020, 0.010, 0.005)

# By so much a reading may come earlier, or be put off, to go together with a departure; and so far
# turns are moved at once, which nobody's jitter buffer notices.
_NEAR = 0.001

_SECONDS_KEPT = 1.0

# What a frame takes to be sent is learnt from the shortest times, from this one down.
_SLOWEST_SEND = 0.0001
_SEND_TIME_RISE = 1.01


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
    """All legs of a process. An async context manager: inside, the thread runs."""

    def __init__(self, settings: EngineSettings) -> None:
        """Loads the VAD model; the socket is opened on entering."""
        self.settings = settings
        self.address: Address = settings.bind
        self.plane = MediaPlane(
            settings.rows, slots=settings.slots_per_frame, vad_model=settings.vad_model
        )
        self.lock = threading.Lock()
        self._turn = threading.Lock()
        """Held by whoever moves the table: by the thread while it is awake."""
        self._legs = np.full(settings.rows, None)
        self._sources: set[Address] = set()
        self._open: set[Leg] = set()
        self._free = deque(range(settings.rows))
        self._mailbox: deque[Callable[[], None]] = deque()
        self._random = random.SystemRandom()
        self._phase = Phase()
        self._to_shift = 0.0
        self._lateness = Lateness()
        self._send_seconds = _SLOWEST_SEND
        batches_kept = int(_SECONDS_KEPT * FRAMES_PER_SECOND) * settings.slots_per_frame
        self._undelivered: deque[_Batch] = deque(maxlen=batches_kept)
        self._undelivered_ticks = 0
        self._delivery_asked = False
        self._ticks = self._take_ticks()
        self._received = self._sent = 0
        self._running = False
        self._tap: Tap | None = None

    async def __aenter__(self) -> Self:
        """OSError if the address cannot be bound."""
        self._loop = asyncio.get_running_loop()
        self._failure = self._loop.create_future()
        with ExitStack() as resources:
            self._socket = open_socket(self.settings.bind, self.settings.rows, LINE_BYTES)
            resources.callback(self._socket.close)
            self.address = self._socket.address
            self._sleeper = Sleeper(self._socket.fileno())
            resources.callback(self._sleeper.close)
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
        with self.lock:
            self.plane.playout.open(row, codec.send_codec)
        self.plane.gathering.open(row)
        now = time.monotonic()
        self._tell(lambda: self._open_row(leg, key, identity, now))
        return leg

    async def watch(self) -> None:
        """Waits until cancelled; raises what ended the media thread, should a bug end it."""
        await asyncio.shield(self._failure)

    def statistics(self) -> PlaneStatistics:
        """Totals since the engine was started."""
        tap = None if self._tap is None else self._tap.statistics
        dropped = dict(self.plane.reception.dropped)
        dropped["undelivered"] = self._socket.undelivered
        dropped["overflow"] = self._socket.overflowed
        return PlaneStatistics(
            legs=len(self._open),
            received=self._received,
            sent=self._sent,
            dropped=dropped,
            undelivered_ticks=self._undelivered_ticks,
            late_p50=self._lateness.quantile(0.5),
            late_p99=self._lateness.quantile(0.99),
            late_max=self._lateness.max,
            recorded=0 if tap is None else tap.written,
            unrecorded=0 if tap is None else tap.dropped,
            failed_recordings=0 if tap is None else tap.failed,
        )

    def forget_lateness(self) -> None:
        """Lateness is measured anew from now on."""
        self._lateness = Lateness()

    # --- what legs ask for --------------------------------------------------------------------

    def speak_up(self, leg: Leg) -> None:
        """If `leg` was silent and has something to say, it need not wait for its turn."""
        if not self.plane.playout.waits_to_start(leg.row):
            return
        if not self._turn.acquire(blocking=False):
            self._tell(lambda: self._start_speaking(leg))
            return
        try:
            self._obey()
            self._start_speaking(leg)
            self._depart(time.monotonic())
        finally:
            self._turn.release()
        # There may be something to send before the time until which the thread sleeps.
        self._sleeper.wake()

    def release(self, leg: Leg) -> None:
        """The leg is closed; its row is free when the thread has let go of it."""
        self._sources.remove(leg.source)
        self._open.remove(leg)
        self._tell(lambda: self._close_row(leg))

    def record(self, leg: Leg, path: Path) -> None:
        """`leg` is recorded from its next frame on."""
        if self._tap is None:
            self._tap = self._resources.enter_context(Tap(self.settings.rows))
        tap = self._tap
        self._tell(lambda: self._start_recording(tap, leg, path))

    def stop_recording(self, leg: Leg) -> None:
        """`leg` is not recorded any more."""
        self._tell(lambda: self._stop_recording(leg))

    def _tell(self, command: Callable[[], None]) -> None:
        self._mailbox.append(command)
        self._sleeper.wake()

    # --- the thread ---------------------------------------------------------------------------

    def _stop(self) -> None:
        self._running = False

    def _open_row(self, leg: Leg, key: int, identity: Identity, now: float) -> None:
        self._legs[leg.row] = leg
        self._socket.aim(leg.row, leg.source)
        self.plane.open(
            leg.row,
            key,
            leg.codec,
            listen_rate=leg.listen_rate,
            identity=identity,
            now=now,
            continuous=self.settings.continuous,
        )

    def _start_recording(self, tap: Tap, leg: Leg, path: Path) -> None:
        self._stop_recording(leg)
        tap.open(leg.row, path, leg.codec)
        self.plane.alignment.start(leg.row, leg.codec, time.monotonic())

    def _stop_recording(self, leg: Leg) -> None:
        if self._tap is not None:
            for pairs in self.plane.alignment.stop(leg.row, time.monotonic()):
                self._tap.write(*pairs)
            self._tap.close(leg.row)

    def _close_row(self, leg: Leg) -> None:
        self._stop_recording(leg)
        self.plane.close(leg.row, time.monotonic())
        self._legs[leg.row] = None
        self._free.append(leg.row)

    def _start_speaking(self, leg: Leg) -> None:
        if self._legs[leg.row] is leg and not leg.closed:
            self.plane.pacing.send_at_once(leg.row)

    def _live(self) -> None:
        shorten_slice()
        try:
            with self._turn:
                self._run()
        except BaseException as error:
            self._loop.call_soon_threadsafe(self._failure.set_exception, error)
            raise

    def _run(self) -> None:
        """Leaving comes first; reading goes with it, or comes when there is something to read."""
        quiet_until = 0.0
        while True:
            self._obey()
            if not self._running:
                return
            now = time.monotonic()
            departure = min(self.plane.next_departure, now + _LONGEST_SLEEP)
            if departure <= now:
                self._depart(now)
                if now < quiet_until:
                    continue
            elif now < quiet_until:
                near = departure < quiet_until + 2 * _NEAR
                until = departure if near else quiet_until
                with self._asleep():
                    self._sleeper.sleep(until - now)
                continue
            elif not self._something_came(departure, now):
                continue
            if self._arrive():
                quiet_until = now + self._read_together() - _NEAR

    def _obey(self) -> None:
        while self._mailbox:
            self._mailbox.popleft()()

    def _read_together(self) -> float:
        crowds_before_the_last = max(len(self._open) - 1, 0) // CROWD
        return _READ_TOGETHER[min(crowds_before_the_last, len(_READ_TOGETHER) - 1)]

    def _something_came(self, departure: float, now: float) -> bool:
        """Waits for it; a frame that is due without it counts too."""
        due = self.plane.next_due
        if due <= now:
            return True
        with self._asleep():
            return self._sleeper.wait(min(departure, due) - now)

    @contextmanager
    def _asleep(self) -> Iterator[None]:
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()

    def _depart(self, now: float) -> None:
        with self.lock:
            departures = self.plane.depart(now, self._socket.outgoing)
        count = len(departures.rows)
        if count:
            start = time.monotonic()
            self._socket.send(departures.rows)
            self._sent += count
            # One frame after another. The shortest time lately is what each takes: after the
            # system call the interpreter has to be had again, and all have left by then.
            took = (time.monotonic() - start) / count
            self._send_seconds = min(took, self._send_seconds * _SEND_TIME_RISE)
            self._lateness.observe(departures.lateness, start - now, self._send_seconds)

    def _arrive(self) -> bool:
        """Reads what has come, gives what is due; returns whether there was any, and no more is."""
        now = time.monotonic()
        datagrams = self._socket.receive()
        # A leg that was opened before these were sent is to hear them.
        self._obey()
        count = len(datagrams.lengths)
        if not count and self.plane.next_due > now:
            return False
        self._received += count
        self._come_closer(datagrams.arrivals)
        more = count == BATCH
        if more:
            # What has not been read yet is not missing.
            now = float(datagrams.arrivals[-1])
        for heard in self.plane.arrive(now, datagrams):
            legs = self._legs[heard.rows].tolist()
            if len(self._undelivered) == self._undelivered.maxlen:
                self._undelivered_ticks += len(self._undelivered[0].legs)
            self._undelivered.append(_Batch(now, legs, heard))
        if self._tap is not None and self.plane.alignment.count:
            for pairs in self.plane.alignment.due(now):
                self._tap.write(*pairs)
        if self._undelivered and not self._delivery_asked:
            self._delivery_asked = True
            self._loop.call_soon_threadsafe(self._deliver)
        return not more

    def _come_closer(self, arrivals: NDArray[np.float64]) -> None:
        """Turns of one crowd come when most of its packets have just come; others' at any time."""
        if len(self._open) > CROWD or not len(arrivals):
            return
        pacing = self.plane.pacing
        if self._to_shift:
            step = min(max(self._to_shift, -_NEAR), _NEAR)
            self._to_shift -= step
            pacing.shift(step)
            self._phase.forget()
        else:
            self._to_shift = self._phase.take(pacing.turn, arrivals)

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

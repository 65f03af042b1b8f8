"""The audio of many light phones: one socket, one thread, one packet per line every 20 ms.

Lines are told apart by the address that their audio comes from, as SIP announced it. Arrival times
are the kernel's, so that they are right however busy this process is.
"""

import asyncio
import random
import select
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from gateway.lab.datagrams import RTP_HEADER, parse_packet, received, timestamping_socket
from gateway.lab.hearing import FRAME_SAMPLES, FRAME_SECONDS, MULAW, VOICE_LEVEL, Packet, level
from gateway.lab.sip import Address
from gateway.lab.sound import line_noise
from rtp.g711 import encode_mulaw

SLOTS = 4
"""Lines send in turns within 20 ms, so that they do not all send at once."""
TELEPHONE_EVENT = 101
EVENT_FRAMES = 5
EVENT_REPEATS = 3
EVENT_VOLUME = 10
KEYS = "0123456789*#ABCD"


class Frame(NamedTuple):
    """20 ms that a line is going to send."""

    payload: bytes
    payload_type: int = MULAW
    started: int = 0
    """Samples since the start of the telephone event that this frame belongs to (RFC 4733 §2.1)."""
    done: Callable[[float], None] | None = None
    """Called in the event loop with the time at which the frame left."""


def speech_frames(samples: NDArray[np.float32]) -> list[Frame]:
    """8 kHz samples in -1..1, filled up to whole frames, as mu-law."""
    missing = -len(samples) % FRAME_SAMPLES
    codes = encode_mulaw(np.pad(samples, (0, missing)).astype(np.float32)).tobytes()
    return [
        Frame(codes[start : start + FRAME_SAMPLES]) for start in range(0, len(codes), FRAME_SAMPLES)
    ]


def key_frames(key: str) -> list[Frame]:
    """The telephone event of one key: 100 ms, its end sent three times (RFC 4733 §2.5.1.4)."""
    frames = []
    for index in range(EVENT_FRAMES + EVENT_REPEATS):
        ends = index >= EVENT_FRAMES - 1
        duration = FRAME_SAMPLES * min(index + 1, EVENT_FRAMES)
        flags = EVENT_VOLUME | (0x80 if ends else 0)
        payload = struct.pack("!BBH", KEYS.index(key.upper()), flags, duration)
        frames.append(Frame(payload, TELEPHONE_EVENT, FRAME_SAMPLES * index))
    return frames


QUIET = speech_frames(line_noise(1.0))


@dataclass(slots=True, eq=False)
class Line:
    """One phone's audio. Its thread appends to `heard` and `said`; read them at any time."""

    heard: list[Packet] = field(default_factory=list)
    said: list[Packet] = field(default_factory=list)
    sends: bool = True
    """False: not a packet leaves, as from a phone that suppresses silence or has lost its net."""
    remote: Address | None = None
    last_voice: float = 0.0
    _waiting: deque[Frame] = field(default_factory=deque)
    _sequence: int = field(default_factory=lambda: random.randrange(1 << 16))
    _timestamp: int = field(default_factory=lambda: random.randrange(1 << 32))
    _ssrc: int = field(default_factory=lambda: random.randrange(1 << 32))

    def put(self, frames: Sequence[Frame]) -> None:
        """Send `frames` after what is already waiting."""
        self._waiting.extend(frames)

    def shut_up(self) -> None:
        """Forget what is waiting."""
        self._waiting.clear()

    def next_packet(self, now: float) -> tuple[bytes, Frame]:
        """The next frame as a datagram that leaves `now`."""
        quiet = QUIET[self._timestamp // FRAME_SAMPLES % len(QUIET)]
        frame = self._waiting.popleft() if self._waiting else quiet
        timestamp = (self._timestamp - frame.started) & 0xFFFFFFFF
        self.said.append(
            Packet(now, self._ssrc, self._sequence, timestamp, frame.payload_type, frame.payload)
        )
        header = RTP_HEADER.pack(0x80, frame.payload_type, self._sequence, timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.skip()
        return header + frame.payload, frame

    def skip(self) -> None:
        """20 ms pass without a packet."""
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF

    def receive(self, arrived: float, datagram: bytes) -> None:
        packet = parse_packet(arrived, datagram)
        if packet is None:
            return
        self.heard.append(packet)
        if packet.payload_type == MULAW and level(packet.payload) >= VOICE_LEVEL:
            self.last_voice = arrived


class Lines:
    """`async with Lines() as lines:` — the socket, the thread and their lines."""

    def __init__(self) -> None:
        self._lines: dict[Address, Line] = {}
        self._turns: list[list[Line]] = [[] for _ in range(SLOTS)]
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._ticks: list[asyncio.Future[None]] = []

    @property
    def address(self) -> Address:
        """Where every line wants its audio."""
        ip, port = self._socket.getsockname()
        return ip, port

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._socket = timestamping_socket()
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)
        self._socket.close()

    def connect(self, line: Line, remote: Address) -> None:
        """Start sending to `remote` and hearing from it; again with another address to move."""
        with self._lock:
            self._forget(line)
            line.remote = remote
            self._lines[remote] = line
            min(self._turns, key=len).append(line)

    def disconnect(self, line: Line) -> None:
        """Stop both directions. Idempotent."""
        with self._lock:
            self._forget(line)
            line.remote = None

    def _forget(self, line: Line) -> None:
        if line.remote is None:
            return
        if self._lines.get(line.remote) is line:
            del self._lines[line.remote]
        for turn in self._turns:
            if line in turn:
                turn.remove(line)

    async def tick(self) -> None:
        """Wait for the next 20 ms of the lines' clock."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._ticks.append(future)
        await future

    # ---- the thread

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        due = time.monotonic()
        slot = 0
        while not self._stopping.is_set():
            if poll.poll(max(0.0, (due - time.monotonic()) * 1000)):
                self._receive()
            if time.monotonic() >= due:
                self._send(slot)
                due += FRAME_SECONDS / SLOTS
                slot = (slot + 1) % SLOTS

    def _receive(self) -> None:
        with self._lock:
            for arrived, datagram, source in received(self._socket):
                if line := self._lines.get(source):
                    line.receive(arrived, datagram)

    def _send(self, slot: int) -> None:
        with self._lock:
            for line in self._turns[slot]:
                if line.sends and line.remote:
                    self._send_next(line, line.remote)
                else:
                    line.skip()
        if slot == 0 and self._ticks:
            self._loop.call_soon_threadsafe(self._wake)

    def _send_next(self, line: Line, remote: Address) -> None:
        now = time.monotonic()
        datagram, frame = line.next_packet(now)
        self._socket.sendto(datagram, remote)
        if frame.done is not None:
            self._loop.call_soon_threadsafe(frame.done, now)

    def _wake(self) -> None:
        waiting, self._ticks = self._ticks, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

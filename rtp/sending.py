"""The thread that sends: a compiled loop that needs no interpreter as long as it lives.

A frame that leaves late is heard. So nothing that Python does, in whatever thread, can hold one up:
the thread sleeps until the next turn, writes what leaves, and sends it (Linux: ppoll(2),
sendmmsg(2)), and others change what it will send under a lock that is held for microseconds. Who
begins to speak while it sleeps does not wait until it is awake: that turn is taken by whoever asks.
"""

import os
import select
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.compiled import address, b1, compiled, f8, i4, i8, part, system_call, u1, u4, u8
from rtp.departing import DEPARTING, LINE_BYTES, Departing, Mouths, leaves
from rtp.messages import SOCKET_ADDRESS, VECTOR, Address, messages_of, places, source_key
from rtp.mutex import MUTEX, Mutex, lock, new_mutex, try_to_lock, unlock
from rtp.pacing import Identity, asks_for_turn
from rtp.slices import shorten_slice
from rtp.statistics import Lateness, counts_late

_MSG_DONTWAIT = 0x40
_CLOCK_MONOTONIC = 1
_LONGEST_SLEEP = 3600.0

_sendmmsg = system_call("sendmmsg", i4, address, u4, i4)
_ppoll = system_call("ppoll", address, u4, address, address)
_read = system_call("read", i4, address, address)
_clock_gettime = system_call("clock_gettime", i4, address)

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]


# Places in `Post.counts`.
_SENT, _REFUSED, _STOPPED = range(3)


class Post(NamedTuple):
    """What a turn needs to send: `turn` is the lock of whoever takes one.

    `headers` are a `MESSAGE` in each line, whose first word tells where the address is that it goes
    to; `addresses` are those of the rows, and `targets` tells where they are. `sleeps_until`, of
    one element, is when the thread wakes by itself.
    """

    turn: Mutex
    socket: int
    waker: int
    headers: Words
    addresses: Words
    targets: Words
    out: NDArray[np.uint8]
    counts: Integers
    sleeps_until: Floats
    late: Integers
    latest: Floats


POST = types.NamedTuple(
    (
        MUTEX,
        i8,
        i8,
        u8[:, ::1],
        u8[:, ::1],
        u8[::1],
        u1[:, ::1],
        i8[::1],
        f8[::1],
        i8[::1],
        f8[::1],
    ),
    Post,
)


class Sender:
    """Sends what leaves the mouths of a plane, each row's frames to its target.

    A context manager: inside, the thread runs. All else is for one thread, the loop's.
    """

    def __init__(
        self,
        udp: socket.socket,
        mouths: Mouths,
        rows: int,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """The socket stays its owner's. Should a bug end the thread, it says so `on_failure`."""
        self._on_failure = on_failure
        self.lateness = Lateness()
        self._mouths = mouths
        lines = np.zeros((rows, LINE_BYTES), np.uint8)
        addresses = np.zeros(rows, SOCKET_ADDRESS)
        self._vectors = np.zeros(rows, VECTOR)
        messages = messages_of(lines, self._vectors)
        self._waker = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._post = Post(
            turn=new_mutex(),
            socket=udp.fileno(),
            waker=self._waker,
            headers=messages.view(np.uint64).reshape(rows, -1),
            addresses=addresses.view(np.uint64).reshape(rows, -1),
            targets=places(addresses),
            out=lines,
            counts=np.zeros(3, np.int64),
            sleeps_until=np.full(1, np.inf),
            late=self.lateness.counts,
            latest=self.lateness.latest,
        )
        self._thread = threading.Thread(target=self._live, name="sender", daemon=True)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._post.counts[_STOPPED] = 1
        self._wake()
        self._thread.join()
        os.close(self._waker)

    @property
    def sent(self) -> int:
        """Frames that the kernel has taken, or refused."""
        return int(self._post.counts[_SENT])

    @property
    def refused(self) -> int:
        """Frames that the kernel would not take."""
        return int(self._post.counts[_REFUSED])

    def open(
        self,
        row: int,
        target: Address,
        codec: Codec,
        identity: Identity,
        now: float,
        *,
        continuous: bool,
    ) -> None:
        """Row `row` sends `codec` to `target` from its next place on."""
        _aim(self._post, row, source_key(target))
        self._mouths.open(row, codec, identity, now, continuous=continuous)
        self._wake()

    def close(self, row: int) -> None:
        """It sends nothing more."""
        self._mouths.close(row)

    def speak_up(self, row: int) -> None:
        """`row`, which was silent, has something to say: that need not wait for its turn."""
        if _speak_up(self._mouths.departing, self._post, row):
            self._wake()

    def _wake(self) -> None:
        os.eventfd_write(self._waker, 1)

    def _live(self) -> None:
        shorten_slice()
        try:
            _send(self._mouths.departing, self._post)
        except BaseException as error:
            self._on_failure(error)
            raise


@part
def _monotonic(clock: Integers) -> float:
    _clock_gettime(np.int32(_CLOCK_MONOTONIC), clock.ctypes.data)
    return np.float64(clock[0]) + np.float64(clock[1]) * 1e-9


@part
def _take_turn(
    departing: Departing, post: Post, rows: Integers, late: Floats, clock: Integers
) -> float:
    """Sends what leaves now; returns when the next one does. The turn is the caller's."""
    now = _monotonic(clock)
    count, following = leaves(departing, now, post.out, rows, late)
    if count:
        for nth in range(count):
            post.headers[nth, 0] = post.targets[rows[nth]]
        start = _monotonic(clock)
        _post(post, count)
        each = (_monotonic(clock) - start) / count
        counts_late(late[:count], start - now, each, post.late, post.latest)
        post.counts[_SENT] += count
    return following


@part
def _post(post: Post, count: int) -> None:
    sent = 0
    while sent < count:
        taken = _sendmmsg(
            np.int32(post.socket),
            post.headers[sent:].ctypes.data,
            np.uint32(count - sent),
            np.int32(_MSG_DONTWAIT),
        )
        if taken <= 0:
            # The first one is refused (no buffer, unreachable): the others need not be.
            post.counts[_REFUSED] += 1
            taken = 1
        sent += taken


@compiled(types.void(DEPARTING, POST), free=True)
def _send(departing: Departing, post: Post) -> None:
    """Takes every turn until it is stopped."""
    rows, late = np.empty(len(post.out), np.int64), np.empty(len(post.out))
    clock, timeout, polled = np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(2, np.int32)
    polled[0], polled[1] = post.waker, select.POLLIN
    while post.counts[_STOPPED] == 0:
        lock(post.turn)
        following = _take_turn(departing, post, rows, late, clock)
        post.sleeps_until[0] = following
        unlock(post.turn)
        seconds = min(max(following - _monotonic(clock), 0.0), _LONGEST_SLEEP)
        timeout[0] = np.int64(seconds)
        timeout[1] = np.int64((seconds - timeout[0]) * 1e9)
        ready = _ppoll(polled.ctypes.data, np.uint32(1), timeout.ctypes.data, np.uint64(0))
        if ready > 0:
            _read(np.int32(post.waker), clock.ctypes.data, np.uint64(8))


@compiled(types.void(POST, i8, u8))
def _aim(post: Post, row: int, key: int) -> None:
    """Between two turns: what has been written of the row's last leg has left by then."""
    lock(post.turn)
    post.addresses[row, 0] = key
    unlock(post.turn)


@compiled(b1(DEPARTING, POST, i8))
def _speak_up(departing: Departing, post: Post, row: int) -> bool:
    """The row's turn is now, and taken if no other one is. Whether the thread is to be woken."""
    lock(departing.paces.mutex)
    asks_for_turn(departing.paces, row)
    unlock(departing.paces.mutex)
    if not try_to_lock(post.turn):
        return True
    rows, late = np.empty(len(post.out), np.int64), np.empty(len(post.out))
    following = _take_turn(departing, post, rows, late, np.zeros(2, np.int64))
    sooner: bool = following < post.sleeps_until[0]
    unlock(post.turn)
    return sooner

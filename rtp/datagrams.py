"""Batched reading of one UDP socket (Linux: recvmmsg(2), ppoll(2) by ctypes).

All buffers, addresses and message headers are numpy arrays that are laid out once; a call reads as
many datagrams as there are and allocates nothing. Arrival times are the kernel's own, so they are
exact however late the datagrams are read.
"""

import ctypes
import os
import select
import socket
import time

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import compiled
from rtp.messages import SOCKET_ADDRESS, VECTOR, Address, messages_of, places
from rtp.reception import Datagrams

# Not a power of two, so that the lines' beginnings do not share a few sets of the cache.
LINE_BYTES = 2048 + 64
BATCH = 1024
"""Datagrams read in one go; what is more waits in the socket's buffer."""

_SOCKET_BUFFER_BYTES = 8 << 20
_SO_TIMESTAMPNS = 35
_SO_MEMINFO = 55
_MEMINFO_WORDS, _MEMINFO_DROPS = 9, 8
_MSG_DONTWAIT = 0x40
# Asked for, it makes a cut datagram's length the one that it had.
_MSG_TRUNC = 0x20
_CONTROL_BYTES = 64
_WOKEN, _READABLE = 1, 2

Integers = NDArray[np.int64]


def open_socket(bind: Address) -> socket.socket:
    """A socket bound to `bind` that never blocks; OSError if it cannot be had."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.settimeout(0)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            udp.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)
        udp.bind(bind)
    except OSError:
        udp.close()
        raise
    return udp


class Receiver:
    """What arrives at a socket: many datagrams for one system call."""

    def __init__(self, udp: socket.socket) -> None:
        """The socket stays its owner's, who closes this one first."""
        self._overflowed_until_closed = 0
        self._udp = udp
        self._descriptor = udp.fileno()
        udp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._recvmmsg = ctypes.CDLL(None).recvmmsg

        self._lines = np.zeros((BATCH, LINE_BYTES), np.uint8)
        self._sources = np.zeros(BATCH, SOCKET_ADDRESS)
        self._control = np.zeros((BATCH, _CONTROL_BYTES // 8), np.int64)
        self._vectors = np.zeros(BATCH, VECTOR)
        self._messages = messages_of(self._lines, self._vectors)
        self._messages["name"] = places(self._sources)
        self._messages["control"] = places(self._control)
        # The columns that every call touches; to name one of a record takes longer than to slice.
        self._keys = self._sources["key"]
        self._lengths = self._messages["length"]
        self._control_lengths = self._messages["control_length"]
        self._control_lengths[:] = _CONTROL_BYTES
        self._counted, self._arrivals = np.zeros(BATCH, np.int64), np.zeros(BATCH)
        self._first = ctypes.c_void_p(self._messages.ctypes.data)

        self._nothing = Datagrams(
            self._lines[:0], np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0)
        )

    @property
    def overflowed(self) -> int:
        """Datagrams that came and found the socket's buffer full, as far as the kernel tells."""
        if self._udp.fileno() < 0:
            return self._overflowed_until_closed
        size = _MEMINFO_WORDS * 4
        words = memoryview(self._udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, size)).cast("I")
        return words[_MEMINFO_DROPS] if len(words) > _MEMINFO_DROPS else 0

    def receive(self) -> Datagrams:
        """What has arrived, at most `BATCH`; valid until the next call."""
        count = self._recvmmsg(
            self._descriptor, self._first, BATCH, _MSG_DONTWAIT | _MSG_TRUNC, None
        )
        if count <= 0:
            # EAGAIN is the usual reason; an ICMP error of some earlier datagram is none of ours.
            return self._nothing
        lengths, arrivals = self._counted[:count], self._arrivals[:count]
        # Seconds of today as floats would leave a quarter of a microsecond.
        offset_ns = time.monotonic_ns() - time.clock_gettime_ns(time.CLOCK_REALTIME)
        _note(
            self._lengths,
            self._control,
            self._control_lengths,
            *divmod(offset_ns, 1_000_000_000),
            lengths,
            arrivals,
        )
        return Datagrams(self._lines[:count], lengths, self._keys[:count], arrivals)

    def close(self) -> None:
        """What has overflowed until now stays known."""
        self._overflowed_until_closed = self.overflowed


@compiled("void(u4[:], i8[:, ::1], u8[:], i8, i8, i8[::1], f8[::1])")
def _note(
    lengths_in: NDArray[np.uint32],
    control: Integers,
    control_lengths: NDArray[np.uint64],
    seconds: int,
    nanoseconds: int,
    lengths: Integers,
    arrivals: NDArray[np.float64],
) -> None:
    """Fills the last two, and puts back what the kernel has overwritten in message headers.

    The kernel's stamps are control messages: 16 bytes of header, seconds, nanoseconds.
    """
    for nth in range(len(lengths)):
        lengths[nth] = lengths_in[nth]
        fraction = np.float64(control[nth, 3] + nanoseconds) * 1e-9
        arrivals[nth] = fraction + np.float64(control[nth, 2] + seconds)
        control_lengths[nth] = _CONTROL_BYTES


class Sleeper:
    """Sleeps for a precise time, or until a descriptor can be read or another thread says so."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is what may be waited for."""
        self._waker = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ppoll = ctypes.CDLL(None).ppoll
        polled = [_PollDescriptor(one, select.POLLIN, 0) for one in (self._waker, descriptor)]
        self._polled = (_PollDescriptor * len(polled))(*polled)
        self._timeout = _TimeSpec()
        self._timeout_address = ctypes.byref(self._timeout)

    def sleep(self, seconds: float) -> None:
        """For `seconds` at most."""
        self._wait(seconds, 1)

    def wait(self, seconds: float) -> bool:
        """For `seconds` at most, or until the descriptor can be read: whether it can."""
        return self._wait(seconds, 2) & _READABLE != 0

    def wake(self) -> None:
        """Ends the sleep of the other thread, or its next one; never blocks."""
        os.eventfd_write(self._waker, 1)

    def close(self) -> None:
        os.close(self._waker)

    def _wait(self, seconds: float, count: int) -> int:
        """Waits for the first `count` descriptors; a bit for each that is ready."""
        nanoseconds = max(int(seconds * 1e9), 0)
        self._timeout.seconds, self._timeout.nanoseconds = divmod(nanoseconds, 1_000_000_000)
        if self._ppoll(self._polled, count, self._timeout_address, None) <= 0:
            return 0
        ready = sum(1 << nth for nth in range(count) if self._polled[nth].returned)
        if ready & _WOKEN:
            os.eventfd_read(self._waker)
        return ready


class _PollDescriptor(ctypes.Structure):
    _fields_ = (
        ("descriptor", ctypes.c_int),
        ("wanted", ctypes.c_short),
        ("returned", ctypes.c_short),
    )


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))

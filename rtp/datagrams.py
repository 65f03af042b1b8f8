"""Batched datagram I/O on one UDP socket (Linux: recvmmsg(2), sendmmsg(2), ppoll(2) by ctypes).

All buffers, addresses and message headers are numpy arrays that are laid out once; a call moves
as many datagrams as there are and allocates nothing. Arrival times are the kernel's own, so they
are exact however late the datagrams are read. Where these system calls do not exist, plain
recvfrom and sendto do the same, with the time of reading.
"""

import ctypes
import select
import socket
import sys
import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import compiled
from rtp.reception import Datagrams

Address = tuple[str, int]

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
_BATCHED = sys.platform == "linux" and sys.maxsize > 2**32

# struct mmsghdr as it lies in memory on 64-bit Linux.
_MESSAGE = np.dtype(
    [
        ("name", "u8"),
        ("name_length", "u4"),
        ("_", "u4"),
        ("iov", "u8"),
        ("iov_count", "u8"),
        ("control", "u8"),
        ("control_length", "u8"),
        ("flags", "i4"),
        ("__", "u4"),
        ("length", "u4"),
        ("___", "u4"),
    ]
)
_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])
# struct sockaddr_in: what tells addresses apart is its first half, read as one number.
_SOCKET_ADDRESS = np.dtype([("key", "u8"), ("zero", "u8")])

Bytes = NDArray[np.uint8]
Rows = NDArray[np.intp]
Integers = NDArray[np.int64]


def source_key(address: Address) -> int:
    """An IPv4 `address` as one number, the way `Datagrams.sources` tells it.

    It is family, port and host as they lie in the kernel's sockaddr_in.
    """
    host, port = address
    family = socket.AF_INET.to_bytes(2, sys.byteorder)
    return int.from_bytes(family + port.to_bytes(2) + socket.inet_aton(host), sys.byteorder)


class DatagramSocket(Protocol):
    """One bound UDP socket, read and written in batches and never blocking."""

    address: Address
    undelivered: int
    """Datagrams that the kernel would not take."""
    outgoing: Bytes
    """A line for each row, of the length of every datagram that leaves."""

    @property
    def overflowed(self) -> int:
        """Datagrams that came and found the socket's buffer full, as far as the kernel tells."""
        ...

    def fileno(self) -> int: ...
    def receive(self) -> Datagrams:
        """What has arrived, at most `BATCH`; valid until the next call."""
        ...

    def aim(self, row: int, address: Address) -> None:
        """Datagrams of `row` go to `address` from now on."""
        ...

    def send(self, rows: Rows) -> None:
        """Sends line i of `outgoing` to the address of `rows[i]`."""
        ...

    def close(self) -> None: ...


def open_socket(bind: Address, rows: int, line_bytes: int) -> DatagramSocket:
    """A socket bound to `bind` that sends datagrams of `line_bytes` to `rows` addresses.

    OSError if it cannot be had.
    """
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.settimeout(0)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            udp.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)
        udp.bind(bind)
        return (BatchedSocket if _BATCHED else PlainSocket)(udp, rows, line_bytes)
    except OSError:
        udp.close()
        raise


class BatchedSocket:
    """Many datagrams for one system call."""

    def __init__(self, udp: socket.socket, rows: int, line_bytes: int) -> None:
        """Takes over `udp`."""
        self.address: Address = udp.getsockname()[:2]
        self.undelivered = 0
        self._overflowed_until_closed = 0
        self._udp = udp
        self._descriptor = udp.fileno()
        udp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        libc = ctypes.CDLL(None, use_errno=True)
        self._recvmmsg, self._sendmmsg = libc.recvmmsg, libc.sendmmsg

        self._lines = np.zeros((BATCH, LINE_BYTES), np.uint8)
        self._sources = np.zeros(BATCH, _SOCKET_ADDRESS)
        self._control = np.zeros((BATCH, _CONTROL_BYTES // 8), np.int64)
        self._incoming = np.zeros(BATCH, _MESSAGE)
        self._vectors_in = np.zeros(BATCH, _VECTOR)
        self._vectors_in["base"] = _addresses(self._lines)
        self._vectors_in["length"] = LINE_BYTES
        self._incoming["name"] = _addresses(self._sources)
        self._incoming["iov"] = _addresses(self._vectors_in)
        self._incoming["iov_count"] = 1
        self._incoming["control"] = _addresses(self._control)
        self._incoming["name_length"] = _SOCKET_ADDRESS.itemsize
        # The columns that every call touches; to name one of a record takes longer than to slice.
        self._keys = self._sources["key"]
        self._lengths = self._incoming["length"]
        self._control_lengths = self._incoming["control_length"]
        self._control_lengths[:] = _CONTROL_BYTES
        self._counted, self._arrivals = np.zeros(BATCH, np.int64), np.zeros(BATCH)
        self._first_incoming = ctypes.c_void_p(self._incoming.ctypes.data)

        self._nothing = Datagrams(
            self._lines[:0], np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0)
        )

        self.outgoing = np.zeros((rows, line_bytes), np.uint8)
        self._targets = np.zeros(rows, _SOCKET_ADDRESS)
        self._target_addresses = _addresses(self._targets)
        self._messages = np.zeros(rows, _MESSAGE)
        self._names = self._messages["name"]
        self._vectors_out = np.zeros(rows, _VECTOR)
        self._vectors_out["base"] = _addresses(self.outgoing)
        self._vectors_out["length"] = line_bytes
        self._messages["name_length"] = _SOCKET_ADDRESS.itemsize
        self._messages["iov"] = _addresses(self._vectors_out)
        self._messages["iov_count"] = 1
        self._first_message = self._messages.ctypes.data

    @property
    def overflowed(self) -> int:
        if self._udp.fileno() < 0:
            return self._overflowed_until_closed
        size = _MEMINFO_WORDS * 4
        words = memoryview(self._udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, size)).cast("I")
        return words[_MEMINFO_DROPS] if len(words) > _MEMINFO_DROPS else 0

    def fileno(self) -> int:
        return self._descriptor

    def receive(self) -> Datagrams:
        count = self._recvmmsg(
            self._descriptor, self._first_incoming, BATCH, _MSG_DONTWAIT | _MSG_TRUNC, None
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

    def aim(self, row: int, address: Address) -> None:
        self._targets[row] = source_key(address), 0

    def send(self, rows: Rows) -> None:
        count = len(rows)
        _address(self._names, self._target_addresses, rows)
        sent = 0
        while sent < count:
            taken = self._sendmmsg(
                self._descriptor,
                ctypes.c_void_p(self._first_message + sent * _MESSAGE.itemsize),
                count - sent,
                _MSG_DONTWAIT,
            )
            if taken <= 0:
                # The first one is refused (no buffer, unreachable): the others need not be.
                self.undelivered += 1
                taken = 1
            sent += taken

    def close(self) -> None:
        self._overflowed_until_closed = self.overflowed
        self._udp.close()


@compiled("void(u8[:], u8[::1], i8[::1])")
def _address(names: NDArray[np.uint64], targets: NDArray[np.uint64], rows: Rows) -> None:
    for nth, row in enumerate(rows):
        names[nth] = targets[row]


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


class PlainSocket:
    """One datagram for one system call, where nothing better exists."""

    def __init__(self, udp: socket.socket, rows: int, line_bytes: int) -> None:
        """Takes over `udp`."""
        self.address: Address = udp.getsockname()[:2]
        self.undelivered = 0
        self.outgoing = np.zeros((rows, line_bytes), np.uint8)
        self._udp = udp
        self._lines = np.zeros((BATCH, LINE_BYTES), np.uint8)
        self._targets: list[Address] = [("", 0)] * rows

    @property
    def overflowed(self) -> int:
        return 0

    def fileno(self) -> int:
        return self._udp.fileno()

    def receive(self) -> Datagrams:
        lengths: list[int] = []
        sources: list[int] = []
        while len(lengths) < BATCH:
            try:
                data, source = self._udp.recvfrom(LINE_BYTES + 1)
            except BlockingIOError:
                break
            except OSError:
                # An ICMP error of some earlier datagram is none of ours.
                continue
            line = self._lines[len(lengths)]
            fitting = min(len(data), LINE_BYTES)
            line[:fitting] = np.frombuffer(data, np.uint8, fitting)
            lengths.append(len(data))
            sources.append(source_key(source[:2]))
        return Datagrams(
            lines=self._lines[: len(lengths)],
            lengths=np.array(lengths, np.int64),
            sources=np.array(sources, np.uint64),
            arrivals=np.full(len(lengths), time.monotonic()),
        )

    def aim(self, row: int, address: Address) -> None:
        self._targets[row] = address

    def send(self, rows: Rows) -> None:
        for row, line in zip(rows.tolist(), self.outgoing[: len(rows)], strict=True):
            try:
                self._udp.sendto(line.tobytes(), self._targets[row])
            except OSError:
                self.undelivered += 1

    def close(self) -> None:
        self._udp.close()


class Sleeper:
    """Sleeps for a precise time, or until a descriptor can be read or another thread says so."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is what may be waited for."""
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)
        self._poll = (_PrecisePoll if _BATCHED else _Poll)(self._reader.fileno(), descriptor)

    def sleep(self, seconds: float) -> None:
        """For `seconds` at most."""
        if self._poll.wait(seconds, 1) & _WOKEN:
            self._drain()

    def wait(self, seconds: float) -> bool:
        """For `seconds` at most, or until the descriptor can be read: whether it can."""
        ready = self._poll.wait(seconds, 2)
        if ready & _WOKEN:
            self._drain()
        return ready & _READABLE != 0

    def wake(self) -> None:
        """Ends the sleep of the other thread, or its next one; never blocks."""
        try:
            self._writer.send(b"\0")
        except BlockingIOError:
            return

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def _drain(self) -> None:
        try:
            self._reader.recv(4096)
        except BlockingIOError:
            return


class _Poll:
    """poll(2): whole milliseconds only."""

    def __init__(self, *descriptors: int) -> None:
        self._descriptors = descriptors

    def wait(self, seconds: float, count: int) -> int:
        """Waits for the first `count` descriptors; a bit for each that is ready."""
        poll = select.poll()
        for descriptor in self._descriptors[:count]:
            poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(max(seconds, 0.0) * 1000)}
        return sum(1 << nth for nth, one in enumerate(self._descriptors) if one in ready)


class _PrecisePoll:
    """ppoll(2): nanoseconds."""

    def __init__(self, *descriptors: int) -> None:
        self._ppoll = ctypes.CDLL(None).ppoll
        polled = [_PollDescriptor(one, select.POLLIN, 0) for one in descriptors]
        self._polled = (_PollDescriptor * len(polled))(*polled)
        self._timeout = _TimeSpec()
        self._timeout_address = ctypes.byref(self._timeout)

    def wait(self, seconds: float, count: int) -> int:
        """Waits for the first `count` descriptors; a bit for each that is ready."""
        nanoseconds = max(int(seconds * 1e9), 0)
        self._timeout.seconds, self._timeout.nanoseconds = divmod(nanoseconds, 1_000_000_000)
        if self._ppoll(self._polled, count, self._timeout_address, None) <= 0:
            return 0
        return sum(1 << nth for nth in range(count) if self._polled[nth].returned)


class _PollDescriptor(ctypes.Structure):
    _fields_ = (
        ("descriptor", ctypes.c_int),
        ("wanted", ctypes.c_short),
        ("returned", ctypes.c_short),
    )


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def _addresses(array: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Where each line of `array` lies in memory."""
    start = np.uint64(array.ctypes.data)
    steps = np.arange(len(array), dtype=np.uint64) * np.uint64(array.strides[0])
    return start + steps

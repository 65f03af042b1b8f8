"""Addresses and headers of many datagrams at once, as they lie in memory on 64-bit Linux."""

import socket
import sys

import numpy as np
from numpy.typing import NDArray

Address = tuple[str, int]

# struct mmsghdr.
MESSAGE = np.dtype(
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
# struct sockaddr_in: what tells addresses apart is its first half, read as one number.
SOCKET_ADDRESS = np.dtype([("key", "u8"), ("zero", "u8")])
VECTOR = np.dtype([("base", "u8"), ("length", "u8")])


def source_key(address: Address) -> int:
    """An IPv4 `address` as one number: family, port and host as in the kernel's sockaddr_in."""
    host, port = address
    family = socket.AF_INET.to_bytes(2, sys.byteorder)
    return int.from_bytes(family + port.to_bytes(2) + socket.inet_aton(host), sys.byteorder)


def places(array: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Where each line of `array` lies in memory."""
    start = np.uint64(array.ctypes.data)
    steps = np.arange(len(array), dtype=np.uint64) * np.uint64(array.strides[0])
    return start + steps


def messages_of(lines: NDArray[np.uint8], vectors: NDArray[np.void]) -> NDArray[np.void]:
    """A header for each of `lines`, whose lengths are theirs; `vectors` is kept as long."""
    vectors["base"] = places(lines)
    vectors["length"] = lines.shape[1]
    messages = np.zeros(len(lines), MESSAGE)
    messages["name_length"] = SOCKET_ADDRESS.itemsize
    messages["iov"] = places(vectors)
    messages["iov_count"] = 1
    return messages

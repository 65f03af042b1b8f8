"""Ports on loopback, reserved, also where several labs run side by side on one machine.

A port that is merely free now may be somebody's in the next moment. So ports come in ranges below
those that the kernel hands out by itself (net.ipv4.ip_local_port_range), each held by a file lock
for as long as it is used; the kernel gives the lock back where its holder dies.
"""

import fcntl
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.lab.archive import cache_folder
from gateway.lab.errors import LabError

LOOPBACK = "127.0.0.1"
LARGE, SMALL = 1000, 20
"""For an Asterisk with 240 calls; for a phone, or a server."""
REGIONS = {LARGE: range(10000, 26000), SMALL: range(26000, 32000)}
PROBED = 20


def is_free(port: int) -> bool:
    """Nobody on loopback has `port`, neither UDP nor TCP."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # What a server that ended a moment ago has left behind is no obstacle.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


@contextmanager
def leased_range(size: int = LARGE) -> Iterator[range]:
    """`size` (LARGE or SMALL) ports that no other lab of this user takes meanwhile.

    The first 20 are free of anybody else, too.
    """
    folder = cache_folder() / "ports"
    folder.mkdir(parents=True, exist_ok=True)
    region = REGIONS[size]
    starts = list(range(region.start, region.stop, size))
    random.shuffle(starts)
    for start in starts:
        with (folder / str(start)).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if all(is_free(start + offset) for offset in range(PROBED)):
                yield range(start, start + size)
                return
    raise LabError("ports", f"no {size} free ports in a row on {LOOPBACK}")

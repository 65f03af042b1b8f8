"""What arrives is read in batches; the sleeper sleeps and wakes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from rtp.datagrams import BATCH, LINE_BYTES, Receiver, Sleeper, open_socket
from rtp.messages import Address, source_key
from rtp.packet import Malformed, parse

LOOPBACK = ("127.0.0.1", 0)


def peer() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(LOOPBACK)
    made.settimeout(2)
    return made


class Ours:
    """A receiver and where it is."""

    def __init__(self, udp: socket.socket) -> None:
        self.address: Address = udp.getsockname()
        self.receive = Receiver(udp).receive


@pytest.fixture
def ours() -> Iterator[Ours]:
    with open_socket(LOOPBACK) as udp:
        yield Ours(udp)


def test_what_arrives_is_told_with_source_length_and_time(ours: Ours) -> None:
    with closing(peer()) as one, closing(peer()) as other:
        before = time.monotonic()
        one.sendto(b"first", ours.address)
        other.sendto(b"the second", ours.address)
        one.sendto(b"", ours.address)
        found = ours.receive()
        after = time.monotonic()
        assert [
            line[:length].tobytes() for line, length in zip(found.lines, found.lengths, strict=True)
        ] == [
            b"first",
            b"the second",
            b"",
        ]
        sources = [source_key(one.getsockname()), source_key(other.getsockname())]
        assert found.sources.tolist() == [*sources, sources[0]]
        assert (found.arrivals > before - 0.01).all()
        assert (found.arrivals < after + 0.01).all()
        assert (np.diff(found.arrivals) >= 0).all()


def test_nothing_there_is_nothing(ours: Ours) -> None:
    assert len(ours.receive().lengths) == 0


def test_what_the_kernel_drops_is_known() -> None:
    """A socket that nobody reads overflows, and says by how much, also when it is closed."""
    with closing(peer()) as one, open_socket(LOOPBACK) as udp, closing(Receiver(udp)) as found:
        sent = 0
        while not found.overflowed:
            one.sendto(bytes(1400), udp.getsockname())
            sent += 1
        taken = 0
        # On a busy machine the kernel may deliver a little later.
        while taken + found.overflowed < sent:
            taken += len(found.receive().lengths)
    assert taken > 0
    assert found.overflowed == sent - taken


def test_more_than_a_batch_waits_for_the_next(ours: Ours) -> None:
    with closing(peer()) as one:
        taken = 0
        for nth in range(BATCH + 40):
            one.sendto(nth.to_bytes(4, "big"), ours.address)
        while count := len(ours.receive().lengths):
            assert count <= BATCH
            taken += count
        assert 200 < taken <= BATCH + 40


def test_a_datagram_longer_than_a_line_is_known_to_be(ours: Ours) -> None:
    with closing(peer()) as one:
        one.sendto(b"\x80" + b"x" * (LINE_BYTES + 500), ours.address)
        found = ours.receive()
        assert found.lengths[0] > LINE_BYTES
        _, malformed = parse(found.lines, np.zeros(1, np.intp), found.lengths)
        assert malformed is not None
        assert malformed[Malformed.LONG] == 1


def test_an_address_in_use_is_refused() -> None:
    with open_socket(LOOPBACK) as one, pytest.raises(OSError, match="in use"):
        open_socket(one.getsockname())


def test_the_sleeper_sleeps_for_its_time_and_no_longer_when_woken() -> None:
    with closing(peer()) as one:
        sleeper = Sleeper(one.fileno())
        with closing(sleeper):
            begin = time.monotonic()
            sleeper.sleep(0.02)
            assert time.monotonic() - begin >= 0.019
            threading.Timer(0.05, sleeper.wake).start()
            sleeper.sleep(60)
            sleeper.wake()
            sleeper.wake()
            sleeper.sleep(60)
            assert time.monotonic() - begin < 30


def test_the_sleeper_waits_for_datagrams() -> None:
    with closing(peer()) as one, closing(peer()) as other:
        sleeper = Sleeper(one.fileno())
        with closing(sleeper):
            assert not sleeper.wait(0.001)
            assert not sleeper.wait(-1.0)
            other.sendto(b"x", one.getsockname())
            assert sleeper.wait(60)
            sleeper.sleep(0.001)
            sleeper.wake()
            assert sleeper.wait(60)

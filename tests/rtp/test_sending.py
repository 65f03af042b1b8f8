"""The thread that sends, with real sockets: each frame to its target, at its time."""

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import numpy as np
import pytest

from rtp.codec import FRAME_SECONDS, Codec
from rtp.datagrams import Receiver, open_socket
from rtp.departing import Mouths
from rtp.messages import Address
from rtp.pacing import Identity
from rtp.sending import Sender

LOOPBACK = ("127.0.0.1", 0)
SILENT = b"\xff" * 160
ROWS = 4


@contextmanager
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(LOOPBACK)
        made.settimeout(30)
        yield made


def _never(error: BaseException) -> None:
    raise AssertionError from error


class Mouth:
    """A sender of its own, and the mouths that it sends for."""

    def __init__(self, mouths: Mouths, sender: Sender, udp: socket.socket) -> None:
        self.mouths, self.sender, self.udp = mouths, sender, udp

    def open(self, row: int, target: Address, *, continuous: bool = True) -> None:
        identity = Identity(ssrc=row, sequence_number=100, timestamp=0)
        now = time.monotonic()
        self.sender.open(row, target, Codec.PCMU, identity, now, continuous=continuous)

    def play(self, row: int, *values: int) -> None:
        frames = np.repeat(np.array(values, np.uint8)[:, np.newaxis], 160, axis=1)
        self.mouths.playout.play(row, frames)
        if self.mouths.playout.waits_to_start(row):
            self.sender.speak_up(row)


@pytest.fixture
def mouth() -> Iterator[Mouth]:
    mouths = Mouths(ROWS, 8)
    with open_socket(LOOPBACK) as udp, Sender(udp, mouths, ROWS, _never) as sender:
        yield Mouth(mouths, sender, udp)


def payloads(one: socket.socket, count: int) -> list[bytes]:
    return [one.recv(2048)[12:] for _ in range(count)]


def test_each_row_sends_to_its_own_target(mouth: Mouth) -> None:
    with peer() as one, peer() as other:
        mouth.open(1, one.getsockname())
        mouth.open(3, other.getsockname())
        mouth.play(3, 7)
        assert payloads(one, 5) == [SILENT] * 5
        assert bytes([7]) * 160 in payloads(other, 5)
        assert one.recvfrom(2048)[1] == mouth.udp.getsockname()
    assert mouth.sender.sent >= 10
    assert mouth.sender.refused == 0


def test_a_row_that_has_nothing_to_say_sends_nothing_and_then_at_once(mouth: Mouth) -> None:
    with peer() as one:
        mouth.open(0, one.getsockname(), continuous=False)
        for value in range(1, 6):
            mouth.play(0, value)
            assert payloads(one, 1) == [bytes([value]) * 160]
            time.sleep(0.03)
        one.settimeout(0)
        with pytest.raises(BlockingIOError):
            one.recv(2048)
        assert mouth.sender.sent == 5


def test_a_closed_row_is_silent_and_may_be_opened_again(mouth: Mouth) -> None:
    with peer() as one, peer() as other:
        mouth.open(0, one.getsockname())
        payloads(one, 2)
        mouth.sender.close(0)
        mouth.open(0, other.getsockname())
        payloads(other, 3)
        one.settimeout(0)
        with suppress(BlockingIOError):
            payloads(one, 10)
        time.sleep(0.05)
        with pytest.raises(BlockingIOError):
            one.recv(2048)


def test_what_the_kernel_refuses_is_counted_and_does_not_stop_the_others(mouth: Mouth) -> None:
    with peer() as one:
        mouth.open(0, ("255.255.255.255", 9))
        mouth.open(1, one.getsockname())
        payloads(one, 5)
        assert mouth.sender.refused >= 4


def test_a_target_that_is_gone_does_not_disturb_the_others(mouth: Mouth) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as gone:
        gone.bind(LOOPBACK)
        nobody = gone.getsockname()
    with peer() as one, closing(Receiver(mouth.udp)) as ours:
        mouth.open(0, nobody)
        mouth.open(1, one.getsockname())
        payloads(one, 5)
        one.sendto(b"still here", mouth.udp.getsockname())
        deadline = time.monotonic() + 30
        while not len(ours.receive().lengths):
            assert time.monotonic() < deadline
            time.sleep(0.001)


def test_nothing_that_python_does_holds_frames_up(mouth: Mouth) -> None:
    """The interpreter is held for half a second in one piece: silence leaves as if nothing were."""
    with peer() as one:
        mouth.open(0, one.getsockname())
        payloads(one, 2)
        before = mouth.sender.sent
        many = sorted(range(200_000), key=lambda nth: -nth)
        gc.disable()
        begin = time.monotonic()
        while time.monotonic() - begin < 0.5:
            # One call of the interpreter's own code, which never lets go of it.
            many.sort(reverse=True)
            many.sort()
        took = time.monotonic() - begin
        sent = mouth.sender.sent - before
        gc.enable()
        # It never catches up by more than three frames: what is missing would be missing for good.
        assert sent * FRAME_SECONDS > 0.5 * took


def test_lateness_is_that_of_the_system_call(mouth: Mouth) -> None:
    with peer() as one:
        mouth.open(0, one.getsockname())
        payloads(one, 5)
        late = mouth.sender.lateness
        assert 0.0 < late.quantile(0.5) <= late.max
        late.forget()
        assert late.quantile(0.5) <= late.max
        assert late.counts.sum() < 5


def test_the_thread_ends_with_its_sender() -> None:
    mouths = Mouths(ROWS, 8)
    with open_socket(LOOPBACK) as udp:
        for _ in range(3):
            with Sender(udp, mouths, ROWS, _never):
                assert any(one.name == "sender" for one in threading.enumerate())
            assert not any(one.name == "sender" for one in threading.enumerate())

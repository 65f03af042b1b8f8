"""A tap on a phone's wire: relays its SIP and RTP, and keeps every packet with its time.

    with Wiretap(asterisk.sip_address) as tap:
        async with Phone("caller") as phone:
            await phone.dial(f"sip:100@{tap.address}")
            ...
    voices(tap.call.heard)

A transparent relay on loopback. Both directions of a call get times from one clock: the kernel's
time of arrival at the tap, a fraction of a millisecond from the phone's mouth and ear.
"""

import heapq
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

from gateway.lab.datagrams import parse_packet, received, timestamping_socket
from gateway.lab.errors import LabError
from gateway.lab.hearing import Packet
from gateway.lab.sip import Address, SipMessage, audio_address, with_audio_address


class Direction(StrEnum):
    SAID = "said"
    """From the phone to Asterisk."""
    HEARD = "heard"
    """From Asterisk to the phone."""


Impairment = Callable[[Direction, float, bytes], Iterable[tuple[float, bytes]]]
"""What becomes of an RTP datagram that arrives at a time: any number of datagrams, each with the
monotonic time to pass it on at (one that is not in the future is passed on at once)."""


def perfect(
    _direction: Direction, arrived: float, datagram: bytes
) -> Iterable[tuple[float, bytes]]:
    """Passes everything on at once."""
    return ((arrived, datagram),)


@dataclass(slots=True, eq=False)
class TappedCall:
    """The audio of one call: as the phone sent it, and as it got there after any impairment."""

    call_id: str
    said: list[Packet] = field(default_factory=list)
    heard: list[Packet] = field(default_factory=list)


class Wiretap:
    """`with Wiretap(server) as tap:` — a phone that takes `tap.address` for its server is tapped.

    One phone, or one bank of light callers, per tap.
    """

    def __init__(self, server: str, *, impair: Impairment = perfect) -> None:
        ip, _, port = server.partition(":")
        self.calls: list[TappedCall] = []
        self._server: Address = (ip, int(port))
        self._phone: Address | None = None
        self._media: dict[str, _Media] = {}
        self._relay = _Relay(impair)

    @property
    def address(self) -> str:
        """`ip:port`, for the phone in place of Asterisk's."""
        return _text(self._near)

    @property
    def call(self) -> TappedCall:
        """The latest call."""
        return self.calls[-1]

    @property
    def slowest(self) -> float:
        """The longest, in seconds, that the tap itself held an RTP packet that was to pass."""
        return self._relay.slowest

    def __enter__(self) -> Self:
        self._relay.start()
        self._near = self._relay.open(self._from_phone)
        self._far = self._relay.open(self._from_server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._relay.stop()

    def _from_phone(self, _arrived: float, datagram: bytes, source: Address) -> None:
        self._phone = source
        message = SipMessage.parse(datagram)
        if address := audio_address(message.body):
            media = self._media_of(message.call_id)
            media.phone = address
            message = message.with_body(with_audio_address(message.body, media.far))
        self._far.sendto(message.encode(), self._server)

    def _from_server(self, _arrived: float, datagram: bytes, _source: Address) -> None:
        if self._phone is None:
            return
        message = SipMessage.parse(datagram)
        if address := audio_address(message.body):
            media = self._media_of(message.call_id)
            media.server = address
            message = message.with_body(with_audio_address(message.body, media.near))
        # Where the phone sends the rest of the dialog: that must be here.
        contact = message.get("contact").replace("{}:{}".format(*self._server), self.address)
        self._near.sendto(message.with_header("contact", contact).encode(), self._phone)

    def _media_of(self, call_id: str) -> "_Media":
        if call_id not in self._media:
            self.calls.append(TappedCall(call_id))
            self._media[call_id] = _Media(self._relay, self.calls[-1])
        return self._media[call_id]


class _Media:
    """The four sockets of a call: RTP and RTCP, towards the phone (near) and Asterisk (far)."""

    def __init__(self, relay: "_Relay", call: TappedCall) -> None:
        self.phone: Address | None = None
        self.server: Address | None = None
        self._relay = relay
        self._call = call
        self._near, self._near_rtcp = relay.open_pair(self._on_said, self._on_phone_rtcp)
        self._far, self._far_rtcp = relay.open_pair(self._on_heard, self._on_server_rtcp)
        self.near: Address = self._near.getsockname()
        self.far: Address = self._far.getsockname()

    def _on_said(self, arrived: float, datagram: bytes, _source: Address) -> None:
        _note(self._call.said, arrived, datagram)
        self._relay.pass_on(Direction.SAID, arrived, datagram, self._to_server)

    def _on_heard(self, arrived: float, datagram: bytes, _source: Address) -> None:
        self._relay.pass_on(Direction.HEARD, arrived, datagram, self._to_phone)

    def _to_server(self, _now: float, datagram: bytes) -> None:
        if self.server:
            self._far.sendto(datagram, self.server)

    def _to_phone(self, now: float, datagram: bytes) -> None:
        if self.phone:
            self._near.sendto(datagram, self.phone)
            _note(self._call.heard, now, datagram)

    def _on_phone_rtcp(self, _arrived: float, datagram: bytes, _source: Address) -> None:
        if self.server:
            self._far_rtcp.sendto(datagram, (self.server[0], self.server[1] + 1))

    def _on_server_rtcp(self, _arrived: float, datagram: bytes, _source: Address) -> None:
        if self.phone:
            self._near_rtcp.sendto(datagram, (self.phone[0], self.phone[1] + 1))


def _note(packets: list[Packet], now: float, datagram: bytes) -> None:
    if packet := parse_packet(now, datagram):
        packets.append(packet)


def _text(bound: socket.socket) -> str:
    return "{}:{}".format(*bound.getsockname())


PORT_PAIR_ATTEMPTS = 100
Handler = Callable[[float, bytes, Address], None]


class _Relay:
    """A thread that waits for datagrams and for the time of those that are held back."""

    def __init__(self, impair: Impairment) -> None:
        self.slowest = 0.0
        self._impair = impair
        self._held: list[tuple[float, int, partial[None]]] = []
        self._order = count()
        self._handlers: dict[int, tuple[socket.socket, Handler]] = {}
        self._stack = ExitStack()

    def start(self) -> None:
        self._poll = self._stack.enter_context(select.epoll())
        self._wake = os.eventfd(0)
        self._stack.callback(os.close, self._wake)
        self._poll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="wiretap", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        self._stack.close()

    def open(self, handler: Handler) -> socket.socket:
        """A socket whose datagrams go to `handler(arrived, datagram, sender)`."""
        return self._watch(timestamping_socket(), handler)

    def _watch(self, made: socket.socket, handler: Handler) -> socket.socket:
        self._stack.enter_context(made)
        self._handlers[made.fileno()] = (made, handler)
        self._poll.register(made, select.EPOLLIN)
        return made

    def open_pair(self, rtp: Handler, rtcp: Handler) -> tuple[socket.socket, socket.socket]:
        """Sockets of two ports in a row, as RTP and its RTCP need them (RFC 3550 §11)."""
        for _ in range(PORT_PAIR_ATTEMPTS):
            first = timestamping_socket()
            try:
                second = timestamping_socket(first.getsockname()[1] + 1)
            except OSError:
                first.close()
                continue
            return self._watch(first, rtp), self._watch(second, rtcp)
        raise LabError("wiretap", "no two free ports in a row")

    def pass_on(
        self,
        direction: Direction,
        arrived: float,
        datagram: bytes,
        deliver: Callable[[float, bytes], None],
    ) -> None:
        """`deliver(time, datagram)` whatever the impairment makes of `datagram`, when it says."""
        for due, changed in self._impair(direction, arrived, datagram):
            if due > time.monotonic():
                held = (due, next(self._order), partial(deliver, due, changed))
                heapq.heappush(self._held, held)
            else:
                deliver(arrived, changed)
                self.slowest = max(self.slowest, time.monotonic() - arrived)

    def _run(self) -> None:
        while True:
            wait = max(0.0, self._held[0][0] - time.monotonic()) if self._held else None
            for descriptor, _ in self._poll.poll(wait):
                if descriptor == self._wake:
                    return
                source, handler = self._handlers[descriptor]
                for arrived, datagram, sender in received(source):
                    handler(arrived, datagram, sender)
            while self._held and self._held[0][0] <= time.monotonic():
                heapq.heappop(self._held)[2]()

"""A bad network with a seed: delay, jitter, bursty loss, reorder, duplicates and clock drift.

`Network` decides the fate of one direction's datagrams and owns no clock, so it serves tests in
virtual time; `UdpProxy` applies two of them to real sockets. With the same seed a network does
the same again, and changing one condition leaves the others' decisions as they were.
"""

import asyncio
import random
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import NamedTuple, Self

Address = tuple[str, int]

WIRE_TIME = 1e-6
"""Seconds between two datagrams of a queue: none arrive at once, so their order is defined."""


@dataclass(frozen=True, slots=True)
class GilbertElliott:
    """Loss with two states: in the bad one every datagram is lost, in the good one none.

    `to_bad` and `to_good` are the chances per datagram to change state. Gilbert, "Capacity of a
    Burst-Noise Channel" (1960); Elliott (1963).
    """

    to_bad: float = 0.0
    to_good: float = 1.0

    @classmethod
    def random(cls, rate: float) -> Self:
        """Each datagram is lost with the same chance, whatever happened to the one before."""
        return cls(to_bad=rate, to_good=1 - rate)

    @classmethod
    def bursty(cls, rate: float, burst: float) -> Self:
        """`rate` of all datagrams are lost, in bursts of `burst` datagrams on average."""
        return cls(to_bad=rate / (1 - rate) / burst, to_good=1 / burst)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one direction does to datagrams. Times in seconds, chances from 0 to 1."""

    delay: float = 0.0
    jitter: float = 0.0
    """Up to this much more delay, evenly spread. As in a queue, it never changes the order."""
    loss: GilbertElliott = GilbertElliott()
    reorder: float = 0.0
    """The chance that a datagram is held back for `reorder_delay`, and overtaken meanwhile."""
    reorder_delay: float = 0.030
    duplicate: float = 0.0
    """The chance that a datagram comes twice, the second time up to `reorder_delay` later."""
    drift_ppm: float = 0.0
    """How much too fast the sender's clock runs (negative: slow), in parts per million."""


class Delivery(NamedTuple):
    """A datagram and when it arrives."""

    time: float
    datagram: bytes


@dataclass(slots=True)
class Fates:
    """What became of the datagrams so far."""

    sent: int = 0
    lost: int = 0
    reordered: int = 0
    duplicated: int = 0


class Network:
    """One direction of a path."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self.fates = Fates()
        self._conditions = conditions
        self._random = random.Random(seed)
        self._bad = False
        self._first: float | None = None
        self._last_in_order = float("-inf")

    def deliveries(self, sent: float, datagram: bytes) -> tuple[Delivery, ...]:
        """What arrives of a datagram that left at `sent` by the sender's clock: 0, 1 or 2."""
        # The same five numbers are drawn whatever the conditions are and did.
        state, spread, overtaken, twice, later = (self._random.random() for _ in range(5))
        conditions, fates = self._conditions, self.fates
        fates.sent += 1
        arrival = self._undrifted(sent) + conditions.delay + conditions.jitter * spread
        if self._lost(state):
            fates.lost += 1
            return ()
        if overtaken < conditions.reorder:
            fates.reordered += 1
            arrival += conditions.reorder_delay
        else:
            arrival = self._last_in_order = max(arrival, self._last_in_order + WIRE_TIME)
        if twice < conditions.duplicate:
            fates.duplicated += 1
            again = arrival + conditions.reorder_delay * later
            return Delivery(arrival, datagram), Delivery(again, datagram)
        return (Delivery(arrival, datagram),)

    def _lost(self, chance: float) -> bool:
        loss = self._conditions.loss
        self._bad = chance >= loss.to_good if self._bad else chance < loss.to_bad
        return self._bad

    def _undrifted(self, sent: float) -> float:
        if self._first is None:
            self._first = sent
        return self._first + (sent - self._first) / (1 + self._conditions.drift_ppm * 1e-6)


def transmit(network: Network, sent: Iterable[Delivery]) -> list[Delivery]:
    """All that arrives of datagrams `sent` at their times, in the order of arrival."""
    arrived = (delivery for each in sent for delivery in network.deliveries(*each))
    return sorted(arrived, key=lambda delivery: delivery.time)


class UdpProxy:
    """A bad network between real sockets: whoever sends to `address` talks to `target` through it.

    Each peer gets a socket of its own towards the target, so that the target can tell peers
    apart; what the target sends there goes to that peer. The conditions hold in each direction.
    A context manager, used inside a running event loop, whose clock it goes by.
    """

    def __init__(self, target: Address, conditions: Conditions, seed: int) -> None:
        self._target = target
        self._conditions = conditions
        self._seeds = count(seed)
        self._paths: dict[Address, tuple[_Path, _Path]] = {}

    def __enter__(self) -> Self:
        self._near = _Port(self._from_peer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for there, _ in self._paths.values():
            there.port.close()
        self._near.close()

    @property
    def address(self) -> Address:
        """Where peers send to."""
        return self._near.address

    def far_address(self, peer: Address) -> Address:
        """The address by which the target sees `peer`; known before `peer` has sent anything."""
        return self._paths_of(peer)[0].port.address

    def fates(self, peer: Address) -> tuple[Fates, Fates]:
        """What became of the datagrams of `peer`: to the target, and from it."""
        there, back = self._paths_of(peer)
        return there.network.fates, back.network.fates

    def _from_peer(self, datagram: bytes, peer: Address) -> None:
        self._paths_of(peer)[0].send(datagram)

    def _paths_of(self, peer: Address) -> "tuple[_Path, _Path]":
        if peer not in self._paths:
            back = _Path(self._network(), self._near, peer)
            far = _Port(lambda datagram, source: self._from_target(back, datagram, source))
            self._paths[peer] = _Path(self._network(), far, self._target), back
        return self._paths[peer]

    def _from_target(self, back: "_Path", datagram: bytes, source: Address) -> None:
        if source == self._target:
            back.send(datagram)

    def _network(self) -> Network:
        return Network(self._conditions, next(self._seeds))


class _Port:
    """A bound loopback socket that hands over what it receives."""

    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.bind(("127.0.0.1", 0))
        self._loop.add_reader(self._socket, self._read)

    @property
    def address(self) -> Address:
        host, port = self._socket.getsockname()
        return host, port

    def send_at(self, time: float, datagram: bytes, destination: Address) -> None:
        self._loop.call_at(time, self._send, datagram, destination)

    def now(self) -> float:
        return self._loop.time()

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _send(self, datagram: bytes, destination: Address) -> None:
        if self._socket.fileno() >= 0:
            self._socket.sendto(datagram, destination)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while True:
                self._received(*self._socket.recvfrom(65536))


@dataclass(frozen=True, slots=True)
class _Path:
    """One direction of one peer: a network that ends in a socket."""

    network: Network
    port: _Port
    destination: Address

    def send(self, datagram: bytes) -> None:
        now = self.port.now()
        for delivery in self.network.deliveries(now, datagram):
            self.port.send_at(max(now, delivery.time), delivery.datagram, self.destination)

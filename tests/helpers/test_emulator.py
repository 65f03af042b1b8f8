"""The emulator keeps its own promises: the shares it names, and the same again for a seed."""

import asyncio
import socket
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator import (
    Address,
    Conditions,
    Delivery,
    GilbertElliott,
    Network,
    UdpProxy,
    transmit,
)

MANY = 20000
SPACING = 0.02

chances = st.floats(0, 0.9)
conditions = st.builds(
    Conditions,
    delay=st.floats(0, 0.2),
    jitter=st.floats(0, 0.1),
    loss=st.builds(GilbertElliott, to_bad=chances, to_good=st.floats(0.05, 1)),
    reorder=chances,
    duplicate=chances,
    drift_ppm=st.floats(-200, 200),
)


def stream(packets: int) -> list[Delivery]:
    return [Delivery(n * SPACING, n.to_bytes(4, "big")) for n in range(packets)]


def through(conditions: Conditions, packets: int, seed: int = 1) -> list[Delivery]:
    return transmit(Network(conditions, seed), stream(packets))


def numbers(arrived: list[Delivery]) -> list[int]:
    return [int.from_bytes(delivery.datagram, "big") for delivery in arrived]


@settings(deadline=None)
@given(conditions, st.integers())
def test_a_seed_gives_the_same_network_again(conditions: Conditions, seed: int) -> None:
    assert through(conditions, 50, seed) == through(conditions, 50, seed)


def test_another_seed_gives_another_network() -> None:
    lossy = Conditions(loss=GilbertElliott.random(0.5))
    assert through(lossy, 100, seed=1) != through(lossy, 100, seed=2)


@settings(deadline=None)
@given(conditions)
def test_nothing_is_invented_altered_or_early(conditions: Conditions) -> None:
    network = Network(conditions, 7)
    arrived = transmit(network, stream(100))
    fates = network.fates
    assert set(arrived_datagrams(arrived)) <= set(arrived_datagrams(stream(100)))
    assert len(arrived) == fates.sent - fates.lost + fates.duplicated
    slack = 100 * SPACING * abs(conditions.drift_ppm) * 1e-6
    for time, number in zip((each.time for each in arrived), numbers(arrived), strict=True):
        assert time >= number * SPACING + conditions.delay - slack - 1e-9


def arrived_datagrams(arrived: list[Delivery]) -> list[bytes]:
    return [delivery.datagram for delivery in arrived]


def test_a_good_network_only_delays() -> None:
    assert through(Conditions(delay=0.05), 3) == [
        Delivery(n * SPACING + 0.05, n.to_bytes(4, "big")) for n in range(3)
    ]


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("burst", [None, 2.0, 4.0])
def test_loss_has_the_rate_and_burst_length_asked_for(rate: float, burst: float | None) -> None:
    loss = GilbertElliott.bursty(rate, burst) if burst else GilbertElliott.random(rate)
    kept = set(numbers(through(Conditions(loss=loss), MANY)))
    runs = [(gone, len(list(run))) for gone, run in groupby(range(MANY), lambda n: n not in kept)]
    bursts = [length for gone, length in runs if gone]
    assert sum(bursts) / MANY == pytest.approx(rate, rel=0.2)
    assert sum(bursts) / len(bursts) == pytest.approx(burst or 1 / (1 - rate), rel=0.2)


def test_jitter_spreads_evenly_and_keeps_the_order() -> None:
    arrived = through(Conditions(delay=0.01, jitter=0.015), MANY)
    late = [each.time - number * SPACING for number, each in enumerate(arrived)]
    assert numbers(arrived) == list(range(MANY))
    assert min(late) == pytest.approx(0.01, abs=1e-4)
    assert max(late) == pytest.approx(0.025, abs=1e-4)
    assert sum(late) / MANY == pytest.approx(0.0175, rel=0.02)


def test_jitter_beyond_the_spacing_still_keeps_the_order() -> None:
    arrived = through(Conditions(jitter=0.1), 1000)
    assert numbers(arrived) == list(range(1000))
    assert all(earlier.time <= later.time for earlier, later in pairwise(arrived))


def test_reorder_lets_packets_be_overtaken() -> None:
    arrived = numbers(through(Conditions(reorder=0.05), MANY))
    overtaken = sum(1 for earlier, later in pairwise(arrived) if later < earlier)
    assert sorted(arrived) == list(range(MANY))
    assert overtaken / MANY == pytest.approx(0.05, rel=0.1)


def test_duplicates_come_at_the_rate_asked_for() -> None:
    arrived = numbers(through(Conditions(duplicate=0.1), MANY))
    assert set(arrived) == set(range(MANY))
    assert len(arrived) / MANY - 1 == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("drift_ppm", [-200.0, 200.0])
def test_a_clock_drifts_by_as_much_as_asked_for(drift_ppm: float) -> None:
    arrived = through(Conditions(drift_ppm=drift_ppm), MANY)
    seconds = (MANY - 1) * SPACING
    assert arrived[-1].time - arrived[0].time == pytest.approx(
        seconds / (1 + drift_ppm * 1e-6), abs=1e-6
    )


def test_other_conditions_do_not_change_which_packets_are_lost() -> None:
    loss = GilbertElliott.bursty(0.1, 3)
    only = numbers(through(Conditions(loss=loss), 1000))
    worse = numbers(through(Conditions(loss=loss, jitter=0.05, reorder=0.2, delay=0.1), 1000))
    assert sorted(worse) == only


# ---- as a proxy between real sockets


def bound() -> socket.socket:
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.bind(("127.0.0.1", 0))
    ours.settimeout(0)
    return ours


def address_of(ours: socket.socket) -> Address:
    host, port = ours.getsockname()
    return host, port


async def received(ours: socket.socket) -> tuple[bytes, Address]:
    async with asyncio.timeout(60):
        return await asyncio.get_running_loop().sock_recvfrom(ours, 2048)


async def test_a_proxy_carries_both_ways_and_tells_peers_apart() -> None:
    with (
        bound() as target,
        bound() as one,
        bound() as other,
        UdpProxy(address_of(target), Conditions(), seed=1) as proxy,
    ):
        expected = {proxy.far_address(address_of(peer)): peer for peer in (one, other)}
        one.sendto(b"one", proxy.address)
        other.sendto(b"other", proxy.address)
        for _ in range(2):
            datagram, far = await received(target)
            target.sendto(b"hello " + datagram, far)
            assert await received(expected[far]) == (b"hello " + datagram, proxy.address)


async def test_only_the_target_may_answer_through_a_proxy() -> None:
    with (
        bound() as target,
        bound() as peer,
        bound() as stranger,
        UdpProxy(address_of(target), Conditions(), seed=1) as proxy,
    ):
        far = proxy.far_address(address_of(peer))
        stranger.sendto(b"forged", far)
        target.sendto(b"true", far)
        assert await received(peer) == (b"true", proxy.address)


@pytest.mark.virtual_time
async def test_a_proxy_delays_and_loses_as_the_same_network_would() -> None:
    bad = Conditions(delay=0.1, jitter=0.05, loss=GilbertElliott.bursty(0.2, 2))
    loop = asyncio.get_running_loop()
    with bound() as target, bound() as peer, UdpProxy(address_of(target), bad, seed=4) as proxy:
        for n in range(50):
            peer.sendto(n.to_bytes(4, "big"), proxy.address)
            await asyncio.sleep(SPACING)
        there, back = proxy.fates(address_of(peer))
        arrived = []
        for _ in range(there.sent - there.lost):
            datagram, _ = await received(target)
            arrived.append(int.from_bytes(datagram, "big"))
    assert loop.time() >= 50 * SPACING
    assert arrived == sorted(set(arrived))
    assert len(arrived) == 50 - there.lost
    assert 0 < there.lost < 50
    assert back.sent == 0


async def test_a_proxy_that_is_gone_sends_nothing_more() -> None:
    with bound() as target, bound() as peer:
        with UdpProxy(address_of(target), Conditions(delay=0.01), seed=1) as proxy:
            peer.sendto(b"late", proxy.address)
            await asyncio.sleep(0)
        await asyncio.sleep(0.03)
        with pytest.raises(BlockingIOError):
            target.recv(2048)

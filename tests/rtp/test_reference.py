"""The batch against the reference model: any packets, any order, any times, any company."""

import struct
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rtp.codec import Codec
from rtp.reception import Datagrams, Reception
from tests.rtp.reference import LOST, NO_AUDIO, Frame, ReferenceLeg, packet_of
from tests.rtp.streams import arrive

WIDTH = 2048
JUMPS = [1, 19, 50, 62, 63, 64, 70, 2999, 3000, -2, -40, -65, -100, -101, -102, -200, 30000]


@dataclass(frozen=True)
class Arrival:
    leg: int
    time: float
    datagram: bytes


Turn = tuple[float, list[Arrival]]


def rtp(number: int, timestamp: int, payload: bytes, payload_type: int = 0, ssrc: int = 1) -> bytes:
    header = (0x80, payload_type, number % 65536, timestamp % (1 << 32), ssrc)
    return struct.pack(">BBHII", *header) + payload


def batch_of(arrivals: list[Arrival]) -> Datagrams:
    lines = np.zeros((max(len(arrivals), 1), WIDTH), np.uint8)
    for line, arrival in zip(lines, arrivals, strict=False):
        line[:] = 0xEE
        taken = np.frombuffer(arrival.datagram, np.uint8)[:WIDTH]
        line[: len(taken)] = taken
    return Datagrams(
        lines=lines[: len(arrivals)],
        lengths=np.array([len(one.datagram) for one in arrivals], np.int64),
        sources=np.array([one.leg for one in arrivals], np.uint64),
        arrivals=np.array([one.time for one in arrivals]),
    )


def play_batch(codecs: list[Codec], turns: list[Turn]) -> tuple[Reception, list[list[Frame]]]:
    reception = Reception(len(codecs))
    heard: list[list[Frame]] = [[] for _ in codecs]
    for row, codec in enumerate(codecs):
        reception.open(row, row, codec, 0.0)
    for now, arrivals in turns:
        for frames in arrive(reception, now, batch_of(arrivals)):
            assert len(set(frames.rows.tolist())) == len(frames.rows)
            for position, row in enumerate(frames.rows):
                size = codecs[row].frame_bytes
                if frames.payload is not None:
                    heard[row].append(frames.payload[position, :size].tobytes())
                else:
                    heard[row].append(LOST if frames.lost else NO_AUDIO)
    return reception, heard


def play_reference(codecs: list[Codec], turns: list[Turn]) -> list[ReferenceLeg]:
    legs = [ReferenceLeg(codec, 0.0) for codec in codecs]
    for now, arrivals in turns:
        for arrival in arrivals:
            packet = packet_of(arrival.datagram, arrival.time)
            if packet is not None:
                legs[arrival.leg].packet(packet)
        for leg in legs:
            leg.clock(now)
    return legs


def assert_same(codecs: list[Codec], turns: list[Turn]) -> None:
    reception, heard = play_batch(codecs, turns)
    for row, leg in enumerate(play_reference(codecs, turns)):
        assert heard[row] == leg.frames
        counted = {name: n for name, n in reception.counters.of(row).items() if n}
        assert counted == {name: n for name, n in leg.counts.items() if n}


def turns_of(arrivals: list[Arrival], period: float, until: float) -> list[Turn]:
    """What a plane that looks every `period` seconds finds each time."""
    arrivals = sorted(arrivals, key=lambda one: one.time)
    turns: list[Turn] = []
    now = 0.0
    while now < until:
        now += period
        turns.append((now, [one for one in arrivals if now - period < one.time <= now]))
    return turns


@dataclass
class Sender:
    """Where a sender is in its stream."""

    codec: Codec
    number: int
    timestamp: int
    time: float
    ssrc: int = 1


@st.composite
def event(draw: st.DrawFn, sender: Sender, units: int) -> tuple[int, int]:
    """Something out of the ordinary; payload type and size of the packet after it."""
    size = units * sender.codec.frame_bytes // sender.codec.timestamp_step
    match draw(st.sampled_from(["number", "time", "pause", "restart", "type", "size", "late"])):
        case "number":
            sender.number += draw(st.sampled_from(JUMPS))
        case "time":
            sender.timestamp += units * draw(st.integers(-5, 20))
            sender.timestamp += draw(st.sampled_from([0, 8, -3]))
        case "pause":
            gap = draw(st.integers(1, 80))
            sender.time += units * gap / sender.codec.clock_rate
            sender.timestamp += units * gap
        case "restart":
            sender.ssrc += draw(st.sampled_from([0, 1]))
            sender.number = draw(st.integers(0, 65535))
            sender.timestamp = draw(st.integers(0, (1 << 32) - 1))
        case "type":
            return draw(st.sampled_from([13, 101])), draw(st.integers(0, 4))
        case "size":
            size = draw(st.integers(0, size * 2))
        case _:
            sender.time += draw(st.floats(0, 0.2))
    return sender.codec.payload_type, size


@st.composite
def talk(draw: st.DrawFn, leg: int, codec: Codec) -> list[Arrival]:
    """A sender that may lose, delay, swap, repeat and jump, as its network and owner please."""
    sender = Sender(
        codec,
        number=draw(st.sampled_from([0, 65500, 30000])),
        timestamp=draw(st.sampled_from([0, (1 << 32) - 2000, 123456])),
        time=draw(st.floats(0.001, 0.1)),
    )
    milliseconds = draw(st.sampled_from([20, 20, 20, 10, 30, 60, 25]))
    units = codec.clock_rate * milliseconds // 1000
    arrivals: list[Arrival] = []
    for nth in range(draw(st.integers(1, 25))):
        payload_type = codec.payload_type
        size = units * codec.frame_bytes // codec.timestamp_step
        if draw(st.integers(0, 2)) == 0:
            payload_type, size = draw(event(sender, units))
        body = bytes([(nth * 7 + byte) % 251 for byte in range(size)])
        datagram = rtp(sender.number, sender.timestamp, body, payload_type, sender.ssrc)
        fate = draw(st.integers(0, 9))
        if fate != 0:
            delay = 0.0 if fate < 6 else draw(st.floats(0, 0.12))
            arrivals.append(Arrival(leg, sender.time + delay, datagram))
        if fate == 9:
            arrivals.append(Arrival(leg, sender.time + draw(st.floats(0, 0.1)), datagram))
        sender.number += 1
        sender.timestamp += units
        sender.time += units / codec.clock_rate
    return arrivals


@st.composite
def talks(draw: st.DrawFn) -> tuple[list[Codec], list[Arrival]]:
    codecs = draw(st.lists(st.sampled_from([Codec.PCMU, Codec.L16]), min_size=1, max_size=3))
    arrivals: list[Arrival] = []
    for leg, codec in enumerate(codecs):
        arrivals += draw(talk(leg, codec))
    return codecs, arrivals


@given(talks(), st.sampled_from([0.0025, 0.005, 0.02, 0.3]))
@settings(deadline=None, max_examples=150)
def test_the_batch_gives_what_the_reference_gives(
    case: tuple[list[Codec], list[Arrival]], period: float
) -> None:
    codecs, arrivals = case
    until = max((one.time for one in arrivals), default=0.0) + 0.2
    assert_same(codecs, turns_of(arrivals, period, until))

"""What a light phone puts on its line."""

import struct

import numpy as np

from gateway.lab.datagrams import parse_packet
from gateway.lab.lines import TELEPHONE_EVENT, Line, key_frames, speech_frames


def sent(line: Line, count: int) -> list[tuple[int, int, int, bytes]]:
    packets = [parse_packet(0.0, line.next_packet(0.0)[0]) for _ in range(count)]
    return [(p.sequence, p.timestamp, p.payload_type, p.payload) for p in packets if p]


def test_speech_is_whole_frames_of_mulaw() -> None:
    frames = speech_frames(np.full(161, 0.5, np.float32))
    assert [len(frame.payload) for frame in frames] == [160, 160]
    assert set(frames[1].payload[1:]) == {0xFF}


def test_sequence_and_timestamp_go_on_through_speech_and_quiet() -> None:
    line = Line()
    line.put(speech_frames(np.full(320, 0.5, np.float32)))
    packets = sent(line, 4)
    sequences, timestamps = [p[0] for p in packets], [p[1] for p in packets]
    assert [(s - sequences[0]) & 0xFFFF for s in sequences] == [0, 1, 2, 3]
    assert [(t - timestamps[0]) & 0xFFFFFFFF for t in timestamps] == [0, 160, 320, 480]


def test_time_goes_on_while_a_line_sends_nothing() -> None:
    line = Line()
    (before,) = sent(line, 1)
    line.skip()
    (after,) = sent(line, 1)
    assert (after[0] - before[0]) & 0xFFFF == 1
    assert (after[1] - before[1]) & 0xFFFFFFFF == 320


def test_a_key_is_one_event_with_one_timestamp_that_ends_three_times() -> None:
    line = Line()
    line.put(key_frames("#"))
    packets = sent(line, 8)
    events = [struct.unpack("!BBH", payload) for *_, payload in packets]
    assert {packet[2] for packet in packets} == {TELEPHONE_EVENT}
    assert len({timestamp for _, timestamp, *_ in packets}) == 1
    assert {code for code, *_ in events} == {11}
    assert [bool(flags & 0x80) for _, flags, _ in events] == [False] * 4 + [True] * 4
    assert [duration for *_, duration in events] == [160, 320, 480, 640] + [800] * 4

"""Packets heard as a person hears them."""

import numpy as np
import pytest

from gateway.lab.hearing import (
    DEAD_SECONDS,
    MULAW,
    Packet,
    Voice,
    heard_until,
    level,
    replies,
    timeline,
    voices,
)
from rtp.g711 import encode_mulaw

QUIET = encode_mulaw(np.zeros(160, np.float32)).tobytes()
LOUD = encode_mulaw(np.full(160, 0.1, np.float32)).tobytes()


def stream(pattern: str, *, start: float = 10.0, timestamp: int = 4_294_967_000) -> list[Packet]:
    """One packet per letter every 20 ms: `.` quiet, `#` loud, a space is lost."""
    return [
        Packet(
            time=start + index * 0.02,
            ssrc=1,
            sequence=index,
            timestamp=(timestamp + index * 160) & 0xFFFFFFFF,
            payload_type=MULAW,
            payload=LOUD if letter == "#" else QUIET,
        )
        for index, letter in enumerate(pattern)
        if letter != " "
    ]


def test_who_stood_still_has_heard_no_silence_but_a_dead_line_is_silent() -> None:
    packets = stream("##")
    assert heard_until(packets, 10.5) == packets[-1].time
    assert heard_until(packets, 10.02 + DEAD_SECONDS) == 10.02 + DEAD_SECONDS
    assert heard_until([], 10.5) == 10.5


def test_levels_are_mean_magnitudes() -> None:
    assert level(QUIET) == 0.0
    assert level(LOUD) == pytest.approx(0.1, rel=0.05)
    assert level(b"") == 0.0


def test_voice_lasts_from_the_first_loud_frame_to_the_last() -> None:
    (voice,) = voices(stream("....#####....."))
    assert voice.start == pytest.approx(10.06)
    assert voice.seconds == pytest.approx(0.1)


def test_a_short_pause_is_part_of_the_voice_and_a_long_one_is_not() -> None:
    short = stream("#####" + "." * 10 + "#####")
    long = stream("#####" + "." * 30 + "#####")
    assert len(voices(short)) == 1
    assert len(voices(long)) == 2
    assert len(voices(long, pause=1.0)) == 1


def test_a_click_is_not_a_voice() -> None:
    assert voices(stream("......#......")) == []


def test_keys_are_not_a_voice() -> None:
    keys = [packet._replace(payload_type=101) for packet in stream("######")]
    assert voices(keys) == []


def test_replies_are_paired_with_what_they_reply_to() -> None:
    said = [Voice(0.0, 1.0), Voice(5.0, 6.0), Voice(8.0, 9.0)]
    heard = [Voice(0.5, 0.8), Voice(1.5, 3.0), Voice(3.5, 4.0), Voice(9.4, 10.0)]
    found = replies(said, heard)
    assert [(reply.said.start, reply.heard.start) for reply in found] == [(0.0, 1.5), (8.0, 9.4)]
    assert [reply.latency for reply in found] == pytest.approx([0.5, 0.4])


def test_a_timeline_lies_where_the_timestamps_say_whatever_the_jitter() -> None:
    packets = stream("#.#.#")
    jittered = [
        packet._replace(time=packet.time + 0.013 * (i % 2)) for i, packet in enumerate(packets)
    ]
    smooth = timeline(packets, start=10.0, end=10.1)
    assert np.array_equal(timeline(jittered, start=10.0, end=10.1), smooth)
    assert np.flatnonzero(smooth).tolist()[:160] == list(range(160))
    assert len(smooth) == 800


def test_a_timeline_is_silent_where_nothing_came() -> None:
    audio = timeline(stream("##  ##"), start=9.98, end=10.2)
    loud = np.abs(audio).reshape(-1, 160).max(axis=1) > 0.01
    assert loud.tolist() == [False, True, True, False, False, True, True, *[False] * 4]


def test_a_new_source_or_a_jump_in_time_starts_a_new_stream() -> None:
    first = stream("##")
    other = [packet._replace(ssrc=2) for packet in stream("##", start=10.3, timestamp=5)]
    rebased = stream("##", start=10.6, timestamp=9_999_999)
    audio = timeline([*first, *other, *rebased], start=10.0, end=11.0)
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    assert sorted({int(sample) // 160 for sample in loud}) == [0, 1, 15, 16, 30, 31]

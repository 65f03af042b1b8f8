"""What each row makes of what arrives: the situations a real Asterisk was seen to produce."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtp.codec import Codec
from rtp.reception import QUARANTINE_SECONDS, Reception
from rtp.reorder import SLOTS
from rtp.timeline import MAX_WAIT
from tests.emulator import Conditions, Delivery, GilbertElliott, Network, transmit
from tests.rtp.streams import FRAME, SOURCE, Caller, Ear, arrive, datagrams, rtp, voice

STRANGER = SOURCE + 1


def arrived(caller: Caller, letters: str = "") -> list[tuple[float, bytes]]:
    return [caller.said[letter] for letter in letters or caller.said]


# --- order ----------------------------------------------------------------------------------------


def test_packets_in_order_are_released_at_once() -> None:
    caller = Caller().says("abcdef")
    ear = Ear(period=0.001).takes(arrived(caller))
    assert ear.spoken == "abcdef"
    spoken = [time for time, heard in zip(ear.times, ear.heard, strict=True) if heard not in "._"]
    assert spoken == pytest.approx([0.1 + nth * FRAME for nth in range(6)], abs=0.0011)


@given(st.permutations("bcde"))
def test_any_order_within_the_wait_gives_the_same(order: list[str]) -> None:
    caller = Caller().says("abcdef")
    now = caller.said["b"][0]
    shuffled = [(now + nth * 1e-4, caller.said[one][1]) for nth, one in enumerate(order)]
    ear = Ear(period=0.001).takes(arrived(caller, "a") + shuffled)
    assert ear.spoken == "abcde"


def test_a_packet_that_is_overtaken_is_waited_for() -> None:
    caller = Caller().says("abcd")
    overtaken = (caller.said["c"][0] + 0.001, caller.said["b"][1])
    ear = Ear(period=0.001).takes([overtaken, *arrived(caller, "acd")])
    assert ear.spoken == "a_cd"
    patient = Ear(period=0.001)
    patient.reception.timeline.wait[0] = patient.reception.timeline._spread[0] = 0.030
    assert patient.takes([overtaken, *arrived(caller, "acd")]).spoken == "abcd"


def test_duplicates_are_heard_once_wherever_they_come() -> None:
    caller = Caller().says("abcdef")
    ahead = (caller.said["b"][0], caller.said["c"][1])
    again = [(time + 0.015, datagram) for time, datagram in caller.said.values()]
    ear = Ear().takes([ahead, *arrived(caller), *again])
    assert ear.spoken == "abcdef"
    assert ear.counts()["duplicate"] == 7


@pytest.mark.parametrize("number", [65533, 65534, 65535])
@pytest.mark.parametrize("timestamp", [(1 << 32) - 400, (1 << 32) - 160])
def test_numbers_and_timestamps_wrap(number: int, timestamp: int) -> None:
    caller = Caller(number=number, timestamp=timestamp).says("abcdef")
    overtaken = (caller.said["c"][0] + 0.002, caller.said["b"][1])
    ear = Ear().takes([overtaken, *arrived(caller, "acdef")])
    assert ear.spoken in {"abcdef", "a_cdef"}
    assert "restarts" not in ear.counts()


def test_a_lost_packet_is_concealed_in_its_place() -> None:
    caller = Caller().says("abcdef")
    ear = Ear().takes(arrived(caller, "abcef"))
    assert ear.spoken == "abc_ef"
    assert ear.counts()["lost"] == 1
    assert ear.counts()["concealed"] == 1


def test_a_packet_after_its_turn_is_late_and_not_lost() -> None:
    caller = Caller().says("abcdefgh")
    after = (caller.said["f"][0] + 0.001, caller.said["c"][1])
    ear = Ear().takes([*arrived(caller, "abdefgh"), after])
    assert ear.spoken == "ab_defgh"
    assert ear.counts()["late"] == 1
    assert "lost" not in ear.counts()


def test_a_packet_too_far_ahead_moves_the_row_on() -> None:
    caller = Caller().says("ab").skips(numbers=1, frames=1, seconds=FRAME).says("c")
    caller.skips(numbers=SLOTS, frames=SLOTS).says("d")
    ear = Ear().takes(arrived(caller))
    assert ear.spoken.replace("_", "") == "abcd"


def test_a_restarted_sequence_is_believed_at_the_second_packet() -> None:
    caller = Caller().says("abc").skips(numbers=-30000).says("def")
    ear = Ear().takes(arrived(caller))
    assert ear.spoken.replace("_", "") == "abcef"
    assert ear.counts()["stray"] == 1
    assert ear.counts()["restarts"] == 1


def test_a_new_ssrc_starts_anew_at_once() -> None:
    caller = Caller().says("abc")
    caller.ssrc, caller.number, caller.timestamp = 2, 7, 7
    ear = Ear().takes(arrived(caller.says("def")))
    assert ear.spoken == "abcdef"
    assert ear.counts()["restarts"] == 1


# --- time -----------------------------------------------------------------------------------------


def test_a_keypad_digit_is_ten_frames_and_not_twenty_lost_packets() -> None:
    """Asterisk, RFC 4733 on the caller's leg: 198 ms of nothing, numbers +20, timestamps +1600."""
    caller = Caller().says("abc")
    caller.skips(numbers=19, frames=9, seconds=9 * FRAME).says("def")
    ear = Ear().takes(arrived(caller))
    between = ear.spoken.removeprefix("abc").removesuffix("def")
    assert len(between) == 9
    assert set(between) == {"_"}


def test_only_overtaken_packets_are_reordered_ones() -> None:
    said = list(Caller().says("abcdefgh").said.values())
    del said[1]
    said[3], said[4] = (said[4][0], said[3][1]), (said[3][0], said[4][1])
    counts = Ear().takes(said).counts()
    assert counts["reordered"] == 1
    assert counts["lost"] == 1


def test_hold_is_silence_and_nothing_is_lost() -> None:
    """Asterisk, call on hold: numbers +1, timestamps +12160 (76 frames)."""
    caller = Caller().says("abc").skips(frames=75, seconds=75 * FRAME).says("def")
    ear = Ear().takes(arrived(caller))
    between = ear.spoken.removeprefix("abc").removesuffix("def")
    assert len(between) == pytest.approx(75, abs=1)
    assert "lost" not in ear.counts()
    assert "concealed" not in ear.counts()


def test_playback_in_the_bridge_leaves_an_odd_jump() -> None:
    """Asterisk, channels/play on a bridged caller: number +1, timestamp +11448."""
    caller = Caller().says("abc")
    caller.skips(frames=11448 / 160 - 1, seconds=11448 / 8000 - FRAME).says("def")
    ear = Ear().takes(arrived(caller))
    assert ear.spoken.startswith("abc")
    assert ear.spoken.endswith("def")
    assert len(ear.spoken) - 6 == pytest.approx(70, abs=1)


@pytest.mark.parametrize("frames", [-3000.5, -1, 1, 400, 123456.25])
def test_timestamps_of_a_new_base_change_nothing_else(frames: float) -> None:
    """A bridge that changes its mixing gives the next frame in time, on another time base."""
    caller = Caller().says("abc").skips(frames=frames).says("def")
    ear = Ear().takes(arrived(caller))
    assert ear.spoken.replace(".", "") == "abcdef"


def test_silence_suppression_is_filled_to_its_length() -> None:
    caller = Caller().says("ab").skips(frames=3, seconds=3 * FRAME).says("cd")
    ear = Ear().takes(arrived(caller))
    assert len(ear.spoken) == 7


def test_after_comfort_noise_the_clock_gives_silence_and_not_loss() -> None:
    caller = Caller().says("ab")
    noise = (caller.time, rtp(caller.number, caller.timestamp, b"\x40", payload_type=13))
    caller.skips(numbers=1, frames=10, seconds=10 * FRAME).says("cd")
    ear = Ear().takes([*arrived(caller), noise])
    assert ear.spoken == "ab" + 10 * "." + "cd"
    assert "other_payload" not in ear.counts()


def test_other_payloads_use_up_their_number_and_are_not_heard() -> None:
    caller = Caller().says("ab")
    event = (caller.time, rtp(caller.number, caller.timestamp, b"\1\x0a\0\xa0", payload_type=101))
    caller.skips(numbers=1).says("cd")
    ear = Ear().takes([event, *arrived(caller)])
    assert ear.spoken == "abcd"
    assert ear.counts()["other_payload"] == 1


def test_when_nothing_comes_the_clock_gives_silence_from_the_start() -> None:
    ear = Ear().takes([], until=1.0)
    assert set(ear.heard) == {"."}
    assert len(ear.heard) == pytest.approx(50, abs=1)
    assert np.diff(ear.times) == pytest.approx(FRAME, abs=0.0051)


def test_when_the_caller_goes_the_clock_goes_on() -> None:
    ear = Ear().takes(arrived(Caller().says("abc")), until=2.0)
    assert len(ear.heard) == pytest.approx(2.0 / FRAME, abs=3)
    assert ear.heard[-1] == "_"


@pytest.mark.parametrize("milliseconds", [10, 20, 30, 40, 60])
@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.L16])
def test_packets_of_any_length_become_frames(milliseconds: int, codec: Codec) -> None:
    content = bytes(nth // codec.frame_bytes + 65 for nth in range(codec.frame_bytes * 12))
    size = codec.frame_bytes * milliseconds // 20
    caller = Caller(codec)
    packets = []
    for start in range(0, len(content), size):
        payload = content[start : start + size]
        packets.append(
            (caller.time, rtp(caller.number, caller.timestamp, payload, codec.payload_type))
        )
        caller.skips(numbers=1, frames=milliseconds / 20, seconds=milliseconds / 1000)
    ear = Ear(codec).takes(packets)
    assert ear.spoken == "ABCDEFGHIJKL"


def test_odd_lengths_keep_their_bytes_in_order() -> None:
    content = bytes(nth // 160 + 65 for nth in range(160 * 6))
    caller, packets, start = Caller(), [], 0
    for size in (1, 159, 161, 7, 480, 152):
        payload = content[start : start + size]
        packets.append((caller.time, rtp(caller.number, caller.timestamp, payload)))
        caller.skips(numbers=1, frames=size / 160, seconds=size / 8000)
        start += size
    assert Ear().takes(packets).spoken == "ABCDEF"


def test_half_a_sample_is_not_heard() -> None:
    odd = rtp(1, 1, voice("x", Codec.L16) + b"!", Codec.L16.payload_type)
    ear = Ear(Codec.L16).takes([(0.1, odd), (0.2, rtp(2, 321, b"", Codec.L16.payload_type))])
    assert ear.spoken == "x"


def test_a_cut_frame_is_finished_with_its_mirror_image() -> None:
    ear = Ear().takes([(0.1, rtp(1, 1, bytes(range(100, 200))))], until=0.2)
    assert ear.heard.count(f"({''.join(map(chr, range(100, 200)))})") == 1


# --- how long a gap waits -------------------------------------------------------------------------


def wait_after(conditions: Conditions, seconds: float = 10.0) -> tuple[float, Ear]:
    caller = Caller()
    sent = []
    for _ in range(int(seconds / FRAME)):
        caller.says("a")
        sent.append(Delivery(*caller.said["a"]))
    ear = Ear().takes(transmit(Network(conditions, seed=5), sent))
    return float(ear.reception.timeline.wait[0]), ear


def test_the_wait_follows_the_jitter_and_is_bounded() -> None:
    calm, _ = wait_after(Conditions())
    jittery, _ = wait_after(Conditions(jitter=0.030))
    wild, _ = wait_after(Conditions(jitter=0.500))
    assert calm == pytest.approx(0.010)
    assert 0.025 < jittery < 0.050
    assert wild == MAX_WAIT


def test_reordered_packets_teach_the_row_to_wait_for_them() -> None:
    _, ear = wait_after(Conditions(reorder=0.05, reorder_delay=0.035), seconds=30)
    counts = ear.counts()
    assert counts["reordered"] > 50
    assert counts["late"] < counts["reordered"] / 10


@pytest.mark.parametrize("drift", [-200, 200])
def test_a_drifting_sender_is_neither_early_nor_late_for_good(drift: float) -> None:
    _, ear = wait_after(Conditions(drift_ppm=drift), seconds=60)
    assert ear.heard.count("_") == 0
    assert "late" not in ear.counts()


def test_a_longer_path_is_heard_whole() -> None:
    """The network delays everything by 100 ms more from one packet on."""
    caller = Caller().says("abcdefghijklmn")
    later = [(time + 0.1 * (time > 0.2), one) for time, one in caller.said.values()]
    ear = Ear().takes(later)
    assert ear.spoken.replace("_", "") == "abcdefghijklmn"


def test_bad_networks_lose_only_what_they_lose() -> None:
    conditions = Conditions(
        jitter=0.030, loss=GilbertElliott.bursty(0.05, 3), reorder=0.03, duplicate=0.03
    )
    caller = Caller()
    sent = []
    for _ in range(3000):
        caller.says("a")
        sent.append(Delivery(*caller.said["a"]))
    network = Network(conditions, seed=9)
    ear = Ear().takes(transmit(network, sent))
    heard = ear.heard.count("a")
    counts = ear.counts()
    assert heard == network.fates.sent - network.fates.lost - counts.get("late", 0)
    assert counts["lost"] == network.fates.lost
    assert counts["duplicate"] == network.fates.duplicated
    assert counts["late"] < network.fates.reordered / 4


# --- who may speak --------------------------------------------------------------------------------


def table(rows: int) -> Reception:
    return Reception(rows)


def test_only_the_known_source_is_heard() -> None:
    reception = table(2)
    reception.open(0, SOURCE, Codec.PCMU, 0.0)
    caller = Caller().says("abc")
    loud = [(STRANGER, time, one) for time, one in caller.said.values()] * 50
    frames = arrive(reception, 0.2, datagrams(loud))
    assert all(batch.payload is None for batch in frames)
    assert reception.dropped["foreign"] == 150
    assert not any(reception.counters.of(0)[name] for name in ("received", "lost", "late"))


def test_each_source_has_its_row() -> None:
    reception = table(3)
    for row, source in enumerate((SOURCE, STRANGER, 5)):
        reception.open(row, source, Codec.PCMU, 0.0)
    letters = {STRANGER: "b", 5: "c", SOURCE: "a"}
    found = [(source, 0.01, rtp(1, 1, voice(one))) for source, one in letters.items()]
    (frames,) = arrive(reception, 0.011, datagrams(found))
    assert frames.payload is not None
    heard = dict(zip(frames.rows.tolist(), (chr(line[0]) for line in frames.payload), strict=True))
    assert heard == {0: "a", 1: "b", 2: "c"}


def test_a_reused_row_takes_nothing_from_the_call_before() -> None:
    reception = table(1)
    reception.open(0, SOURCE, Codec.PCMU, 0.0)
    arrive(reception, 0.1, datagrams([(SOURCE, 0.1, rtp(1, 1, voice("a"), ssrc=7))]))
    reception.close(0, 0.2)
    reception.open(0, SOURCE, Codec.PCMU, 0.3)
    before = [(SOURCE, 0.25, rtp(1, 1, voice("b"), ssrc=8))]
    same_stream = [(SOURCE, 0.31, rtp(2, 161, voice("c"), ssrc=7))]
    new = [(SOURCE, 0.311, rtp(9, 9, voice("d"), ssrc=9))]
    frames = arrive(reception, 0.315, datagrams(before + same_stream + new))
    heard = [chr(batch.payload[0, 0]) for batch in frames if batch.payload is not None]
    assert heard == ["d"]
    assert reception.counters.of(0)["stale"] == 2
    assert reception.counters.of(0)["restarts"] == 0


def test_the_quarantine_ends() -> None:
    reception = table(1)
    reception.open(0, SOURCE, Codec.PCMU, 0.0)
    arrive(reception, 0.1, datagrams([(SOURCE, 0.1, rtp(1, 1, voice("a"), ssrc=7))]))
    reception.close(0, 0.2)
    later = 0.2 + QUARANTINE_SECONDS + 1
    reception.open(0, SOURCE, Codec.PCMU, later)
    arrival = [(SOURCE, later + 0.01, rtp(2, 161, voice("c"), ssrc=7))]
    frames = arrive(reception, later + 0.01, datagrams(arrival))
    assert [batch.payload is not None for batch in frames] == [True]


def test_a_flood_from_the_known_source_costs_a_bounded_turn() -> None:
    reception = table(1)
    reception.open(0, SOURCE, Codec.PCMU, 0.0)
    flood = [(SOURCE, 0.1, rtp(nth, 160 * nth, voice("a"))) for nth in range(SLOTS + 30)]
    frames = arrive(reception, 0.1, datagrams(flood))
    assert sum(batch.payload is not None for batch in frames) == SLOTS
    assert reception.counters.of(0)["flooded"] == 30


def test_longer_payloads_than_any_codec_has_are_dropped() -> None:
    reception = table(1)
    reception.open(0, SOURCE, Codec.PCMU, 0.0)
    arrive(reception, 0.1, datagrams([(SOURCE, 0.1, rtp(1, 1, b"x" * 1921))]))
    assert reception.dropped["oversize"] == 1
    assert reception.counters.of(0)["received"] == 0

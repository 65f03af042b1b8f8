"""The whole table, without socket, thread or clock: what leaves when, and what is heard."""

import tracemalloc
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.departing import LINE_BYTES
from rtp.g711 import decode_mulaw, encode_mulaw
from rtp.gathering import Heard
from rtp.l16 import encode_l16
from rtp.pacing import CATCH_UP, CROWD, Identity, asks_for_turn
from rtp.plane import MediaPlane
from tests.rtp.by_hand import depart
from tests.rtp.reference import Packet, packet_of
from tests.rtp.streams import FRAME, SOURCE, datagrams, rtp

IDENTITY = Identity(ssrc=0xFEDCBA98, sequence_number=65534, timestamp=(1 << 32) - 100)
SILENT = b"\xff" * 160
VOICE = np.full((100, 160), 0x10, np.uint8)


class Table:
    """A plane of some rows and a clock that is moved by hand."""

    def __init__(self, rows: int = 1, slots: int = 4, *, continuous: bool = True) -> None:
        self.plane = MediaPlane(rows, slots=slots)
        self.now = 10.0
        self.sent: list[tuple[float, int, Packet]] = []
        self.heard: list[Heard] = []
        self.markers: list[bool] = []
        self._out = np.zeros((rows, LINE_BYTES), np.uint8)
        self._continuous = continuous

    def open(self, row: int = 0, codec: Codec = Codec.PCMU, listen_rate: int = 8000) -> "Table":
        self.plane.mouths.open(
            row, codec.send_codec, IDENTITY, self.now, continuous=self._continuous
        )
        self.plane.listen(row, SOURCE + row, codec, listen_rate=listen_rate, now=self.now)
        return self

    def close(self, row: int) -> None:
        self.plane.mouths.close(row)
        self.plane.hang_up(row, self.now)

    def play(self, frames: NDArray[np.uint8], row: int = 0) -> int:
        position = self.plane.playout.play(row, frames)
        if self.plane.playout.waits_to_start(row):
            asks_for_turn(self.plane.mouths.pacing.paces, row)
        return position

    def live(self, seconds: float, packets: dict[float, bytes] | None = None) -> "Table":
        """Turns every millisecond, and `packets` arriving at their times from now."""
        start = self.now
        waiting = sorted((packets or {}).items())
        for nth in range(1, round(seconds * 1000) + 1):
            self.now = start + nth * 0.001
            come = [
                (SOURCE, start + time, one) for time, one in waiting if start + time <= self.now
            ]
            waiting = waiting[len(come) :]
            self.turn(come)
        return self

    def turn(self, come: list[tuple[int, float, bytes]] | None = None) -> None:
        departures = depart(self.plane.mouths, self.now, self._out)
        self.following = departures.following
        self.heard += self.plane.arrive(self.now, datagrams(come or []))
        for line, row in enumerate(departures.rows.tolist()):
            packet = packet_of(self._out[line].tobytes(), self.now)
            assert packet is not None
            self.markers.append(bool(self._out[line, 1] & 0x80))
            self.sent.append((self.now, row, packet))

    def packets(self, row: int = 0) -> list[Packet]:
        return [packet for _, of, packet in self.sent if of == row]


def numbers(packets: list[Packet]) -> list[int]:
    return [packet.sequence_number for packet in packets]


def steps(packets: list[Packet]) -> list[int]:
    """Timestamp differences between the packets."""
    stamps = [packet.timestamp for packet in packets]
    return [(b - a) % (1 << 32) for a, b in pairwise(stamps)]


def spoken(packets: list[Packet]) -> list[Packet]:
    return [packet for packet in packets if packet.payload != SILENT]


# --- leaving --------------------------------------------------------------------------------------


def test_a_silent_continuous_row_sends_silence_every_frame() -> None:
    packets = Table().open().live(1.0).packets()
    assert len(packets) == 50
    assert {packet.payload for packet in packets} == {SILENT}
    assert set(steps(packets)) == {160}
    assert numbers(packets) == [(65534 + nth) % 65536 for nth in range(50)]
    assert {packet.ssrc for packet in packets} == {IDENTITY.ssrc}
    assert np.diff([packet.arrival for packet in packets]) == pytest.approx(FRAME, abs=0.0011)


def test_a_row_that_is_not_continuous_sends_nothing_in_silence() -> None:
    table = Table(continuous=False).open()
    assert not table.live(1.0).sent
    table.play(VOICE[:5])
    assert len(table.live(1.0).sent) == 5


@given(pause=st.floats(0.0, 0.1), continuous=st.booleans())
@settings(deadline=None, max_examples=30)
def test_what_is_played_into_silence_leaves_at_once(pause: float, *, continuous: bool) -> None:
    table = Table(continuous=continuous).open().live(0.1 + pause)
    begin = table.now
    table.play(VOICE[:3])
    table.turn()
    first = spoken(table.packets())[0]
    assert first.arrival == begin
    table.live(0.1)
    times = [packet.arrival - begin for packet in spoken(table.packets())]
    assert 0 < times[1] <= FRAME + 0.0011
    assert times[2] - times[1] == pytest.approx(FRAME, abs=0.0011)


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0.001, 0.3)), max_size=8))
@settings(deadline=None, max_examples=30)
def test_early_talkspurts_never_add_up(talkspurts: list[tuple[int, float]]) -> None:
    """Samples sent are samples of time: a receiver's buffer neither grows nor runs dry."""
    table = Table().open()
    begin = table.now
    for frames, pause in talkspurts:
        table.play(VOICE[:frames])
        table.live(frames * FRAME + pause)
    table.live(0.1)
    packets = table.packets()
    assert set(steps(packets)) == {160}
    for nth, packet in enumerate(packets):
        ahead = nth * FRAME - (packet.arrival - begin)
        assert -FRAME - 0.0011 <= ahead <= FRAME + 0.0011
    assert len(packets) == pytest.approx((table.now - begin) / FRAME, abs=2)


def test_a_row_is_never_more_than_one_frame_ahead() -> None:
    """Paused and resumed all the time, which begins a talkspurt each time."""
    table = Table().open()
    begin = table.now
    table.play(VOICE)
    for nth in range(60):
        table.live(0.013)
        if nth % 2:
            table.plane.playout.resume(0)
            if table.plane.playout.waits_to_start(0):
                asks_for_turn(table.plane.mouths.pacing.paces, 0)
        else:
            table.plane.playout.pause(0)
        sent = len(table.packets())
        assert sent * FRAME <= table.now - begin + 2 * FRAME


def test_rows_keep_their_slots_whatever_they_say() -> None:
    table = Table(rows=4, slots=4)
    for row in range(4):
        table.open(row)
    table.live(0.02)
    places = {row: time % FRAME for time, row, _ in table.sent}
    for row in range(4):
        table.play(VOICE[:10], row)
        table.live(0.1 + 0.003 * row)
    table.sent.clear()
    table.live(0.3)
    assert {round((time - places[row]) % FRAME, 3) % FRAME for time, row, _ in table.sent} == {0.0}


def test_the_marker_begins_every_talkspurt_and_nothing_else() -> None:
    table = Table().open().live(0.1)
    for _ in range(2):
        table.play(VOICE[:3])
        table.live(0.2)
    silent = [packet.payload == SILENT for packet in table.packets()]
    begins = [not now and before for before, now in zip([True, *silent], silent, strict=False)]
    assert table.markers == begins
    assert sum(begins) == 2


def test_timestamps_advance_with_time_through_silence_that_is_not_sent() -> None:
    table = Table(continuous=False).open()
    table.play(VOICE[:2])
    table.live(1.0)
    table.play(VOICE[:2])
    table.live(0.1)
    packets = table.packets()
    assert numbers(packets) == [(65534 + nth) % 65536 for nth in range(4)]
    elapsed = packets[2].arrival - packets[1].arrival
    assert steps(packets)[1] == pytest.approx(elapsed * 8000, abs=48)


@pytest.mark.parametrize(
    ("rows", "used"),
    [(1, [1]), (CROWD, [CROWD]), (CROWD + 1, [CROWD, 1]), (6 * CROWD, [CROWD + CROWD // 2] * 4)],
)
def test_rows_share_a_slot_until_it_is_crowded(rows: int, used: list[int]) -> None:
    table = Table(rows=rows, slots=4)
    for row in range(rows):
        table.open(row)
    table.live(0.02)
    crowds = Counter(time for time, _, _ in table.sent)
    assert sorted(crowds.values(), reverse=True) == used


def test_two_slots_are_half_a_frame_apart() -> None:
    table = Table(rows=CROWD + 1, slots=8)
    for row in range(CROWD + 1):
        table.open(row)
    table.live(0.02)
    first, second = sorted({time for time, _, _ in table.sent})
    assert second - first == pytest.approx(FRAME / 2, abs=0.0011)


def test_a_short_hold_up_is_made_up_for() -> None:
    table = Table().open()
    table.play(VOICE[:50])
    table.live(0.1)
    before = len(table.sent)
    table.now += CATCH_UP - 0.005
    table.live(0.2)
    assert set(steps(table.packets())) == {160}
    assert len(table.sent) - before == pytest.approx((CATCH_UP + 0.2) / FRAME, abs=1)
    assert table.plane.statistics(0).skipped == 0


def test_time_lost_in_a_long_hold_up_is_skipped_and_counted() -> None:
    table = Table().open()
    table.play(VOICE[:50])
    table.live(0.1)
    table.now += 1.0
    table.live(0.5)
    skipped = table.plane.statistics(0).skipped
    assert skipped == pytest.approx(50, abs=1)
    assert set(steps(table.packets())) == {160, 160 * (skipped + 1)}
    assert len(spoken(table.packets())) == pytest.approx(30, abs=2)
    assert numbers(table.packets()) == [(65534 + nth) % 65536 for nth in range(len(table.sent))]


def test_pause_flush_and_resume_take_effect_on_the_next_frame() -> None:
    table = Table().open()
    table.play(VOICE[:20])
    table.live(0.05)
    table.plane.playout.pause(0)
    table.live(0.1)
    left = int(table.plane.playout.played(0))
    assert left == 3
    assert table.packets()[-1].payload == SILENT
    table.plane.playout.resume(0)
    table.live(0.05)
    table.plane.playout.flush(0)
    table.live(0.1)
    assert table.packets()[-1].payload == SILENT
    assert int(table.plane.playout.played(0)) < 8


def test_l16_is_answered_with_g722() -> None:
    table = Table().open(codec=Codec.L16).live(0.1)
    assert {packet.payload_type for packet in table.packets()} == {9}
    assert {len(packet.payload) for packet in table.packets()} == {160}
    assert set(steps(table.packets())) == {160}


def test_a_closed_row_sends_nothing() -> None:
    table = Table(rows=2).open(0).open(1).live(0.1)
    table.play(VOICE[:5])
    table.close(0)
    table.sent.clear()
    table.live(0.1)
    assert {row for _, row, _ in table.sent} == {1}
    assert table.now < table.following <= table.now + FRAME
    table.close(1)
    table.turn()
    assert table.following == np.inf
    assert table.plane.next_due == np.inf


# --- hearing --------------------------------------------------------------------------------------


def tone(rate: int, seconds: float, hertz: float = 400.0) -> NDArray[np.float32]:
    time = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def call(codec: Codec, content: bytes, begin: float = 0.01) -> dict[float, bytes]:
    size, step = codec.frame_bytes, codec.timestamp_step
    return {
        begin + nth * FRAME: rtp(nth, nth * step, content[nth * size :][:size], codec.payload_type)
        for nth in range(len(content) // size)
    }


@pytest.mark.parametrize("listen_rate", [8000, 16000])
@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.L16])
def test_a_caller_is_heard_at_the_rate_asked_for(codec: Codec, listen_rate: int) -> None:
    samples = tone(codec.sample_rate, 1.0)
    octets = encode_mulaw(samples) if codec is Codec.PCMU else encode_l16(samples)
    table = Table().open(codec=codec, listen_rate=listen_rate)
    table.live(1.05, call(codec, octets.tobytes()))
    heard = np.concatenate([one.audio[0] for one in table.heard[10:45]])
    assert {one.audio.shape for one in table.heard} == {(1, listen_rate // 50)}
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    frequency = np.fft.rfftfreq(len(heard), 1 / listen_rate)
    assert frequency[spectrum.argmax()] == pytest.approx(400, abs=3)
    assert heard.std() == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_what_is_heard_tells_what_had_left() -> None:
    table = Table().open()
    table.play(VOICE[:10])
    table.live(0.1)
    table.plane.playout.flush(0)
    table.live(0.1)
    told = [(int(one.played[0]), int(one.flushes[0])) for one in table.heard]
    assert told == sorted(told)
    assert told[-1] == (int(table.plane.playout.played(0)), 1)
    assert 4 <= told[-1][0] <= 7


def test_a_frame_is_heard_every_20_ms_with_or_without_packets() -> None:
    table = Table().open().live(1.0)
    assert len(table.heard) == pytest.approx(50, abs=1)
    assert not any(one.audio.any() for one in table.heard)


@pytest.mark.parametrize("ppm", [-200, 0, 200])
def test_frames_stay_with_the_clock_on_the_wall(ppm: float) -> None:
    """A caller whose clock drifts for two minutes, speaking four seconds of every five."""
    seconds = 120
    loud, soft = encode_mulaw(tone(8000, 4.0)).tobytes(), SILENT * 50
    content = (loud + soft) * (seconds // 5)
    pace = FRAME / (1 + ppm * 1e-6)
    packets = {
        0.01 + nth * pace: rtp(nth, nth * 160, content[nth * 160 :][:160])
        for nth in range(len(content) // 160)
    }
    table = Table().open()
    turns = [(10.0 + time, one) for time, one in packets.items()]
    for time, one in turns:
        table.now = time + 0.001
        table.turn([(SOURCE, time, one)])
    assert len(table.heard) == pytest.approx(seconds / FRAME, abs=2.5)


def test_a_burst_after_a_stall_is_heard_whole_and_repaid_from_silence() -> None:
    loud = encode_mulaw(tone(8000, 1.0)).tobytes()
    packets = call(Codec.PCMU, loud + SILENT * 100)
    stalled = {
        0.7 + nth * 1e-6 if 0.3 < time < 0.7 else time: one
        for nth, (time, one) in enumerate(packets.items())
    }
    table = Table().open().live(3.1, stalled)
    heard_loud = sum(bool((np.abs(one.audio) > 0.4).any()) for one in table.heard)
    assert heard_loud >= 50
    assert len(table.heard) == pytest.approx(155, abs=3)


def test_rows_of_different_codecs_and_rates_are_heard_each_their_way() -> None:
    table = Table(rows=3)
    kinds = ((Codec.PCMU, 8000), (Codec.L16, 16000), (Codec.PCMU, 16000))
    for row, (codec, rate) in enumerate(kinds):
        table.open(row, codec, rate)
    for nth in range(30):
        table.now = 10.01 + nth * FRAME
        come = []
        for row, (codec, _) in enumerate(kinds):
            samples = tone(codec.sample_rate, 0.02, 50.0 * (row + 1))
            octets = encode_mulaw(samples) if codec is Codec.PCMU else encode_l16(samples)
            datagram = rtp(
                nth, nth * codec.timestamp_step, octets.tobytes(), codec.payload_type, row
            )
            come.append((SOURCE + row, table.now, datagram))
        table.turn(come)
    last = {
        row: one.audio[position, : one.samples[position]]
        for one in table.heard
        for position, row in enumerate(one.rows.tolist())
    }
    assert [len(last[row]) for row in range(3)] == [160, 320, 320]
    for row, (codec, _) in enumerate(kinds):
        rate = 50 * len(last[row])
        expected = tone(rate, 0.02, 50.0 * (row + 1))
        shift = 0 if rate == codec.sample_rate else 62
        correlation = np.corrcoef(np.roll(expected, shift), last[row])[0, 1]
        assert correlation > 0.99


# --- time and memory ------------------------------------------------------------------------------


def test_an_hour_of_turns_leaves_memory_as_it_was() -> None:
    """Shortened: 20 legs, a minute; the benchmark's own run takes the hour at 500 legs."""
    rows = 20
    table = Table(rows=rows)
    for row in range(rows):
        table.open(row, listen_rate=16000)
    memory: list[int] = []
    tracemalloc.start()
    for nth in range(3000):
        table.now = 10.01 + nth * FRAME
        come = [
            (SOURCE + row, table.now, rtp(nth, nth * 160, SILENT, ssrc=row)) for row in range(rows)
        ]
        table.turn(come)
        table.sent.clear()
        table.heard.clear()
        table.markers.clear()
        if nth % 1000 == 999:
            memory.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert memory[-1] - memory[0] < 20_000


def test_decoding_is_the_tables() -> None:
    table = Table().open()
    table.live(0.3, call(Codec.PCMU, bytes(range(160)) * 10))
    frame = table.heard[5].audio[0]
    assert np.array_equal(frame, decode_mulaw(np.arange(160, dtype=np.uint8)))

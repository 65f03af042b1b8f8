"""Left and right of a recording stay together, whatever the network and the playout do."""

import numpy as np
import pytest

from rtp.alignment import Alignment, Pairs
from rtp.codec import Codec
from rtp.g711 import decode_mulaw
from tests.emulator import Conditions, Delivery, GilbertElliott, Network, transmit
from tests.rtp.streams import FRAME, SOURCE, rtp
from tests.rtp.test_plane import VOICE, Table

ROW = np.array([0])


def record(table: Table, packets: list[tuple[float, bytes]], seconds: float) -> list[Pairs]:
    """Turns every 5 ms with these arrivals; the pairs that came out."""
    start = table.now
    table.plane.record(0, Codec.PCMU, start)
    pairs: list[Pairs] = []
    waiting = sorted(packets)
    for nth in range(1, round(seconds / 0.005) + 1):
        table.now = start + nth * 0.005
        come = [(SOURCE, start + time, one) for time, one in waiting if start + time <= table.now]
        waiting = waiting[len(come) :]
        table.turn(come)
        pairs += table.plane.recorded(table.now)
    return pairs + table.plane.stop_recording(0, table.now)


def caller(seconds: float) -> list[Delivery]:
    """Loud in every fifth tenth of a second, silent between."""
    loud, silent = bytes([0x10]) * 160, b"\xff" * 160
    frames = range(round(seconds / FRAME))
    return [
        Delivery(0.002 + nth * FRAME, rtp(nth, nth * 160, loud if nth // 5 % 5 == 0 else silent))
        for nth in frames
    ]


def test_one_pair_for_every_20_ms_from_start_to_stop() -> None:
    pairs = record(Table().open(), list(caller(3)), 3.0)
    assert len(pairs) == pytest.approx(150, abs=1)
    assert all(bool(one.left[0]) for one in pairs[1:-1])
    assert {one.heard.shape for one in pairs} == {(1, 160)}


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(),
        Conditions(jitter=0.030),
        Conditions(jitter=0.020, loss=GilbertElliott.bursty(0.05, 3), reorder=0.05),
        Conditions(drift_ppm=200),
        Conditions(drift_ppm=-200),
    ],
    ids=str,
)
def test_what_the_caller_says_stays_where_it_was_said(conditions: Conditions) -> None:
    seconds = 30
    arrived = transmit(Network(conditions, seed=4), caller(seconds))
    pairs = record(Table().open(), list(arrived), seconds + 0.1)
    loud = np.array([float(np.abs(one.heard[0]).max()) > 0.4 for one in pairs])
    begins = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    periods = np.rint(begins / 25)
    offset = begins - 25 * periods
    assert len(set(periods.tolist())) >= 0.9 * seconds * 2
    # Loss hides some first frames; apart from that, no begin is off by more than a few frames.
    assert np.percentile(np.abs(offset - np.median(offset)), 90) <= 3
    assert abs(np.median(offset[:20]) - np.median(offset[-20:])) <= 1


def test_what_was_sent_is_where_it_left() -> None:
    table = Table(continuous=False).open()
    table.plane.record(0, Codec.PCMU, table.now)
    begin = table.now
    pairs: list[Pairs] = []
    for second in range(5):
        table.now = begin + second
        table.play(VOICE[:10])
        for nth in range(200):
            table.now = begin + second + nth * 0.005
            table.turn()
            pairs += table.plane.recorded(table.now)
    left = np.array([bool(one.left[0]) for one in pairs])
    begins = np.flatnonzero(left[1:] & ~left[:-1]) + 1
    assert np.diff(begins) == pytest.approx(50, abs=1)
    assert left.sum() == pytest.approx(50, abs=10)
    voice = decode_mulaw(pairs[int(begins[1])].sent[0])
    assert np.array_equal(voice, decode_mulaw(VOICE[0]))


def test_rows_that_are_not_recorded_cost_nothing_and_give_nothing() -> None:
    table = Table(rows=2).open(0).open(1)
    table.live(0.2)
    assert table.plane.recorded(table.now) == []
    assert table.plane.stop_recording(0, table.now) == []
    table.plane.record(1, Codec.PCMU, table.now)
    table.live(0.5)
    rows = {int(row) for one in table.plane.recorded(table.now) for row in one.rows}
    assert rows == {1}


def test_a_recording_that_is_started_anew_has_nothing_of_the_one_before() -> None:
    alignment = Alignment(1)
    loud, sent = np.ones((1, 160), np.float32), np.full((1, 160), 7, np.uint8)
    alignment.start(0, Codec.PCMU, 0.0)
    for nth in range(10):
        alignment.hear(ROW, np.array([nth * FRAME]), loud)
        alignment.send(ROW, np.array([nth * FRAME]), sent)
    alignment.start(0, Codec.PCMU, 1.0)
    assert alignment.count == 1
    pairs = alignment.stop(0, 1.2)
    assert alignment.count == 0
    assert len(pairs) == pytest.approx(10, abs=1)
    assert not any(one.heard.any() or one.left.any() for one in pairs)


def test_frames_out_of_all_bounds_are_left_out() -> None:
    alignment = Alignment(1)
    frame = np.ones((1, 160), np.float32)
    alignment.start(0, Codec.PCMU, 0.0)
    for time in (0.0, 100.0, -100.0):
        alignment.hear(ROW, np.array([time]), frame)
    assert sum(float(one.heard.any()) for one in alignment.stop(0, 2.0)) == 1

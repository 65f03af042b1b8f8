"""What leaves, what does not, and how it sounds where it is cut."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.g711 import decode_alaw, decode_mulaw, encode_alaw, encode_mulaw
from rtp.journal import FRAME_BYTES
from rtp.playout import BOUND, Playout, departs, silence

RAMP = 40


def frames(*values: int) -> NDArray[np.uint8]:
    return np.repeat(np.array(values, np.uint8)[:, np.newaxis], FRAME_BYTES, axis=1)


def speaking(codec: Codec = Codec.PCMU) -> Playout:
    playout = Playout(3)
    playout.open(0, codec)
    return playout


def leave(playout: Playout, row: int = 0) -> tuple[NDArray[np.uint8], bool]:
    out = np.zeros(FRAME_BYTES, np.uint8)
    return out, departs(playout.voices, row, out)


def level(playout: Playout) -> NDArray[np.float32]:
    return decode_mulaw(leave(playout)[0])


LOUD = int(encode_mulaw(np.array([0.5], np.float32))[0])
LOUD_LEVEL = float(decode_mulaw(np.array([LOUD], np.uint8))[0])


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA, Codec.G722])
def test_frames_leave_in_order_then_silence(codec: Codec) -> None:
    playout = speaking(codec)
    assert playout.play(0, frames(1, 2, 3)) == 3
    left = [leave(playout) for _ in range(4)]
    assert [(int(frame[0]), spoken) for frame, spoken in left[:3]] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert np.array_equal(left[3][0], silence(codec))
    assert not left[3][1]
    assert playout.played(0) == 3


def test_silence_is_silent() -> None:
    assert not decode_mulaw(silence(Codec.PCMU)).any()
    assert np.abs(decode_alaw(silence(Codec.PCMA))).max() < 0.0003


def test_two_seconds_fit_and_no_more() -> None:
    playout = speaking()
    assert playout.room(0) == BOUND == 100
    playout.play(0, frames(*[7] * BOUND))
    assert playout.room(0) == 0
    with pytest.raises(ValueError, match="room for 0"):
        playout.play(0, frames(1))
    leave(playout)
    assert playout.room(0) == 1


def test_frames_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="160 bytes"):
        speaking().play(0, np.zeros((2, 80), np.uint8))


def test_flushed_frames_never_count_and_positions_go_on() -> None:
    playout = speaking()
    playout.play(0, frames(1, 2, 3, 4, 5))
    leave(playout)
    leave(playout)
    playout.flush(0)
    assert playout.played(0) == 2
    assert (playout.flushes[0], playout.flushed[0]) == (1, 3)
    assert playout.play(0, frames(6, 7)) == 4
    leave(playout)
    assert playout.played(0) == 3
    assert int(leave(playout)[0][-1]) == 7
    assert playout.played(0) == 4


def test_pause_loses_nothing() -> None:
    playout = speaking()
    playout.play(0, frames(1, 2, 3))
    leave(playout)
    playout.pause(0)
    playout.pause(0)
    assert [leave(playout)[1] for _ in range(3)] == [False] * 3
    playout.resume(0)
    assert [int(leave(playout)[0][-1]) for _ in range(2)] == [2, 3]
    assert playout.played(0) == 3


def test_flush_while_paused() -> None:
    playout = speaking()
    playout.play(0, frames(LOUD, LOUD, LOUD))
    leave(playout)
    playout.pause(0)
    leave(playout)
    playout.flush(0)
    playout.resume(0)
    assert not level(playout).any()
    playout.play(0, frames(LOUD))
    assert np.allclose(level(playout), LOUD_LEVEL)


@pytest.mark.parametrize("cut", ["pause", "flush"])
def test_speech_that_is_cut_fades_out(cut: str) -> None:
    playout = speaking()
    playout.play(0, frames(LOUD, LOUD, LOUD))
    leave(playout)
    getattr(playout, cut)(0)
    fading = level(playout)
    assert 0.9 * LOUD_LEVEL < fading[0] <= np.float32(LOUD_LEVEL)
    assert fading[RAMP // 2] < 0.6 * LOUD_LEVEL
    assert (np.diff(fading) <= 0).all()
    assert not fading[RAMP:].any()
    assert playout.played(0) == 1
    assert not level(playout).any()


def test_speech_that_comes_back_fades_in() -> None:
    playout = speaking()
    playout.play(0, frames(*[LOUD] * 4))
    leave(playout)
    playout.pause(0)
    leave(playout)
    playout.resume(0)
    rising = level(playout)
    assert 0 < rising[0] < 0.1 * LOUD_LEVEL
    assert np.allclose(rising[RAMP:], LOUD_LEVEL)
    assert np.allclose(level(playout), LOUD_LEVEL)


def test_new_speech_right_after_a_flush_is_mixed_with_the_fading_old() -> None:
    playout = speaking()
    playout.play(0, frames(LOUD, LOUD))
    leave(playout)
    playout.flush(0)
    playout.play(0, frames(LOUD))
    mixed = level(playout)
    assert mixed[0] > 1.5 * LOUD_LEVEL
    assert np.allclose(mixed[RAMP:], LOUD_LEVEL)


def test_what_was_silent_anyway_is_not_faded() -> None:
    playout = speaking()
    playout.play(0, frames(LOUD))
    playout.flush(0)
    assert not level(playout).any()


@pytest.mark.parametrize(
    ("codec", "encode", "decode"),
    [(Codec.PCMU, encode_mulaw, decode_mulaw), (Codec.PCMA, encode_alaw, decode_alaw)],
)
def test_gain_is_ramped_and_stays(
    codec: Codec,
    encode: Callable[[NDArray[np.float32]], NDArray[np.uint8]],
    decode: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
) -> None:
    playout = speaking(codec)
    tone = encode(np.full((4, FRAME_BYTES), 0.5, np.float32))
    before = decode(tone[0])[0]
    playout.play(0, tone)
    leave(playout)
    playout.gain(0, -12.0)
    ducking, ducked = (decode(leave(playout)[0]) for _ in range(2))
    assert ducking[0] > 0.9 * before
    assert (np.diff(ducking) <= 0).all()
    assert np.allclose(ducking[RAMP:], before * 10**-0.6, rtol=0.04)
    assert np.allclose(ducked, before * 10**-0.6, rtol=0.04)
    playout.gain(0, 0.0)
    assert np.allclose(decode(leave(playout)[0])[RAMP:], before)


def test_gain_leaves_g722_as_it_is() -> None:
    playout = speaking(Codec.G722)
    playout.play(0, frames(77))
    playout.gain(0, -12.0)
    assert (leave(playout)[0] == 77).all()


def test_rows_do_not_mix() -> None:
    playout = Playout(3)
    for row, codec in enumerate((Codec.PCMU, Codec.PCMA, Codec.PCMU)):
        playout.open(row, codec)
    playout.play(0, frames(LOUD, LOUD))
    playout.play(2, frames(9, 10))
    left = [leave(playout, row) for row in (2, 0, 1)]
    assert [spoken for _, spoken in left] == [True, True, False]
    assert [int(frame[0]) for frame, _ in left] == [9, LOUD, silence(Codec.PCMA)[0]]
    playout.flush(0)
    third, first, second = (leave(playout, row)[0] for row in (2, 0, 1))
    assert (third == 10).all()
    assert first[0] != first[-1]
    assert np.array_equal(second, silence(Codec.PCMA))


def test_a_reopened_row_has_nothing_of_the_leg_before() -> None:
    playout = speaking()
    playout.play(0, frames(LOUD, LOUD, LOUD))
    leave(playout)
    playout.gain(0, -20)
    playout.pause(0)
    playout.flush(0)
    playout.open(0, Codec.PCMU)
    assert not playout.played(0)
    assert not playout.flushes[0]
    assert playout.room(0) == BOUND
    assert np.array_equal(leave(playout)[0], silence(Codec.PCMU))
    playout.play(0, frames(LOUD))
    assert np.allclose(level(playout), LOUD_LEVEL)


class PlayoutMachine(RuleBasedStateMachine):
    """Any orders of commands: what left, in order, is what was accepted and not flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.playout = speaking(Codec.G722)
        self.waiting: list[int] = []
        self.left: list[int] = []
        self.heard: list[int] = []
        self.paused = False
        self.next = 0

    @rule(count=st.integers(0, 60))
    def play(self, count: int) -> None:
        count = min(count, self.playout.room(0))
        new = [(self.next + nth) % 251 for nth in range(count)]
        self.next += count
        position = self.playout.play(0, frames(*new).reshape(-1, FRAME_BYTES))
        self.waiting += new
        assert position == len(self.left) + len(self.waiting)

    @rule(times=st.integers(1, 40))
    def depart(self, times: int) -> None:
        for _ in range(times):
            frame, spoken = leave(self.playout)
            assert spoken == (bool(self.waiting) and not self.paused)
            if spoken:
                self.left.append(self.waiting.pop(0))
                assert (frame == self.left[-1]).all()

    @rule()
    def flush(self) -> None:
        self.playout.flush(0)
        self.waiting.clear()

    @rule()
    def pause(self) -> None:
        self.playout.pause(0)
        self.paused = True

    @rule()
    def resume(self) -> None:
        self.playout.resume(0)
        self.paused = False

    @invariant()
    def counts_are_true(self) -> None:
        assert self.playout.played(0) == len(self.left)
        assert self.playout.room(0) == BOUND - len(self.waiting)
        assert self.playout.waits_to_start(0) == (
            bool(self.waiting) and not self.paused and not self.playout.talking[0]
        )


TestPlayout = PlayoutMachine.TestCase
TestPlayout.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)

"""Frames that are handed on together: what each leg gets is the same, only less often."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS
from rtp.gathering import GROUP, MOST, Attention, Gathering
from rtp.playout import SPEECH

RATE, SAMPLES = 8000, 160
ROWS = np.arange(2)


class Rows:
    """Two rows, of the second of which each frame counts; frames are numbered."""

    def __init__(self) -> None:
        self.gathering = Gathering(2)
        for row in range(2):
            self.gathering.open(row)
            self.gathering.listen(row, RATE, RATE)
        self.handed: list[list[list[int]]] = [[], []]
        self._frame = 0

    def frame(self, speech: float = 0.0, *, talking: bool = False, flushes: int = 0) -> None:
        self._frame += 1
        self.gathering.place(ROWS, np.full((2, SAMPLES), self._frame, np.float32))
        playout = np.zeros(2, SPEECH)
        playout["talking"][0], playout["flushes"][0] = talking, flushes
        now = 10.001 + self._frame * FRAME_SECONDS
        heard = self.gathering.hand_on(
            now, ROWS, RATE, np.array([speech, 0.0], np.float32), playout
        )
        for row, line, frames, samples in zip(
            heard.rows.tolist(), heard.audio, heard.frames, heard.samples, strict=True
        ):
            assert samples == frames * SAMPLES
            self.handed[row].append(_numbers(line[:samples]))


def _numbers(audio: NDArray[np.float32]) -> list[int]:
    frames = audio.reshape(-1, SAMPLES)
    assert (frames == frames[:, :1]).all()
    return [int(number) for number in frames[:, 0]]


def test_from_the_start_each_frame_is_handed_on() -> None:
    rows = Rows()
    for _ in range(3):
        rows.frame()
    assert rows.handed == [[[1], [2], [3]]] * 2


def test_frames_in_which_nothing_happens_come_together() -> None:
    rows = Rows()
    rows.gathering.attend(0, Attention.BROKEN_SILENCE)
    for _ in range(24):
        rows.frame()
    assert rows.handed[0] == [[1], [*range(2, 11)], [*range(11, 21)]]
    assert [len(handed) for handed in rows.handed[1]] == [1] * 24


def test_many_rows_are_handed_on_in_groups_one_after_the_other() -> None:
    rows = np.arange(6 * GROUP)
    gathering = Gathering(len(rows))
    for row in rows.tolist():
        gathering.attend(row, Attention.BROKEN_SILENCE)
        gathering.listen(row, RATE, RATE)
    quiet, playout = np.zeros(len(rows), np.float32), np.zeros(len(rows), SPEECH)
    handed = []
    for nth in range(20):
        heard = gathering.hand_on(10.001 + nth * FRAME_SECONDS, rows, RATE, quiet, playout)
        handed.append(set((heard.rows // GROUP).tolist()))
    assert handed[10:] == [{0}, {1}, {2}, {3}, {4}, {5}, set(), set(), set(), set()]


def test_what_happens_brings_all_that_came_before_at_once() -> None:
    rows = Rows()
    rows.gathering.attend(0, Attention.BROKEN_SILENCE)
    rows.frame()
    rows.frame()
    rows.frame(speech=0.5)
    rows.frame(talking=True)
    rows.frame(talking=True)
    rows.frame(talking=True, flushes=1)
    rows.frame(talking=True, flushes=1)
    rows.gathering.attend(0, Attention.EACH)
    rows.frame(talking=True, flushes=1)
    assert rows.handed[0] == [[1], [2, 3], [4], [5, 6], [7, 8]]


def test_a_row_begins_anew_with_every_leg() -> None:
    rows = Rows()
    rows.gathering.attend(0, Attention.BROKEN_SILENCE)
    rows.frame()
    rows.frame()
    rows.gathering.open(0)
    rows.frame()
    assert rows.handed[0] == [[1], [3]]


def test_the_frames_of_a_caller_who_goes_on_speaking_come_together_too() -> None:
    rows = Rows()
    rows.gathering.attend(0, Attention.BROKEN_SPEECH)
    rows.frame(speech=0.9)
    rows.frame(speech=0.9)
    rows.frame(speech=0.8)
    rows.frame(speech=0.4)
    rows.frame(speech=0.0)
    for _ in range(12):
        rows.frame(speech=0.9)
    assert rows.handed[0] == [[1], [2, 3, 4], [5], [6], [*range(7, 11)], [*range(11, 16)]]


def test_the_first_frame_after_a_change_of_attention_waits_for_nobody() -> None:
    rows = Rows()
    rows.frame(speech=0.9)
    rows.gathering.attend(0, Attention.BROKEN_SILENCE)
    for _ in range(3):
        rows.frame()
    rows.frame(speech=0.9)
    assert rows.handed[0] == [[1], [2], [3, 4, 5]]


def test_what_waits_is_like_the_frame_that_was_handed_on_before() -> None:
    rows = Rows()
    rows.gathering.attend(0, Attention.BROKEN_SILENCE)
    rows.frame()
    rows.frame(speech=0.9)
    rows.frame()
    rows.frame()
    rows.frame()
    rows.frame(speech=0.9)
    assert rows.handed[0] == [[1], [2], [3], [4, 5, 6]]


@given(
    st.lists(st.tuples(st.sampled_from((0.0, 0.3, 0.9)), st.booleans(), st.sampled_from(Attention)))
)
def test_no_frame_is_lost_and_none_waits_longer_than_it_may(
    course: list[tuple[float, bool, Attention]],
) -> None:
    rows = Rows()
    for speech, talking, attention in course:
        rows.gathering.attend(0, attention)
        rows.frame(speech, talking=talking)
    handed = [number for numbers in rows.handed[0] for number in numbers]
    assert handed == list(range(1, len(handed) + 1))
    assert len(course) - len(handed) < MOST
    assert all(len(numbers) <= MOST for numbers in rows.handed[0])

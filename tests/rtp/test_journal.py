"""What recorded rows have sent is kept until it is taken, and no longer than there is room."""

import numpy as np

from rtp.journal import FRAMES_PER_ROW, Journal, notes


def frame(value: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.full(160, value, np.uint8)


def test_frames_of_recorded_rows_are_taken_in_order_and_once() -> None:
    journal = Journal(3)
    journal.recorded[[0, 2]] = True
    for nth in range(6):
        notes(journal.pages, nth % 3, 10.0 + nth, frame(nth))
    sent = journal.take()
    assert sent.rows.tolist() == [0, 2, 0, 2]
    assert sent.times.tolist() == [10.0, 12.0, 13.0, 15.0]
    assert sent.payload.tolist() == [[value] * 160 for value in (0, 2, 3, 5)]
    assert len(journal.take().rows) == 0
    assert journal.dropped == 0


def test_what_nobody_takes_in_time_is_dropped_and_counted() -> None:
    journal = Journal(1)
    journal.recorded[0] = True
    for nth in range(FRAMES_PER_ROW + 5):
        notes(journal.pages, 0, float(nth), frame(nth))
    assert journal.take().times.tolist() == [float(nth) for nth in range(FRAMES_PER_ROW)]
    assert journal.dropped == 5
    for turn in range(20):
        for nth in range(3):
            notes(journal.pages, 0, float(nth), frame(10 * nth + turn % 10))
        assert journal.take().payload[:, -1].tolist() == [turn % 10, 10 + turn % 10, 20 + turn % 10]


def test_one_frame_of_each_row_can_be_set_aside() -> None:
    journal = Journal(2)
    journal.recorded[:] = True
    for nth, row in enumerate((0, 0, 1)):
        notes(journal.pages, row, float(nth), frame(nth))
    rest = journal.take().without(np.array([0, 2]))
    assert (rest.rows.tolist(), rest.times.tolist(), rest.payload[0, 0]) == ([0], [1.0], 1)

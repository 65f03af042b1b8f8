"""Numbers of what is sent, over wraps of the sequence number. The rest is tested as a plane."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rtp.codec import Codec
from rtp.pacing import Identity, Pacing

ROWS = 3
FIRST_WORD = 0x80000000

BEFORE_A_WRAP = st.integers(65530, 65535) | st.just(0)


@settings(deadline=None)
@given(
    numbers=st.lists(BEFORE_A_WRAP, min_size=ROWS, max_size=ROWS),
    opened=st.lists(st.integers(0, 10), min_size=ROWS, max_size=ROWS),
    turns=st.lists(st.sets(st.integers(0, ROWS - 1)), min_size=20, max_size=30),
)
def test_each_row_wraps_when_its_own_number_does(
    numbers: list[int], opened: list[int], turns: list[set[int]]
) -> None:
    pacing = Pacing(ROWS, slots=1)
    expected: dict[int, int] = {}
    for nth, sending in enumerate(turns):
        for row in (row for row in range(ROWS) if opened[row] == nth):
            identity = Identity(ssrc=row, sequence_number=numbers[row], timestamp=0)
            pacing.open(row, Codec.PCMU, identity, now=0.0, continuous=True)
            expected[row] = numbers[row]
        rows = [row for row in sorted(sending) if row in expected]
        if rows:
            words, _ = pacing.stamp(np.array(rows), now=0.0)
            assert words[:, 0].tolist() == [FIRST_WORD | expected[row] for row in rows]
        for row in rows:
            expected[row] = (expected[row] + 1) & 0xFFFF


def test_turns_are_moved_for_all_and_nobody_is_late() -> None:
    pacing = Pacing(ROWS, slots=1)
    identity = Identity(ssrc=1, sequence_number=0, timestamp=0)
    pacing.open(0, Codec.PCMU, identity, now=0.001, continuous=True)
    pacing.open(1, Codec.PCMU, identity, now=0.001, continuous=False)
    pacing.shift(0.004)
    pacing.open(2, Codec.PCMU, identity, now=0.001, continuous=True)
    # The first turn after the move is that of the row that was opened after it.
    assert not len(pacing.due(0.0035))
    assert pacing.due(0.004).tolist() == [2]
    pacing.stamp(np.array([2]), now=0.004)
    assert not len(pacing.due(0.0235))
    assert pacing.due(0.024).tolist() == [0, 2]
    _, late = pacing.stamp(np.array([0, 2]), now=0.024)
    assert np.allclose(late, 0.0)
    pacing.shift(-0.010)
    assert pacing.due(0.034).tolist() == [0, 2]
    assert np.allclose(pacing.nominal(np.array([0, 2])), 0.014)

"""Numbers of what is sent, over wraps of the sequence number. The rest is tested as a plane."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rtp.codec import Codec
from rtp.pacing import Identity, Pacing, stamps

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
        for row in rows:
            words = np.zeros(3, np.uint32)
            stamps(pacing.paces, row, 0.0, words)
            assert words[0] == FIRST_WORD | expected[row]
            expected[row] = (expected[row] + 1) & 0xFFFF

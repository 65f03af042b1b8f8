"""The record while the call goes on: the same as in the end, but written down once."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.masking import Mask
from gateway.conversation.record import AgentTurn, CallRecord, Sound, ToolRun, Transfer
from gateway.providers.base import Json


@dataclass(frozen=True)
class Learns:
    """A secret becomes known."""

    digits: str


@dataclass(frozen=True)
class Ends:
    """The last transfer is over."""


DEEDS = st.one_of(
    st.builds(
        lambda said: AgentTurn("answer", 1.0, said=said, heard=said),
        st.sampled_from(["It is 4711.", "Hello.", "47 11 it is."]),
    ),
    st.builds(lambda text: Sound("noise", text, 2.0), st.sampled_from(["4711", "mm-hm"])),
    st.builds(lambda target: Transfer("transfer", target, 3.0), st.sampled_from(["anna", "4711"])),
    st.builds(Learns, st.sampled_from(["4711", "815"])),
    st.builds(Ends),
)


@given(st.lists(DEEDS))
def test_it_is_at_any_time_what_it_would_be_in_the_end(
    course: list[AgentTurn | Sound | Transfer | Learns | Ends],
) -> None:
    record = CallRecord()
    for deed in course:
        match deed:
            case Learns(digits):
                record.mask.learn(digits)
            case Ends():
                if record.asked:
                    record.asked[-1].outcome, record.asked[-1].ended = "done", 4.0
            case _:
                record.add(deed)
        assert record.so_far() == record.to_json()


def test_a_long_call_costs_no_more_with_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    hide_in = Mask.hide_in

    def counting(mask: Mask, kept: Json) -> Json:
        nonlocal looked_at
        looked_at += 1
        return hide_in(mask, kept)

    monkeypatch.setattr(Mask, "hide_in", counting)
    record = CallRecord()
    costs = []
    for _ in range(100):
        turn = AgentTurn("answer", 1.0, said="Hello.", heard="Hello.")
        turn.tools.append(ToolRun("look", {"what": "hours"}, "found", 1.0, 2.0))
        record.add(turn)
        before = looked_at
        record.so_far()
        costs.append(looked_at - before)
    assert len(set(costs)) == 1

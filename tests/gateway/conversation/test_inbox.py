"""What waits to be done comes out in its order, is bounded, and nothing is lost in silence."""

import asyncio

import pytest

from gateway.conversation.happenings import EarLost, Event, HoldChanged, Key, NoInput
from gateway.conversation.inbox import MOST_EVENTS, DialogueOverrun, Inbox


async def test_events_come_out_in_the_order_in_which_they_came() -> None:
    inbox = Inbox()
    events: list[Event] = [Key("1"), HoldChanged(), Key("2")]
    for event in events:
        inbox.post(event)
    assert len(inbox) == 3
    assert [await inbox.next() for _ in events] == events


async def test_as_many_as_there_may_be_are_fine_and_one_more_is_an_overrun() -> None:
    inbox = Inbox()
    for _ in range(MOST_EVENTS):
        inbox.post(EarLost())
    assert await inbox.next() == EarLost()
    inbox.post(EarLost())
    inbox.post(EarLost())
    assert len(inbox) == MOST_EVENTS
    with pytest.raises(DialogueOverrun, match=str(MOST_EVENTS)):
        await inbox.next()


@pytest.mark.virtual_time
async def test_its_timers_post_into_it() -> None:
    inbox, now = Inbox(), asyncio.get_running_loop().time
    began = now()
    inbox.timers.start(NoInput(), 5.0)
    assert await inbox.next() == NoInput()
    assert now() - began == pytest.approx(5.0)

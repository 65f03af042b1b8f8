"""What a gateway does with what it finds in Asterisk."""

from collections.abc import Iterable, Sequence

import pytest

from gateway.ari.ids import ResourceId, Role
from gateway.ari.resources import Bridge, Channel, ChannelState
from gateway.call.events import (
    Arrived,
    Bridged,
    CallerGone,
    CallEvent,
    MediaCreated,
    MediaGone,
    MediaReady,
    PersonAnswered,
    PersonGone,
    Requested,
)
from gateway.call.ids import CallIds
from gateway.call.machine import CallMachine
from gateway.call.requests import RequestOutcome, TransferToPerson
from gateway.session.recovery import (
    Adopt,
    Books,
    Delete,
    Destroy,
    HandBack,
    missed,
    newcomers,
    survivors,
)

CALLER = Channel("1700000000.1", name="PJSIP/trunk-00000001")
IDS = CallIds("0123456789ab", CALLER.id)
MEDIA = Channel(IDS.media, name="UnicastRTP/127.0.0.1:40000-0x7f")
PERSON = Channel(IDS.person(1), name="PJSIP/1001-00000002", state=ChannelState.UP)


def call_after(*events: CallEvent) -> CallMachine:
    call = CallMachine(IDS)
    for event in (Arrived(), MediaCreated(("127.0.0.1", 1)), MediaReady(), Bridged(), *events):
        call.handle(event)
    return call


APP = "voice-gateway"


def books(inside: Iterable[str], channels: Sequence[Channel], bridges: Sequence[Bridge]) -> Books:
    return Books(APP, frozenset(inside), channels, bridges)


DIAL = Requested(TransferToPerson("anna", "PJSIP/1001"))


def test_a_caller_whose_agent_died_is_handed_back_and_the_agents_things_are_cleared() -> None:
    bridge = Bridge(IDS.bridge, name=APP, channels=(CALLER.id, MEDIA.id))
    assert survivors(books([CALLER.id, MEDIA.id], [CALLER, MEDIA], [bridge])) == (
        HandBack(CALLER.id),
        Delete(MEDIA.id),
        Destroy(IDS.bridge),
    )


def test_two_people_who_talk_are_adopted_untouched() -> None:
    bridge = Bridge(IDS.bridge, name=APP, channels=(PERSON.id, CALLER.id, MEDIA.id))
    other_half = Channel(f"{PERSON.id};2", name="Local/1001@people-00000001;2")
    everyone = [CALLER, PERSON, MEDIA, other_half]
    assert survivors(books([channel.id for channel in everyone], everyone, [bridge])) == (
        Adopt(IDS.call, CALLER.id, PERSON.id),
        Delete(MEDIA.id),
    )


def test_what_is_not_ours_is_left_alone() -> None:
    foreign = Channel("1700000000.9", name="PJSIP/200-00000009")
    snoop = Channel("1700000000.10", name="Snoop/1700000000.9-00000000")
    bridge = Bridge("somebody-elses", channels=(foreign.id,))
    assert survivors(books([snoop.id], [foreign, snoop], [bridge])) == ()


def test_another_gateways_calls_on_the_same_asterisk_are_left_alone() -> None:
    theirs = Bridge(IDS.bridge, name="other-app", channels=(CALLER.id, MEDIA.id))
    assert survivors(books([], [CALLER, MEDIA, PERSON], [theirs])) == ()


def test_a_phone_that_still_rings_for_a_dead_gateway_is_deleted() -> None:
    bridge = Bridge(IDS.bridge, name=APP, channels=(CALLER.id, MEDIA.id))
    assert Delete(PERSON.id) in survivors(books([CALLER.id], [CALLER, PERSON], [bridge]))


def test_a_caller_who_came_unseen_is_a_newcomer_and_nobody_else_is() -> None:
    unseen = Channel("1700000000.2", name="PJSIP/trunk-00000003")
    elsewhere = Channel("1700000000.3", name="PJSIP/trunk-00000004")
    gone = "1700000000.4"
    snoop = Channel("1700000000.5", name="Snoop/1700000000.1-00000000")
    other_half = Channel(f"{PERSON.id};2", name="Local/1001@people-00000001;2")
    everyone = [CALLER, unseen, MEDIA, PERSON, other_half, snoop]
    found = books([gone, *(each.id for each in everyone)], [*everyone, elsewhere], ())
    assert newcomers(found, {CALLER.id}) == (unseen,)


@pytest.mark.parametrize(
    ("call", "inside", "expected"),
    [
        (call_after(), frozenset({IDS.caller, IDS.media}), (MediaReady(),)),
        (call_after(), frozenset({IDS.media}), (CallerGone(),)),
        (call_after(), frozenset({IDS.caller}), (MediaGone(),)),
        (CallMachine(IDS), frozenset[str](), ()),
    ],
)
def test_a_call_is_told_what_it_missed(
    call: CallMachine, inside: frozenset[str], expected: tuple[CallEvent, ...]
) -> None:
    assert missed(call, books(inside, (), ())) == expected


def test_a_dialled_person_who_answered_or_vanished_meanwhile_is_told() -> None:
    inside = frozenset({IDS.caller, IDS.media})
    assert missed(call_after(DIAL), books(inside, [PERSON], ())) == (
        MediaReady(),
        PersonAnswered(PERSON.id),
    )
    assert missed(call_after(DIAL), books(inside, (), ())) == (
        MediaReady(),
        PersonGone(PERSON.id, RequestOutcome.UNREACHABLE),
    )


def test_the_ids_of_a_call_are_read_back() -> None:
    assert ResourceId.parse(IDS.media) == ResourceId(IDS.call, Role.MEDIA)

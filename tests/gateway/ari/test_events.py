"""Events: what a real Asterisk 22 sent, what it might send, and nonsense."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.ari.events import (
    BridgeDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    Dial,
    MalformedEvent,
    PlaybackFinished,
    StasisStart,
    UnknownEvent,
    involved,
    parse,
)
from gateway.ari.resources import CallerID, Channel, ChannelState, DialplanCEP

STASIS_START = """{"type":"StasisStart","timestamp":"2026-11-22T15:48:51.072+0000","args":
["inbound","100"],"channel":{"id":"lab-1795362531.2","name":"PJSIP/anonymous-00000002","state":"Ring",
"protocol_id":"929c1c0302337b04","caller":{"name":"Jane","number":"5551234"},"connected":{"name":"",
"number":""},"accountcode":"","dialplan":{"context":"from-sip","exten":"100","priority":2,
"app_name":"Stasis","app_data":"gateway,inbound,100"},"creationtime":"2026-11-22T15:48:51.070+0000",
"language":"en"},"asterisk_id":"02:fc:00:00:00:01","application":"gateway"}"""


def test_a_callers_stasis_start() -> None:
    event = parse(STASIS_START)

    assert isinstance(event, StasisStart)
    assert event.args == ("inbound", "100")
    assert event.application == "gateway"
    assert event.channel == Channel(
        id="lab-1795362531.2",
        name="PJSIP/anonymous-00000002",
        state=ChannelState.RING,
        protocol_id="929c1c0302337b04",
        caller=CallerID("Jane", "5551234"),
        dialplan=DialplanCEP("from-sip", "100", 2, "Stasis", "gateway,inbound,100"),
        creationtime="2026-11-22T15:48:51.070+0000",
        language="en",
    )
    assert event.channel.technology == "PJSIP"


def test_who_calls_is_not_in_the_repr() -> None:
    shown = repr(parse(STASIS_START))
    assert "lab-1795362531.2" in shown
    assert "Jane" not in shown
    assert "5551234" not in shown


def test_a_pin_is_not_in_the_repr() -> None:
    event = parse(
        '{"type":"ChannelDtmfReceived","digit":"7","duration_ms":180,"channel":{"id":"c"}}'
    )
    assert event == ChannelDtmfReceived(Channel("c"), "7", 180)
    assert "'7'" not in repr(event)


def test_what_only_some_versions_send_may_be_missing_null_or_new() -> None:
    event = parse(
        '{"type":"ChannelHangupRequest","channel":{"id":"c","caller":null,"state":"Levitating",'
        '"tenantid":null,"from_2031":[{}]},"cause":null}'
    )
    assert event == ChannelHangupRequest(Channel("c", state=ChannelState.UNKNOWN))


def test_fields_are_named_by_position_as_a_match_reads_them() -> None:
    match parse('{"type":"Dial","dialstatus":"BUSY","peer":{"id":"p"},"caller":{"id":"c"}}'):
        case Dial(peer, dialstatus):
            assert (peer.id, dialstatus) == ("p", "BUSY")
        case other:
            raise AssertionError(other)


def test_an_unknown_type_is_told_by_its_name() -> None:
    assert parse('{"type":"ChannelLevitated","channel":{}}') == UnknownEvent("ChannelLevitated")


def test_what_is_no_event_names_its_fault_but_no_value() -> None:
    assert parse("{") == MalformedEvent("not JSON")
    assert parse("[]") == MalformedEvent("no type")
    assert parse('{"type":7}') == MalformedEvent("no type")
    fault = parse('{"type":"StasisEnd","channel":{"id":["5551234"]}}')
    assert fault == MalformedEvent("StasisEnd: channel.id string_type")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@given(st.binary() | st.text() | JSON.map(json.dumps))
def test_nothing_makes_parse_raise(message: str | bytes) -> None:
    parse(message)


@given(st.sampled_from(["StasisStart", "Dial", "BridgeDestroyed", "PlaybackFinished"]), JSON, JSON)
def test_no_field_of_an_event_makes_parse_raise(name: str, one: object, other: object) -> None:
    fields = {"type": name, "channel": one, "args": other, "bridge": one, "playback": other}
    parse(json.dumps(fields))


def test_an_event_tells_whom_it_is_about() -> None:
    entered = parse(
        '{"type":"ChannelEnteredBridge","bridge":{"id":"b","channels":["c","d"]},"channel":{"id":"c"}}'
    )
    assert isinstance(entered, ChannelEnteredBridge)
    assert involved(entered) == ("b", "c")

    played = parse('{"type":"PlaybackFinished","playback":{"id":"p","target_uri":"channel:c"}}')
    assert isinstance(played, PlaybackFinished)
    assert involved(played) == ("c",)

    gone = parse('{"type":"BridgeDestroyed","bridge":{"id":"b"}}')
    assert isinstance(gone, BridgeDestroyed)
    assert involved(gone) == ("b",)

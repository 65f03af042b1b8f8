"""SIP and SDP as the light phones and the tap read and write them."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.lab.sip import SipMessage, audio_address, audio_sdp, response, with_audio_address

INVITE = (
    b"INVITE sip:100@127.0.0.1 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKabc\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bKold\r\n"
    b'f: "Some\r\n One" <sip:caller@127.0.0.1>;tag=1\r\n'
    b"t: <sip:100@127.0.0.1>\r\n"
    b"i: call-1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"m: <sip:caller@127.0.0.1:5070>;expires=60\r\n"
    b"l: 999\r\n"
    b"\r\n"
)


def test_headers_are_found_in_compact_form_folded_and_in_any_case() -> None:
    message = SipMessage.parse(INVITE)
    assert message.call_id == "call-1"
    assert message.branch == "z9hG4bKabc"
    assert message.method == "INVITE"
    assert message.get("FROM") == '"Some One" <sip:caller@127.0.0.1>;tag=1'
    assert message.contact == "sip:caller@127.0.0.1:5070"
    assert len(message.all("via")) == 2
    assert message.status is None


def test_a_written_message_says_its_true_length() -> None:
    message = SipMessage.parse(INVITE).with_body("né")
    assert message.encode().endswith(b"Content-Length: 3\r\n\r\nn\xc3\xa9")
    assert SipMessage.parse(message.encode()).body == "né"


def test_a_response_goes_back_the_way_it_came() -> None:
    answer = response(SipMessage.parse(INVITE), "486 Busy Here", contact="sip:me@127.0.0.1:1")
    again = SipMessage.parse(answer.encode())
    assert (again.status, again.reason) == (486, "486 Busy Here")
    assert again.all("via") == SipMessage.parse(INVITE).all("via")
    assert again.method == "INVITE"
    assert again.contact == "sip:me@127.0.0.1:1"


def test_the_audio_address_is_read_and_replaced() -> None:
    sdp = audio_sdp(("127.0.0.1", 4000), version=1) + "a=rtcp:4001\r\n"
    assert audio_address(sdp) == ("127.0.0.1", 4000)
    moved = with_audio_address(sdp, ("127.0.0.2", 5000))
    assert audio_address(moved) == ("127.0.0.2", 5000)
    assert "a=rtcp:5001" in moved
    assert with_audio_address(moved, ("127.0.0.1", 4000)) == sdp


def test_refused_audio_has_no_address() -> None:
    assert audio_address("c=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n") is None
    assert audio_address("") is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(datagram: bytes) -> None:
    SipMessage.parse(datagram).encode()

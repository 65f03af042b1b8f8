"""Any bytes in, counted out: by hypothesis, and what was found or recorded before."""

import struct

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.captures import FOLDER, read_capture
from tests.fuzz.receive import CORPUS, check, script_of

headers = st.builds(
    lambda flags, payload_type, number, frames, rest: (
        struct.pack(">BBHII", 0x80 | flags, payload_type, number, frames * 160, 1) + rest
    ),
    st.sampled_from([0, 0, 0, 0x10, 0x20, 0x01, 0x3F]),
    st.sampled_from([0, 0, 13, 101, 118, 0x80, 200]),
    st.integers(0, 70) | st.sampled_from([0xFFFF, 0x8000, 3100]),
    st.integers(0, 70) | st.just(0x1000000),
    st.binary(max_size=3) | st.just(bytes(160)) | st.just(bytes(80)),
)
steps = st.builds(
    lambda steer, datagram: struct.pack("BB", steer, len(datagram)) + datagram,
    st.integers(0, 255),
    headers | st.binary(max_size=40),
)


@given(st.lists(steps, max_size=60).map(b"".join) | st.binary(max_size=300))
@example(script_of([b""]))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_lived_through_and_counted(script: bytes) -> None:
    check(script)


def test_what_was_found_before_is_lived_through() -> None:
    found = sorted(CORPUS.iterdir())
    assert found
    for path in found:
        check(path.read_bytes())


def test_what_asterisk_sent_is_lived_through_also_when_it_is_cut() -> None:
    for path in FOLDER.glob("asterisk-*.pcap"):
        datagrams = [one.datagram for one in read_capture(path)]
        check(script_of([one[: nth % 200] for nth, one in enumerate(datagrams)]))

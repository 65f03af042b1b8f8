"""The batch parser against a parser of one packet, on any bytes."""

import struct

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from rtp.packet import (
    HEADER_BYTES,
    MARKER,
    Malformed,
    Packets,
    header_words,
    parse,
    writes_header,
)
from tests.rtp.reference import packet_of

WIDTH = 200


def parsed(datagrams: list[bytes]) -> tuple[Packets, list[bytes], dict[Malformed, int]]:
    """Datagrams in dirty memory, parsed, with the payloads and the drops by cause."""
    lines = np.full((len(datagrams), WIDTH), 0xB7, np.uint8)
    for line, datagram in zip(lines, datagrams, strict=True):
        line[: len(datagram)] = np.frombuffer(datagram, np.uint8)
    lengths = np.array([len(one) for one in datagrams], np.int64)
    packets, dropped = parse(lines, np.arange(len(lines)), lengths)
    payloads = [
        lines[line, start : start + length].tobytes()
        for line, start, length in zip(packets.line, packets.start, packets.length, strict=True)
    ]
    causes = {} if dropped is None else {cause: int(dropped[cause]) for cause in Malformed}
    return packets, payloads, causes


def one(datagram: bytes) -> tuple[Packets, list[bytes], dict[Malformed, int]]:
    packets, payloads, causes = parsed([datagram])
    return packets, payloads, {cause: n for cause, n in causes.items() if n}


# Random bytes rarely look like RTP, so the first ones are drawn to.
headers = st.builds(
    lambda flags, rest: bytes([0x80 | flags]) + rest, st.integers(0, 63), st.binary(max_size=100)
)


@given(st.lists(st.one_of(headers, st.binary(max_size=WIDTH)), max_size=12))
@example([b""])
def test_any_bytes_are_read_as_one_by_one_and_counted(datagrams: list[bytes]) -> None:
    packets, payloads, causes = parsed(datagrams)
    expected = [(nth, packet_of(datagram, 0.0)) for nth, datagram in enumerate(datagrams)]
    good = [(nth, packet) for nth, packet in expected if packet is not None]
    assert packets.line.tolist() == [nth for nth, _ in good]
    assert payloads == [packet.payload for _, packet in good]
    assert packets.sequence_number.tolist() == [packet.sequence_number for _, packet in good]
    assert packets.timestamp.tolist() == [packet.timestamp for _, packet in good]
    assert packets.ssrc.tolist() == [packet.ssrc for _, packet in good]
    assert packets.payload_type.tolist() == [packet.payload_type for _, packet in good]
    assert sum(causes.values()) == len(datagrams) - len(good)


def test_a_plain_packet() -> None:
    packets, payloads, causes = one(bytes.fromhex("8080013a0000f208000400b4") + b"\xff" * 160)
    assert payloads == [b"\xff" * 160]
    assert (int(packets.marker[0]), int(packets.payload_type[0])) == (1, 0)
    assert (int(packets.sequence_number[0]), int(packets.timestamp[0])) == (0x13A, 0xF208)
    assert int(packets.ssrc[0]) == 0x400B4
    assert causes == {}


def test_extension_csrc_and_padding_are_not_audio() -> None:
    header = struct.pack(">BBHII", 0xB2, 0, 1, 2, 3)
    sources = b"\1" * 8
    extension = b"\xbe\xde\x00\x01" + b"\2" * 4
    packets, payloads, _ = one(header + sources + extension + b"voice" + b"\0\0\3")
    assert payloads == [b"voice"]
    assert len(packets.line) == 1


def test_every_malformation_has_its_cause() -> None:
    plain = struct.pack(">BBHII", 0x80, 0, 1, 2, 3)
    assert one(plain[:11])[2] == {Malformed.SHORT: 1}
    assert one(b"\x40" + plain[1:])[2] == {Malformed.VERSION: 1}
    assert one(b"\x80\xc8" + plain[2:])[2] == {Malformed.RTCP: 1}
    assert one(b"\x8f" + plain[1:] + b"\0" * 59)[2] == {Malformed.CSRC: 1}
    assert one(b"\x90" + plain[1:] + b"\0\0\0")[2] == {Malformed.EXTENSION: 1}
    assert one(b"\x90" + plain[1:] + b"\0\0\0\1\0\0\0")[2] == {Malformed.EXTENSION: 1}
    assert one(b"\xa0" + plain[1:] + b"\0")[2] == {Malformed.PADDING: 1}
    assert one(b"\xa0" + plain[1:] + b"\2")[2] == {Malformed.PADDING: 1}


def test_a_datagram_longer_than_its_line_is_malformed() -> None:
    lines = np.zeros((1, WIDTH), np.uint8)
    lines[0, 0] = 0x80
    packets, dropped = parse(lines, np.zeros(1, np.intp), np.array([WIDTH + 1]))
    assert not len(packets.line)
    assert dropped is not None
    assert dropped[Malformed.LONG] == 1


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.integers(0, 127).filter(lambda payload_type: not 64 <= payload_type <= 95),
            st.integers(0, 2**16 - 1),
            st.integers(0, 2**32 - 1),
            st.integers(0, 2**32 - 1),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read(headers: list[tuple[bool, int, int, int, int]]) -> None:
    lines = np.zeros((len(headers), HEADER_BYTES + 4), np.uint8)
    words = [
        header_words(payload_type=kind, sequence_number=number, timestamp=timestamp, ssrc=ssrc)
        for _, kind, number, timestamp, ssrc in headers
    ]
    columns = np.array(headers, np.int64).reshape(-1, 5).T
    for line, three, marker in zip(lines, words, columns[0], strict=True):
        writes_header(line, np.array(three, np.uint32), MARKER if marker else 0)
    lengths = np.full(len(lines), lines.shape[1], np.int64)
    packets, dropped = parse(lines, np.arange(len(lines)), lengths)
    assert dropped is None
    read = (packets.marker, packets.payload_type, packets.sequence_number)
    assert np.array_equal(np.array(read), columns[:3])
    assert np.array_equal(np.array((packets.timestamp, packets.ssrc)), columns[3:])
    assert packets.length.tolist() == [4] * len(lines)

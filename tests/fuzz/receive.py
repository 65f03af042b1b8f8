"""Any bytes, in any order, from anyone: what may come of them, for whoever makes up the bytes.

Hypothesis does in the suite (tests/rtp/test_fuzz.py), and atheris, guided by coverage, as long as
one likes:

    uv pip install atheris && python -m tests.fuzz.receive tests/fuzz/corpus -max_total_time=600

atheris has wheels for Python 3.11 to 3.13 on Linux alone, so it is not among the development
dependencies. What it finds goes into tests/fuzz/corpus, which the suite runs.
"""

import struct
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import numpy as np

from rtp.codec import FRAME_SECONDS, Codec
from rtp.packet import HEADER_BYTES, Malformed, parse
from rtp.reception import Datagrams, Reception
from tests.rtp.reference import packet_of
from tests.rtp.streams import arrive

CORPUS = Path(__file__).parent / "corpus"
WIDTH = 256
SOURCES = (1, 2, 3)
CODECS = (Codec.PCMU, Codec.L16)
MOST_AT_ONCE = 80


def datagrams_in(script: bytes) -> Iterator[tuple[int, int, bytes]]:
    """`script` as a number of (turn's end, source, datagram): one byte to steer, one of length."""
    at = 0
    while at + 2 <= len(script):
        steer, length = script[at], script[at + 1]
        yield steer >> 6, SOURCES[steer % 3], script[at + 2 : at + 2 + length]
        at += 2 + length


def script_of(datagrams: list[bytes]) -> bytes:
    """The script of these datagrams, a turn each, all from the first source."""
    return b"".join(b"\xc0" + struct.pack("B", len(one)) + one for one in datagrams)


def check(script: bytes) -> None:
    """Lives through `script`: nothing is raised, and every datagram is counted once."""
    reception = Reception(len(CODECS))
    for row, codec in enumerate(CODECS):
        reception.open(row, SOURCES[row], codec, 0.0)
    now, total, waiting = 0.1, 0, []
    for ends, source, datagram in datagrams_in(script):
        waiting.append((source, datagram))
        if ends or len(waiting) >= MOST_AT_ONCE:
            now += ends * FRAME_SECONDS / 2
            total += len(waiting)
            _turn(reception, now, waiting)
            waiting = []
    assert _counted(reception) == total


def _turn(reception: Reception, now: float, found: list[tuple[int, bytes]]) -> None:
    # Bytes of earlier datagrams lie behind each: they must never be read.
    lines = np.full((len(found), WIDTH), 0xEE, np.uint8)
    for line, (_, datagram) in zip(lines, found, strict=True):
        line[: len(datagram)] = np.frombuffer(datagram, np.uint8)
    lengths = np.array([len(datagram) for _, datagram in found], np.int64)
    _check_parsed(lines, lengths, [datagram for _, datagram in found])
    sources = np.array([source for source, _ in found], np.uint64)
    arrivals = np.full(len(found), now)
    for frames in arrive(reception, now, Datagrams(lines, lengths, sources, arrivals)):
        assert len(set(frames.rows.tolist())) == len(frames.rows)
        assert frames.payload is None or len(frames.payload) == len(frames.rows)


def _check_parsed(
    lines: np.ndarray[tuple[int, int], np.dtype[np.uint8]],
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]],
    datagrams: list[bytes],
) -> None:
    """The batch says what a parser of one packet says, and stays inside each datagram."""
    packets, dropped = parse(lines, np.arange(len(lines)), lengths)
    single = [packet_of(datagram, 0.0) for datagram in datagrams]
    good = [packet for packet in single if packet is not None]
    payloads = [
        lines[line, start : start + length].tobytes()
        for line, start, length in zip(packets.line, packets.start, packets.length, strict=True)
    ]
    assert payloads == [packet.payload for packet in good]
    assert not np.count_nonzero(packets.start < HEADER_BYTES)
    assert (0 if dropped is None else int(dropped.sum())) == len(single) - len(good)


def _counted(reception: Reception) -> int:
    dropped = sum(reception.dropped[name] for name in _causes())
    counters = [reception.counters.of(row) for row in range(len(CODECS))]
    return dropped + sum(row[name] for row in counters for name in ("received", "stale", "flooded"))


def _causes() -> tuple[str, ...]:
    return (*(cause.name.lower() for cause in Malformed), "oversize", "foreign")


def main() -> None:
    atheris = import_module("atheris")
    instrument: Callable[[Callable[[bytes], None]], Callable[[bytes], None]]
    instrument = atheris.instrument_func
    for module in ("rtp.packet", "rtp.reception", "rtp.reorder", "rtp.streams", "rtp.timeline"):
        _instrument(module, instrument)
    atheris.Setup(sys.argv, instrument(check))
    atheris.Fuzz()


def _instrument(module: str, instrument: Callable[[Callable[[bytes], None]], object]) -> None:
    """Lets atheris see which lines of a module's functions and methods are reached."""
    loaded = import_module(module)
    for owner in (loaded, *(one for one in vars(loaded).values() if isinstance(one, type))):
        for function in list(vars(owner).values()):
            here = getattr(function, "__module__", "") == module
            if here and hasattr(function, "__code__"):
                instrument(function)


if __name__ == "__main__":
    main()

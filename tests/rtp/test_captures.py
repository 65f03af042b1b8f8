"""What a real Asterisk sent (tests/data, by tests.capture_asterisk), heard by model and table."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from rtp.codec import Codec
from tests.captures import FOLDER, Captured, read_capture
from tests.rtp.reference import LOST, NO_AUDIO, Frame, Packet, packet_of
from tests.rtp.test_reference import Arrival, Turn, assert_same, play_batch, turns_of

FRAME = 0.02
NAMES = sorted(path.stem.removeprefix("asterisk-") for path in FOLDER.glob("asterisk-*.pcap"))
CODECS = {"talk-alaw": Codec.PCMA, "talk-g722": Codec.G722, "talk-slin16": Codec.L16}


def turns(captured: list[Captured], period: float = 0.005) -> list[Turn]:
    arrivals = [Arrival(0, one.time + 0.1, one.datagram) for one in captured]
    return turns_of(arrivals, period, arrivals[-1].time + 0.2)


def packets(captured: list[Captured]) -> list[Packet]:
    found = [packet_of(one.datagram, one.time) for one in captured]
    assert None not in found
    return [packet for packet in found if packet is not None]


@dataclass(frozen=True)
class Steps:
    """From one packet to the next: numbers, timestamps in frames, and seconds."""

    numbers: int
    frames: float
    seconds: float


def steps(captured: list[Captured]) -> list[Steps]:
    return [
        Steps(
            (b.sequence_number - a.sequence_number) % 65536,
            (b.timestamp - a.timestamp) % (1 << 32) / 160,
            b.arrival - a.arrival,
        )
        for a, b in pairwise(packets(captured))
    ]


def heard(name: str) -> tuple[list[Frame], dict[str, int]]:
    codec = CODECS.get(name, Codec.PCMU)
    reception, frames = play_batch([codec], turns(read_capture(FOLDER / f"asterisk-{name}.pcap")))
    return frames[0], reception.counters.of(0)


def test_all_that_can_happen_was_captured() -> None:
    assert {"talk", "keypad", "hold", "mute", "playback", "softmix", *CODECS} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("period", [0.0025, 0.005, 0.02])
def test_the_table_hears_what_the_model_hears(name: str, period: float) -> None:
    captured = read_capture(FOLDER / f"asterisk-{name}.pcap")
    assert_same([CODECS.get(name, Codec.PCMU)], turns(captured, period))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_asterisk_does_looks_like_loss(name: str) -> None:
    """Loopback loses nothing, whatever its numbers and timestamps seem to say."""
    captured = read_capture(FOLDER / f"asterisk-{name}.pcap")
    frames, counts = heard(name)
    assert counts["received"] == len(captured)
    # While a channel is muted its packets are made, numbered and left out: a gap like any other.
    left_out = sum(one.numbers - 1 for one in steps(captured) if one.numbers == one.frames)
    assert counts["lost"] == left_out
    assert bool(left_out) == (name == "mute")
    assert not any(counts[cause] for cause in ("duplicate", "stray", "late", "reordered"))
    came = [frame for frame in frames if frame not in (LOST, NO_AUDIO)]
    assert len(came) == len(captured)
    assert came == [packet.payload for packet in packets(captured)]
    seconds = captured[-1].time - captured[0].time
    assert len(frames) * FRAME == pytest.approx(seconds + 0.3, abs=0.08)

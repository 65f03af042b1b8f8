"""One call's receiving side in plain Python, a packet at a time: what the batch must agree with.

It is written from the rules (rtp/reorder.py, rtp/timeline.py), not from their arrays: lists and
dictionaries, no numpy, one call.
"""

import struct
from dataclasses import dataclass, field

from rtp.codec import Codec

FRAME = 0.02
RING = 64
Frame = bytes | str
"""The payload of a frame that came, or "silence", or "lost"."""

NO_AUDIO = "silence"
LOST = "lost"


def signed(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


@dataclass
class Packet:
    sequence_number: int
    timestamp: int
    payload: bytes
    payload_type: int
    ssrc: int
    arrival: float


def packet_of(datagram: bytes, arrival: float) -> Packet | None:
    """A datagram read field by field as RFC 3550 §5.1 draws it; None if it is malformed."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2 or 192 <= datagram[1] <= 223:
        return None
    first, second, number, timestamp, ssrc = struct.unpack_from(">BBHII", datagram)
    start, end = 12 + 4 * (first & 15), len(datagram)
    if start > end:
        return None
    if first & 0x10:
        if start + 4 > end:
            return None
        (words,) = struct.unpack_from(">H", datagram, start + 2)
        start += 4 + 4 * words
        if start > end:
            return None
    if first & 0x20:
        padding = datagram[-1]
        if padding == 0 or end - padding < start:
            return None
        end -= padding
    return Packet(number, timestamp, datagram[start:end], second & 127, ssrc, arrival)


@dataclass
class ReferenceLeg:
    codec: Codec
    opened: float
    refused_ssrc: int | None = None
    frames: list[Frame] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ssrc: int | None = None
        self.expected = 0
        self.stray: int | None = None
        self.passed: set[int] = set()
        self.ring: dict[int, Packet] = {}
        self.edge = self.opened
        self.spread = 0.016
        self.wait = self.spread * 1.25
        self.due = self.opened + FRAME
        self.next_timestamp: int | None = None
        self.stalled = 0
        self.pending = b""
        self.quiet = True
        self.unit_bytes = self.codec.frame_bytes // self.codec.timestamp_step

    def count(self, name: str, much: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + much

    # --- packets ---

    def packet(self, packet: Packet) -> None:
        if len(packet.payload) > 1920:
            return
        if packet.ssrc == self.refused_ssrc or packet.arrival < self.opened:
            self.count("stale")
            return
        self.count("received")
        number = packet.sequence_number
        ahead = signed(number - self.expected, 16)
        if packet.ssrc != self.ssrc:
            self.restart(packet)
        elif ahead >= 3000 or ahead < -100:
            self.far_away(packet)
        elif number in self.ring or (-RING <= ahead < 0 and number not in self.passed):
            self.count("duplicate")
        elif ahead < 0:
            self.count("late")
            self.count("lost", -min(self.counts.get("lost", 0), 1))
            self.passed.discard(number)
            self.observe(packet)
        else:
            self.next_or_ahead(packet, ahead)

    def far_away(self, packet: Packet) -> None:
        if packet.sequence_number == self.stray:
            self.restart(packet)
        else:
            self.stray = (packet.sequence_number + 1) % 65536
            self.count("stray")

    def next_or_ahead(self, packet: Packet, ahead: int) -> None:
        self.observe(packet)
        if ahead < RING and any(signed(one - packet.sequence_number, 16) > 0 for one in self.ring):
            self.count("reordered")
        if 0 < ahead < RING:
            self.ring[packet.sequence_number] = packet
        else:
            while self.ring and ahead:
                self.release(self.first_waiting())
            self.release(packet)
        self.release_covered()

    def restart(self, packet: Packet) -> None:
        if self.ssrc is not None:
            self.count("restarts")
        self.ssrc = packet.ssrc
        self.expected = packet.sequence_number
        self.stray = None
        self.passed = {(packet.sequence_number - 1 - nth) % 65536 for nth in range(RING)}
        self.ring.clear()
        self.next_timestamp = None
        self.pending = b""
        self.next_or_ahead(packet, 0)

    def first_waiting(self) -> Packet:
        number = min(self.ring, key=lambda one: (one - self.expected) % 65536)
        return self.ring[number]

    def release_covered(self) -> None:
        while self.ring:
            packet = self.first_waiting()
            missing = self.missing(packet.timestamp)
            in_turn = packet.sequence_number == self.expected
            if not (in_turn or missing <= 0 or missing > 10 * self.codec.timestamp_step):
                return
            self.release(packet)

    # --- time ---

    def gap(self, timestamp: int) -> int:
        if self.next_timestamp is None:
            return 0
        return signed(timestamp - self.next_timestamp, 32)

    def missing(self, timestamp: int) -> int:
        if self.next_timestamp is None:
            return 0
        return self.gap(timestamp) - self.stalled

    def observe(self, packet: Packet) -> None:
        missing = self.missing(packet.timestamp)
        if self.next_timestamp is None or abs(missing) > 10 * self.codec.timestamp_step:
            return
        late = packet.arrival - self.edge - missing * (1 / self.codec.clock_rate)
        over = min(max(late, 0.0), 0.080) - self.spread
        self.spread += over * (0.5 if over > 0 else 1 / 256)
        self.wait = min(max(self.spread * 1.25, 0.010), 0.080)

    def release(self, packet: Packet) -> None:
        self.ring.pop(packet.sequence_number, None)
        number = packet.sequence_number
        absent = (number - self.expected) % 65536
        self.expected = (number + 1) % 65536
        self.passed |= {(number - 1 - nth) % 65536 for nth in range(min(absent, RING))}
        units = len(packet.payload) // self.unit_bytes
        gap = max(self.gap(packet.timestamp), 0)
        lost = absent if absent * units <= gap else 0
        self.count("lost", lost)
        if lost:
            stood_in = min(self.stalled, gap) // self.codec.timestamp_step
            self.count("concealed", stood_in)
            self.count("silence", -stood_in)
        if packet.payload_type == 13 and self.codec.payload_type != 13:
            self.quiet = True
            return
        if packet.payload_type != self.codec.payload_type:
            self.count("other_payload")
            return
        if not units:
            self.count("other_payload")
            return
        self.append(packet, units)

    def append(self, packet: Packet, units: int) -> None:
        step = self.codec.timestamp_step
        missing = self.missing(packet.timestamp)
        ahead = max(missing, 0)
        edge = self.edge + ahead * (1 / self.codec.clock_rate)
        late = packet.arrival - edge
        if late < 0 or ahead > 10 * step or self.next_timestamp is None:
            edge += late
        else:
            edge += late / 128
        self.edge = edge + units * (1 / self.codec.clock_rate)
        self.due = self.edge + self.wait
        self.next_timestamp = (packet.timestamp + units) % (1 << 32)
        self.stalled = 0
        self.quiet = False
        if 0 < missing <= 10 * step:
            self.frames += [NO_AUDIO] * (missing // step)
        self.pending += packet.payload[: units * self.unit_bytes]
        size = self.codec.frame_bytes
        while len(self.pending) >= size:
            self.frames.append(self.pending[:size])
            self.pending = self.pending[size:]

    def clock(self, now: float) -> None:
        while self.due <= now:
            if now - self.due > 3 * FRAME:
                self.edge += now - self.due
            self.edge += FRAME
            self.due = self.edge + self.wait
            self.stalled += self.codec.timestamp_step
            self.count("silence")
            if self.pending:
                self.finish()
            else:
                self.frames.append(NO_AUDIO if self.quiet else LOST)
            self.release_covered()

    def finish(self) -> None:
        """The rest of a cut frame is what there is of it, forth and back."""
        back_and_forth = self.pending + self.pending[::-1]
        times = -(-self.codec.frame_bytes // len(back_and_forth))
        self.stalled -= len(self.pending) // self.unit_bytes
        self.frames.append((back_and_forth * times)[: self.codec.frame_bytes])
        self.pending = b""

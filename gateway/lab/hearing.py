"""What went over the wire, as one hears it: packets with times, timelines, stretches of voice.

All times are seconds of the machine's monotonic clock, so that both directions of a call, several
phones and the test itself can be compared.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.lab.sound import TELEPHONE_RATE
from rtp.g711 import decode_mulaw

MULAW = 0
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 160
VOICE_LEVEL = 0.008
"""Mean magnitude of a 20 ms frame from which it counts as voice: -42 dBFS."""
NEW_STREAM_SECONDS = 0.2
DEAD_SECONDS = 3.0
"""A line on which nothing came for so long is quiet; before, it is not known what is on its way."""


class Packet(NamedTuple):
    """One RTP packet and when it arrived or left."""

    time: float
    ssrc: int
    sequence: int
    timestamp: int
    payload_type: int
    payload: bytes


class Voice(NamedTuple):
    """A stretch of voice: from the start of its first loud frame to the end of its last."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


class Reply(NamedTuple):
    """A stretch of voice, and the first voice from the other side after it."""

    said: Voice
    heard: Voice

    @property
    def latency(self) -> float:
        return self.heard.start - self.said.end


def timeline(packets: Iterable[Packet], *, start: float, end: float) -> NDArray[np.float32]:
    """The mu-law packets as 8 kHz audio from `start` to `end`, silent where nothing came.

    A packet lies where its RTP timestamp puts it after the earliest packet of its stream, as a
    listener with a small jitter buffer hears it. A stream ends where the SSRC changes or where
    timestamps and arrivals drift apart by more than 0.2 s.
    """
    audio = np.zeros(max(0, round((end - start) * TELEPHONE_RATE)), np.float32)
    for stream in _streams(packets):
        anchor = min(packet.time - _offset(stream[0], packet) for packet in stream)
        for packet in stream:
            at = round((anchor + _offset(stream[0], packet) - start) * TELEPHONE_RATE)
            _place(audio, at, decode_mulaw(np.frombuffer(packet.payload, np.uint8)))
    return audio


def voices(
    packets: Iterable[Packet], *, pause: float = 0.35, shortest: float = 0.08
) -> list[Voice]:
    """The stretches of voice, in order.

    Quiet of less than `pause` seconds does not end a stretch; shorter ones than `shortest` are
    clicks. Onset is the arrival of the first loud frame, less the time it took to speak it.
    """
    found: list[Voice] = []
    for packet in packets:
        if packet.payload_type != MULAW or level(packet.payload) < VOICE_LEVEL:
            continue
        begins = packet.time - len(packet.payload) / TELEPHONE_RATE
        if found and begins - found[-1].end < pause:
            found[-1] = Voice(found[-1].start, packet.time)
        else:
            found.append(Voice(begins, packet.time))
    return [voice for voice in found if voice.seconds >= shortest]


def replies(said: Sequence[Voice], heard: Sequence[Voice]) -> list[Reply]:
    """Each stretch said, with the first one heard between its end and the next one said."""
    limits = [voice.start for voice in said[1:]] + [float("inf")]
    pairs = []
    for question, limit in zip(said, limits, strict=True):
        reply = next((v for v in heard if question.end <= v.start < limit), None)
        if reply is not None:
            pairs.append(Reply(question, reply))
    return pairs


def heard_until(packets: Sequence[Packet], now: float) -> float:
    """Up to when it is known at `now` what was on the line: the last packet's arrival, as long as
    the line may still be alive. A machine that stood still heard no silence meanwhile."""
    if packets and now - packets[-1].time < DEAD_SECONDS:
        return packets[-1].time
    return now


def level(payload: bytes) -> float:
    """Mean magnitude of mu-law `payload`, 0..0.125 (loud samples count as 0.125)."""
    if not payload:
        return 0.0
    return sum(payload.translate(_MAGNITUDES)) / len(payload) / _MAGNITUDE_SCALE


_MAGNITUDE_SCALE = 2048
_MAGNITUDES = (
    np.minimum(np.abs(decode_mulaw(np.arange(256, dtype=np.uint8))) * _MAGNITUDE_SCALE, 255)
    .astype(np.uint8)
    .tobytes()
)


def _streams(packets: Iterable[Packet]) -> list[list[Packet]]:
    streams: list[list[Packet]] = []
    for packet in packets:
        if packet.payload_type != MULAW:
            continue
        if streams and _continues(streams[-1][-1], packet):
            streams[-1].append(packet)
        else:
            streams.append([packet])
    return streams


def _continues(before: Packet, packet: Packet) -> bool:
    drift = (packet.time - before.time) - _offset(before, packet)
    return packet.ssrc == before.ssrc and abs(drift) < NEW_STREAM_SECONDS


def _offset(first: Packet, packet: Packet) -> float:
    """Seconds between two timestamps, of which either may be the later one."""
    steps = (packet.timestamp - first.timestamp) & 0xFFFFFFFF
    return (steps - (steps >> 31 << 32)) / TELEPHONE_RATE


def _place(audio: NDArray[np.float32], at: int, samples: NDArray[np.float32]) -> None:
    first, last = max(at, 0), min(at + len(samples), len(audio))
    if first < last:
        audio[first:last] = samples[first - at : last - at]

"""The audio codecs a leg may speak, with the numbers RTP needs for each (RFC 3551 §4.5, §6)."""

from enum import StrEnum
from typing import NamedTuple

FRAME_SECONDS = 0.02
FRAMES_PER_SECOND = 50


class _Format(NamedTuple):
    payload_type: int
    clock_rate: int
    sample_rate: int
    frame_bytes: int


class Codec(StrEnum):
    """A codec by its RFC 3551 encoding name. Every frame is 20 ms of one channel."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    L16 = "L16"

    @property
    def payload_type(self) -> int:
        """The RTP payload type; 118 for 16 kHz L16 is the dynamic one that Asterisk assigns."""
        return _FORMATS[self].payload_type

    @property
    def clock_rate(self) -> int:
        """RTP timestamp units per second; 8000 for G.722 by historical error (RFC 3551 §4.5.2)."""
        return _FORMATS[self].clock_rate

    @property
    def sample_rate(self) -> int:
        """Audio samples per second after decoding."""
        return _FORMATS[self].sample_rate

    @property
    def frame_bytes(self) -> int:
        """Payload bytes of one 20 ms frame."""
        return _FORMATS[self].frame_bytes

    @property
    def frame_samples(self) -> int:
        """Audio samples of one 20 ms frame."""
        return self.sample_rate // FRAMES_PER_SECOND

    @property
    def timestamp_step(self) -> int:
        """RTP timestamp units of one 20 ms frame."""
        return self.clock_rate // FRAMES_PER_SECOND

    @property
    def send_codec(self) -> "Codec":
        """The codec to send on a leg that receives this one.

        A peer that works without SDP drops dynamic payload types coming in, so L16 is answered
        with the static wideband codec, G.722.
        """
        return Codec.G722 if self is Codec.L16 else self


_FORMATS = {
    Codec.PCMU: _Format(payload_type=0, clock_rate=8000, sample_rate=8000, frame_bytes=160),
    Codec.PCMA: _Format(payload_type=8, clock_rate=8000, sample_rate=8000, frame_bytes=160),
    Codec.G722: _Format(payload_type=9, clock_rate=8000, sample_rate=16000, frame_bytes=160),
    Codec.L16: _Format(payload_type=118, clock_rate=16000, sample_rate=16000, frame_bytes=640),
}

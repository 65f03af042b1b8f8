"""A sender in the tests' own words, and a receiver that hears with a table of one row."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from rtp.codec import Codec
from rtp.reception import Datagrams, Reception
from rtp.timeline import Frames

FRAME = 0.02
SOURCE = 0x7F000001_9C40
WIDTH = 2048

SILENCE = "silence"
LOST = "lost"


def rtp(number: int, timestamp: int, payload: bytes, payload_type: int = 0, ssrc: int = 1) -> bytes:
    header = (0x80, payload_type, number % (1 << 16), timestamp % (1 << 32), ssrc)
    return struct.pack(">BBHII", *header) + payload


def datagrams(arrived: Iterable[tuple[int, float, bytes]]) -> Datagrams:
    """Source, time and bytes of each, in memory that was used before."""
    found = list(arrived)
    lines = np.full((len(found), WIDTH), 0xEE, np.uint8)
    for line, (_, _, datagram) in zip(lines, found, strict=True):
        taken = np.frombuffer(datagram, np.uint8)[:WIDTH]
        line[: len(taken)] = taken
    return Datagrams(
        lines=lines,
        lengths=np.array([len(datagram) for _, _, datagram in found], np.int64),
        sources=np.array([source for source, _, _ in found], np.uint64),
        arrivals=np.array([time for _, time, _ in found], np.float64),
    )


def arrive(reception: Reception, now: float, found: Datagrams) -> list[Frames]:
    """What a reception gives whose rows are all apart."""
    frames = []
    for each in reception.arrive(now, found):
        assert isinstance(each, Frames)
        # What is given is only good until the next is asked for.
        frames.append(each._replace(rows=each.rows.copy(), given=each.given.copy()))
    return frames


def voice(letter: str, codec: Codec = Codec.PCMU) -> bytes:
    """A frame that can be told from others."""
    return letter.encode() * codec.frame_bytes


@dataclass
class Caller:
    """Frames named by letters, numbered and stamped as a phone would, from `time` on."""

    codec: Codec = Codec.PCMU
    number: int = 1000
    timestamp: int = 50000
    time: float = 0.1
    ssrc: int = 1
    said: dict[str, tuple[float, bytes]] = field(default_factory=dict)

    def says(self, letters: str) -> "Caller":
        for letter in letters:
            datagram = rtp(
                self.number,
                self.timestamp,
                voice(letter, self.codec),
                self.codec.payload_type,
                self.ssrc,
            )
            self.said[letter] = (self.time, datagram)
            self.skips(numbers=1, frames=1, seconds=FRAME)
        return self

    def skips(self, *, numbers: int = 0, frames: float = 0, seconds: float = 0.0) -> "Caller":
        self.number += numbers
        self.timestamp += round(frames * self.codec.timestamp_step)
        self.time += seconds
        return self


class Ear:
    """A table of one row and what it has given, as letters."""

    def __init__(self, codec: Codec = Codec.PCMU, period: float = 0.005) -> None:
        self.reception = Reception(1)
        self.codec = codec
        self.now = 0.0
        self.heard: list[str] = []
        self.times: list[float] = []
        self._period = period
        self.reception.open(0, SOURCE, codec, 0.0)

    def takes(self, arrived: Iterable[tuple[float, bytes]], until: float | None = None) -> "Ear":
        """Lives through these arrivals and some time after."""
        waiting = sorted(arrived, key=lambda one: one[0])
        end = until or (waiting[-1][0] if waiting else self.now) + self._period
        while self.now < end - 1e-9:
            self.now += self._period
            now = [(SOURCE, *one) for one in waiting if one[0] <= self.now]
            waiting = [one for one in waiting if one[0] > self.now]
            self._keep(arrive(self.reception, self.now, datagrams(now)))
        return self

    def counts(self) -> dict[str, int]:
        return {name: count for name, count in self.reception.counters.of(0).items() if count}

    @property
    def spoken(self) -> str:
        """What was heard, without the silence before and after; `.` silence, `_` loss."""
        return "".join(self.heard).strip("._")

    def _keep(self, batches: list[Frames]) -> None:
        for frames in batches:
            self.times.append(self.now)
            if frames.payload is None:
                self.heard.append("_" if frames.lost else ".")
            else:
                self.heard.append(self._letters(frames.payload[0, : self.codec.frame_bytes]))

    @staticmethod
    def _letters(payload: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> str:
        letters = "".join(chr(byte) for byte in dict.fromkeys(payload.tolist()))
        return letters if len(letters) == 1 else f"({letters})"

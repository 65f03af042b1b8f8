"""From frames to what a listener gets: decoded, concealed, at its rate, judged for speech."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.conceal import Concealer
from rtp.g711 import decode_alaw, decode_mulaw
from rtp.g722 import G722Decoder
from rtp.l16 import decode_l16
from rtp.resample import Resampler
from rtp.timeline import Frames
from rtp.vad import RATE as VAD_RATE
from rtp.vad import SpeechDetector

LISTEN_RATES = (8000, 16000)

_NO_KIND = -1

Rows = NDArray[np.intp]
Bytes = NDArray[np.uint8]
Samples = NDArray[np.float32]


class Decoded(NamedTuple):
    """`frames`, all of one kind, as samples at their codec's rate."""

    kind: int
    frames: Frames
    samples: Samples

    def choose(self, chosen: "Rows | NDArray[np.bool_]") -> "Decoded":
        return Decoded(self.kind, _choose(self.frames, chosen), self.samples[chosen])


class Hearing:
    """What each row needs to make audio of its frames. In each call a row may appear once.

    Rows that share a codec and a rate to listen at are of one kind, and go together.
    """

    def __init__(self, rows: int, vad_model: Path | None) -> None:
        self._rows = rows
        self._kinds = [(codec, rate) for codec in Codec for rate in LISTEN_RATES]
        self._kind = np.full(rows, _NO_KIND, np.int64)
        self._crowds = [0] * len(self._kinds)
        self._in_use: list[int] = []
        self._g722: G722Decoder | None = None
        self._concealers: dict[int, Concealer] = {}
        self._resamplers: dict[tuple[int, int], Resampler] = {}
        self._detector = None if vad_model is None else SpeechDetector(rows, vad_model)
        self._no_speech = np.zeros(rows, np.float32)

    def open(self, row: int, codec: Codec, listen_rate: int) -> None:
        """Row `row` brings `codec` and is listened to at `listen_rate`."""
        kind = self._kinds.index((codec, listen_rate))
        self._kind[row] = kind
        self._count(kind, 1)
        self._concealer(codec.sample_rate).reset(row)
        for rate in {listen_rate, VAD_RATE} - {codec.sample_rate}:
            self._resampler(codec.sample_rate, rate).reset(row)
        if codec is Codec.G722:
            self._g722_decoder().reset(row)
        if self._detector is not None:
            self._detector.reset(row)

    def close(self, row: int) -> None:
        """Row `row` brings nothing more."""
        self._count(int(self._kind[row]), -1)
        self._kind[row] = _NO_KIND

    def decode(self, frames: Frames) -> Iterator[Decoded]:
        """The samples of `frames`, kind by kind; zeros where there is no payload."""
        if len(self._in_use) == 1:
            yield self._decode_kind(self._in_use[0], frames)
            return
        kinds = self._kind[frames.rows]
        for kind in self._in_use:
            chosen = np.flatnonzero(kinds == kind)
            if len(chosen):
                yield self._decode_kind(kind, _choose(frames, chosen))

    def hear(self, decoded: Decoded) -> tuple[Samples, Samples]:
        """The audio, concealed, at the codec's rate and at the listener's.

        The rows' speech probability is up to date then.
        """
        codec, listen_rate = self._kinds[decoded.kind]
        rows = decoded.frames.rows
        concealer = self._concealer(codec.sample_rate)
        if decoded.frames.lost:
            samples = concealer.lost(rows)
        else:
            samples = concealer.good(rows, decoded.samples)
        at = {codec.sample_rate: samples}
        wanted = {listen_rate} if self._detector is None else {listen_rate, VAD_RATE}
        for rate in wanted - {codec.sample_rate}:
            at[rate] = self._resampler(codec.sample_rate, rate).process(rows, samples)
        if self._detector is not None:
            self._detector.process(rows, at[VAD_RATE])
        return samples, at[listen_rate]

    def speech(self, rows: Rows) -> Samples:
        """The latest speech probability of each row."""
        column = self._no_speech if self._detector is None else self._detector.probability
        return column[rows]

    def _decode_kind(self, kind: int, frames: Frames) -> Decoded:
        codec, _ = self._kinds[kind]
        if frames.payload is None:
            samples = np.zeros((len(frames.rows), codec.frame_samples), np.float32)
        else:
            payload = frames.payload[:, : codec.frame_bytes]
            samples = self._decode_payload(codec, frames.rows, payload)
        return Decoded(kind, frames, samples)

    def _decode_payload(self, codec: Codec, rows: Rows, payload: Bytes) -> Samples:
        match codec:
            case Codec.PCMU:
                return decode_mulaw(payload)
            case Codec.PCMA:
                return decode_alaw(payload)
            case Codec.G722:
                return self._g722_decoder().decode(rows, payload)
            case Codec.L16:
                return decode_l16(np.ascontiguousarray(payload))

    def _concealer(self, rate: int) -> Concealer:
        if rate not in self._concealers:
            self._concealers[rate] = Concealer(self._rows, rate)
        return self._concealers[rate]

    def _resampler(self, from_rate: int, to_rate: int) -> Resampler:
        rates = from_rate, to_rate
        if rates not in self._resamplers:
            self._resamplers[rates] = Resampler(self._rows, from_rate, to_rate)
        return self._resamplers[rates]

    def _g722_decoder(self) -> G722Decoder:
        if self._g722 is None:
            self._g722 = G722Decoder(self._rows)
        return self._g722

    def _count(self, kind: int, change: int) -> None:
        self._crowds[kind] += change
        self._in_use = [nth for nth, crowd in enumerate(self._crowds) if crowd]


def _choose(frames: Frames, chosen: Rows | NDArray[np.bool_]) -> Frames:
    return Frames(
        frames.rows[chosen],
        frames.given[chosen],
        None if frames.payload is None else frames.payload[chosen],
        lost=frames.lost,
        ahead=None if frames.ahead is None else frames.ahead[chosen],
    )

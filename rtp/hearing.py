"""From frames to what a listener gets: decoded, concealed, at its rate, judged for speech."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows that share a codec and a rate to listen at: they go together."""

    decode: Callable[[Rows, Bytes], Samples]
    frame_bytes: int
    frame_samples: int
    concealer: Concealer
    to_listener: Resampler | None
    to_detector: Resampler | None


class Hearing:
    """What each row needs to make audio of its frames. In each call a row may appear once."""

    def __init__(self, rows: int, vad_model: Path | None) -> None:
        self._rows = rows
        self._names = [(codec, rate) for codec in Codec for rate in LISTEN_RATES]
        self._kinds: dict[int, _Kind] = {}
        self._kind = np.full(rows, _NO_KIND, np.int64)
        self._crowds = [0] * len(self._names)
        self._in_use: list[int] = []
        self._g722: G722Decoder | None = None
        self._concealers: dict[int, Concealer] = {}
        self._resamplers: dict[tuple[int, int], Resampler] = {}
        self._detector = None if vad_model is None else SpeechDetector(rows, vad_model)
        self._no_speech = np.zeros(rows, np.float32)

    def open(self, row: int, codec: Codec, listen_rate: int) -> None:
        """Row `row` brings `codec` and is listened to at `listen_rate`."""
        nth = self._names.index((codec, listen_rate))
        if nth not in self._kinds:
            self._kinds[nth] = self._new_kind(codec, listen_rate)
        kind = self._kinds[nth]
        self._kind[row] = nth
        self._count(nth, 1)
        kind.concealer.reset(row)
        for resampler in (kind.to_listener, kind.to_detector):
            if resampler is not None:
                resampler.reset(row)
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
        for nth in self._in_use:
            chosen = np.flatnonzero(kinds == nth)
            if len(chosen):
                yield self._decode_kind(nth, _choose(frames, chosen))

    def hear(self, decoded: Decoded) -> tuple[Samples, Samples]:
        """The audio, concealed, at the codec's rate and at the listener's.

        The rows' speech probability is up to date then.
        """
        kind, rows = self._kinds[decoded.kind], decoded.frames.rows
        if decoded.frames.lost:
            samples = kind.concealer.lost(rows)
        else:
            samples = kind.concealer.good(rows, decoded.samples)
        audio = _resampled(kind.to_listener, rows, samples)
        if self._detector is not None:
            same = kind.to_detector is kind.to_listener
            judged = audio if same else _resampled(kind.to_detector, rows, samples)
            self._detector.process(rows, judged)
        return samples, audio

    def speech(self, rows: Rows) -> Samples:
        """The latest speech probability of each row."""
        column = self._no_speech if self._detector is None else self._detector.probability
        return column[rows]

    def _decode_kind(self, nth: int, frames: Frames) -> Decoded:
        kind = self._kinds[nth]
        if frames.payload is None:
            samples = np.zeros((len(frames.rows), kind.frame_samples), np.float32)
        else:
            samples = kind.decode(frames.rows, frames.payload[:, : kind.frame_bytes])
        return Decoded(nth, frames, samples)

    def _new_kind(self, codec: Codec, listen_rate: int) -> _Kind:
        rate = codec.sample_rate
        return _Kind(
            decode=self._decoder(codec),
            frame_bytes=codec.frame_bytes,
            frame_samples=codec.frame_samples,
            concealer=self._concealer(rate),
            to_listener=self._resampler(rate, listen_rate),
            to_detector=None if self._detector is None else self._resampler(rate, VAD_RATE),
        )

    def _decoder(self, codec: Codec) -> Callable[[Rows, Bytes], Samples]:
        match codec:
            case Codec.PCMU:
                return lambda _rows, payload: decode_mulaw(payload)
            case Codec.PCMA:
                return lambda _rows, payload: decode_alaw(payload)
            case Codec.G722:
                return self._g722_decoder().decode
            case Codec.L16:
                return lambda _rows, payload: decode_l16(np.ascontiguousarray(payload))

    def _concealer(self, rate: int) -> Concealer:
        if rate not in self._concealers:
            self._concealers[rate] = Concealer(self._rows, rate)
        return self._concealers[rate]

    def _resampler(self, from_rate: int, to_rate: int) -> Resampler | None:
        """None where nothing is to be done."""
        rates = from_rate, to_rate
        if from_rate == to_rate:
            return None
        if rates not in self._resamplers:
            self._resamplers[rates] = Resampler(self._rows, from_rate, to_rate)
        return self._resamplers[rates]

    def _g722_decoder(self) -> G722Decoder:
        if self._g722 is None:
            self._g722 = G722Decoder(self._rows)
        return self._g722

    def _count(self, nth: int, change: int) -> None:
        self._crowds[nth] += change
        self._in_use = [each for each, crowd in enumerate(self._crowds) if crowd]


def _resampled(resampler: Resampler | None, rows: Rows, samples: Samples) -> Samples:
    return samples if resampler is None else resampler.process(rows, samples)


def _choose(frames: Frames, chosen: Rows | NDArray[np.bool_]) -> Frames:
    return Frames(
        frames.rows[chosen],
        frames.given[chosen],
        None if frames.payload is None else frames.payload[chosen],
        lost=frames.lost,
        ahead=None if frames.ahead is None else frames.ahead[chosen],
    )

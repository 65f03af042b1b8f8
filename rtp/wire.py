"""Speech to wire: samples of any rate, in chunks of any length, to frames ready to be sent."""

import numpy as np
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.g711 import encode_alaw, encode_mulaw
from rtp.g722 import G722Encoder
from rtp.resample import StreamResampler

Samples = NDArray[np.float32]
Frames = NDArray[np.uint8]


class WireEncoder:
    """One utterance at `rate` to 20 ms frames of what a leg of `codec` is sent.

    The frames do not depend on how the utterance was cut. An encoder serves one utterance.
    """

    def __init__(self, codec: Codec, rate: int) -> None:
        self._codec = codec.send_codec
        self._resampler = (
            None if rate == self._codec.sample_rate else StreamResampler(rate, codec.sample_rate)
        )
        self._g722 = G722Encoder()
        self._pending = np.empty(0, np.float32)

    def push(self, samples: Samples) -> Frames:
        """The whole frames (n, frame bytes) that `samples`, one-dimensional, complete."""
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._frames(samples)

    def finish(self) -> Frames:
        """The rest, its last frame filled up with silence."""
        tail = np.empty(0, np.float32) if self._resampler is None else self._resampler.finish()
        missing = -(len(self._pending) + len(tail)) % self._codec.frame_samples
        return self._frames(np.concatenate((tail, np.zeros(missing, np.float32))))

    def _frames(self, samples: Samples) -> Frames:
        ready = np.concatenate((self._pending, samples))
        whole = len(ready) // self._codec.frame_samples * self._codec.frame_samples
        self._pending = ready[whole:]
        return self._encode(ready[:whole]).reshape(-1, self._codec.frame_bytes)

    def _encode(self, samples: Samples) -> Frames:
        match self._codec:
            case Codec.PCMU:
                return encode_mulaw(samples)
            case Codec.PCMA:
                return encode_alaw(samples)
            case Codec.G722 | Codec.L16:
                return self._g722.encode(samples)

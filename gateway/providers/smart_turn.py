"""smart-turn v3.2: whether somebody sounds as if they had finished (Daily, BSD-2-Clause).

Its weights come inside the package pipecat-ai, which is not imported and whose dependencies are
not wanted (they would take soxr back a version): `pip install --no-deps pipecat-ai==1.14.0`. It
hears the last eight seconds as Whisper's log-mel picture. One look takes 30 to 50 ms of a core,
so it is asked once per pause.
"""

import asyncio
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gateway.providers.base import Samples
from gateway.providers.inference import Graph, workers
from gateway.providers.loading import Loading
from gateway.providers.weights import Weights, verified

NAME = "smart-turn"
RATE = 16000
SECONDS = 8
MODEL = Weights(
    "pipecat",
    "--no-deps pipecat-ai==1.14.0",
    "audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
    "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
)

_WINDOW, _HOP, _MELS = 400, 160, 80
_FLOOR = 1e-10
_DYNAMIC_RANGE = 8.0
"""Powers of ten below the loudest that are told apart."""


class SmartTurn:
    """Judges how speech ends. `rate` is the sample rate it wants; one object serves all calls."""

    name = NAME
    rate = RATE

    def __init__(self, model: Path | None = None, *, count: int = 1) -> None:
        """`model` is the ONNX file; without it the one in pipecat-ai is used."""
        self._pool = workers(NAME, count)
        self._loading = Loading(self._pool, lambda: _load(model))

    async def warm(self) -> None:
        """Load the model; raises ProviderRefused if it is not there or not the one we know."""
        await self._loading.model()

    async def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def finished(self, samples: Samples, /) -> float:
        """The probability, 0…1, that whoever said `samples` has finished."""
        graph = await self._loading.model()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _judge, graph, samples)


def _load(path: Path | None) -> Graph:
    return Graph(path or verified(MODEL))


def _judge(graph: Graph, samples: Samples) -> float:
    picture = log_mel(samples)[np.newaxis]
    (answer,) = graph.run({graph.inputs[0]: picture})
    return float(answer.reshape(-1)[0])


def log_mel(samples: Samples) -> Samples:
    """The end of `samples` at 16 kHz as a picture (80, 800): mel bands by hops of 10 ms.

    As Whisper's feature extractor has it: level normalised, Hann window of 25 ms, Slaney's mel
    filters, eight powers of ten of range, scaled to about -1…1.
    """
    wanted = SECONDS * RATE
    heard = np.zeros(wanted, np.float32)
    end = samples[-wanted:]
    heard[wanted - len(end) :] = end
    heard = (heard - heard.mean()) / np.sqrt(heard.var() + np.float32(1e-7))
    padded = np.pad(heard.astype(np.float64), _WINDOW // 2, mode="reflect")
    windows = sliding_window_view(padded, _WINDOW)[::_HOP][: wanted // _HOP]
    power = np.abs(np.fft.rfft(windows * _HANN, axis=-1)) ** 2
    bands = np.log10(np.maximum(_FLOOR, power @ _FILTERS)).T
    bands = np.maximum(bands, bands.max() - _DYNAMIC_RANGE)
    picture: Samples = ((bands + 4.0) / 4.0).astype(np.float32)
    return picture


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear to 1 kHz, logarithmic above."""
    above = 15.0 + np.log(np.maximum(hertz, 1000.0) / 1000.0) * 27.0 / np.log(6.4)
    return np.where(hertz < 1000.0, 3.0 * hertz / 200.0, above)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = 1000.0 * np.exp((np.maximum(mel, 15.0) - 15.0) * np.log(6.4) / 27.0)
    return np.where(mel < 15.0, 200.0 * mel / 3.0, above)


def _filters() -> NDArray[np.float64]:
    """Triangles of equal area, one per band: (frequencies, bands)."""
    highest = _mel(np.array(RATE / 2))
    corners = _hertz(np.linspace(0.0, float(highest), _MELS + 2))
    frequencies = np.linspace(0.0, RATE / 2, _WINDOW // 2 + 1)
    widths = np.diff(corners)
    slopes = corners[np.newaxis] - frequencies[:, np.newaxis]
    rising, falling = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    areas: NDArray[np.float64] = triangles * (2.0 / (corners[2:] - corners[:-2]))
    return areas


_HANN = np.hanning(_WINDOW + 1)[:-1]
_FILTERS = _filters()

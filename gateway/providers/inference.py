"""Computing on this machine: an ONNX graph on one thread, and threads that give way."""

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Tensor: TypeAlias = NDArray[np.float32] | NDArray[np.int64]

LOG_ERRORS_ONLY = 3
NICENESS = 5
"""How much nicer than the media clock these threads are (Linux keeps a niceness per thread)."""


def workers(name: str, count: int) -> ThreadPoolExecutor:
    """`count` threads for models; where they compete with the media clock, they give way."""
    return ThreadPoolExecutor(count, name, initializer=_give_way)


def _give_way() -> None:
    if sys.platform == "linux":
        # 0 is the calling thread: setpriority(2), C library/kernel differences
        os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)


class Graph:
    """A loaded model. `run` may be called from many threads; each call computes on its own one.

    Threads inside onnxruntime are off: a gateway has more calls than cores, so a call that
    takes two cores takes them from another call.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = LOG_ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = tuple(value.name for value in self._session.get_inputs())
        self.outputs = tuple(value.name for value in self._session.get_outputs())

    def run(
        self, feeds: Mapping[str, Tensor], outputs: Sequence[str] | None = None
    ) -> list[NDArray[np.float32]]:
        """The outputs asked for (all by default), in that order. Lets go of the GIL meanwhile."""
        tensors: list[NDArray[np.float32]] = self._session.run(outputs, feeds)
        return tensors

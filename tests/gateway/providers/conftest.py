"""The real embedded models, loaded once; prepared files stay in the cache between runs."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import soxr

from gateway.providers.base import Samples, Voice
from gateway.providers.hibari import RATE, Hibari
from gateway.providers.minilm import MiniLM
from gateway.providers.moonshine_decoder import MoonshineModel
from gateway.providers.moonshine_weights import prepare
from rtp import g711

Say = Callable[[str], Samples]
NARROW, WIDE = 8_000, 16_000
LEVEL = 0.07


@pytest.fixture(scope="session")
def cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "voice-gateway"


@pytest.fixture(scope="session")
def moonshine_model(cache: Path) -> MoonshineModel:
    return MoonshineModel(prepare(cache))


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="session")
def say() -> Say:
    """A sentence as a caller's telephone delivers it: 8 kHz mu-law, at 16 kHz for the ear."""
    voice = Hibari(workers=1)
    # a thread with a loop of its own, because tests that ask for speech may be in a loop already
    speaker = ThreadPoolExecutor(1)

    async def spoken(text: str) -> Samples:
        chunks = [chunk async for chunk in voice.synthesize(text, Voice("en-US"))]
        return np.concatenate([np.frombuffer(chunk.audio, np.float32) for chunk in chunks])

    @lru_cache
    def telephone(text: str) -> Samples:
        narrow = soxr.resample(speaker.submit(asyncio.run, spoken(text)).result(), RATE, NARROW)
        narrow *= LEVEL / np.sqrt(np.mean(np.square(narrow)))
        heard = g711.decode_mulaw(g711.encode_mulaw(narrow))
        wide: Samples = soxr.resample(heard, NARROW, WIDE).astype(np.float32)
        return wide

    return telephone

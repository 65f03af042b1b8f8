"""From the decision to say a phrase to its first packet on the wire, with and without the cache.

The real media engine, a real Redis and the embedded voice; the other end of the wire is a socket
that has the kernel's time of every packet, where Asterisk would be. The decision is the moment
at which the conversation hands the text to its voice.
"""

import asyncio
import random
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from gateway.app import VAD_MODEL
from gateway.config import Settings
from gateway.conversation.speaking import Speaking
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.conversation.utterance import Utterance
from gateway.lab.datagrams import received, timestamping_socket
from gateway.lab.redis import PrivateRedis
from gateway.providers import registry
from gateway.providers.base import TextToSpeech, Voice
from gateway.providers.weights import verified
from gateway.store.base import BytesStore
from gateway.store.redis import connected
from rtp.codec import Codec
from rtp.engine import EngineSettings, MediaEngine

SPEECH_BEGINS = 0x80
"""The marker bit in RTP's second byte (RFC 3551 §4.1)."""
VOICE = Voice("en-US")
HITS, MISSES = 300, 30
ON_ITS_WAY = 0.04
"""Seconds in which what was asked of the engine has surely been done."""
MOST_QUIET = 0.02
"""Seconds between two phrases, so that they fall anywhere in a frame."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Seconds from decision to first packet: of speech in memory, in Redis, and nowhere."""

    memory: Sequence[float]
    redis: Sequence[float]
    miss: Sequence[float]


async def decide() -> Decided:
    """Phrases one after the other on an otherwise silent line."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(PrivateRedis())
        store = await stack.enter_async_context(connected(redis.url, time.monotonic))
        settings = EngineSettings(rows=4, vad_model=verified(VAD_MODEL))
        engine = await stack.enter_async_context(MediaEngine(settings))
        tts = registry.text_to_speech(Settings.model_validate({"ari": {"password": "none"}}))
        await tts.warm()
        stage = _Stage(engine, tts, store)
        return Decided(
            memory=await stage.from_memory(HITS),
            redis=await stage.from_redis(HITS),
            miss=await stage.made_anew(MISSES),
        )


class _Stage:
    def __init__(self, engine: MediaEngine, tts: TextToSpeech, store: BytesStore) -> None:
        self._engine = engine
        self._tts = tts
        self._store = store
        self._chance = random.Random(0)

    async def from_memory(self, times: int) -> list[float]:
        maker = self._maker()
        await maker.prepare(["Yes."])
        return [await self._says("Yes.", maker) for _ in range(times)]

    async def from_redis(self, times: int) -> list[float]:
        """Each time by a gateway that has never said it."""
        await self._maker().prepare(["Yes."])
        return [await self._says("Yes.", self._maker()) for _ in range(times)]

    async def made_anew(self, times: int) -> list[float]:
        maker = self._maker()
        return [await self._says(f"That is number {number}.", maker) for number in range(times)]

    def _maker(self) -> SpeechMaker:
        return SpeechMaker(self._tts, VOICE, Codec.PCMU, SpeechLibrary(self._store))

    async def _says(self, text: str, maker: SpeechMaker) -> float:
        """Seconds from the decision until the first packet of `text` had come."""
        with self._line(maker) as (speaking, ear):
            await asyncio.sleep(ON_ITS_WAY + self._chance.uniform(0.0, MOST_QUIET))
            decided = time.monotonic()
            await speaking.say(speaking.utterance, text)
            return await first_of_speech(ear) - decided

    @contextmanager
    def _line(self, maker: SpeechMaker) -> Iterator[tuple[Speaking, socket.socket]]:
        """A call of its own for each phrase: its voice, and the other end of its wire."""
        with timestamping_socket() as ear:
            speaking: list[Speaking] = []
            leg = self._engine.open(
                ear.getsockname(), Codec.PCMU, on_tick=lambda tick: speaking[0].on_tick(tick)
            )
            speaking.append(Speaking(leg, maker, epoch=time.monotonic()))
            speaking[0].begin(Utterance())
            try:
                yield speaking[0], ear
            finally:
                leg.close()


async def first_of_speech(ear: socket.socket) -> float:
    """When the first packet of a talkspurt came."""
    while True:
        for arrived, datagram, _ in received(ear):
            if datagram[1] & SPEECH_BEGINS:
                return arrived
        await asyncio.sleep(ON_ITS_WAY / 2)

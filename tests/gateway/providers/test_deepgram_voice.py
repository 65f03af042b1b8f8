"""Aura's own ways: a voice for each language, and a text that is left is cleared."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from gateway.errors import ProviderRefused
from gateway.providers.base import SpeechChunk, Voice
from gateway.providers.deepgram_voice import MOST_REQUESTS, DeepgramVoice
from tests.vendors import deepgram_voice
from tests.waiting import until


async def say(tts: DeepgramVoice, text: str, voice: Voice) -> None:
    async for _ in tts.synthesize(text, voice):
        pass


async def test_what_is_asked() -> None:
    async with deepgram_voice.serving() as server:
        tts = DeepgramVoice(api_key="k", base_url=server.address)
        await say(tts, "Hallo", Voice("de-AT"))
        await say(tts, "Hi", Voice("en-GB", "aura-2-zeus-en", 9.0))
        await tts.close()
        first, second = server.queries
    assert first == {"model": "aura-2-aurelia-de", "encoding": "mulaw", "sample_rate": "8000"}
    assert (second["model"], second["speed"]) == ("aura-2-zeus-en", "1.5")
    assert [each["type"] for each in server.told] == ["Speak", "Flush"] * 2
    assert server.conduct.keys == ["Token k"] * 2


async def test_a_language_without_a_voice_is_refused() -> None:
    tts = DeepgramVoice(api_key="k", base_url="http://127.0.0.1:9")
    with pytest.raises(ProviderRefused):
        await say(tts, "Merhaba", Voice("tr-TR"))


async def test_a_text_that_is_left_is_cleared_and_its_connection_closed() -> None:
    async with deepgram_voice.serving() as server:
        server.conduct.drip = 0.01
        tts = DeepgramVoice(api_key="k", base_url=server.address)
        chunks = tts.synthesize("a" * 100, Voice("en-US"))
        assert isinstance(chunks, AsyncGenerator)
        made: AsyncGenerator[SpeechChunk] = chunks
        async with aclosing(made):
            await anext(made)
        await until(lambda: server.sockets == 0)
        assert [each["type"] for each in server.told] == ["Speak", "Flush", "Clear"]
        await tts.close()


async def test_a_connection_is_not_used_for_ever() -> None:
    async with deepgram_voice.serving() as server:
        tts = DeepgramVoice(api_key="k", base_url=server.address)
        for _ in range(MOST_REQUESTS + 1):
            await say(tts, "a", Voice("en-US"))
        assert server.dialled == 2
        await tts.close()

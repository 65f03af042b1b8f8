"""What OpenAI and Groq are asked to hear and to say."""

import numpy as np

from gateway.providers.base import Voice
from gateway.providers.openai_ear import UploadEar
from gateway.providers.openai_voice import OpenAiVoice
from tests.vendors import openai_audio


async def test_language_model_and_words_to_expect_reach_the_ear() -> None:
    async with openai_audio.serving("ja") as server:
        stt = UploadEar(
            "openai", api_key="k", model="m", base_url=f"{server.address}/v1", rate=8000
        )
        async with stt.open(language="de-DE", keyterms=("Hibari", "Anna")) as ear:
            ear.begin()
            ear.feed(np.full(4000, 0.3, np.float32))
            ear.end()
            assert [(await anext(aiter(ear.transcripts()))).text] == ["ja ja"]
        await stt.close()
        (asked,) = server.conduct.requests
    assert asked == {
        "model": "m",
        "language": "de",
        "prompt": "Hibari, Anna",
        "response_format": "json",
    }
    assert server.rates == [8000]
    assert server.conduct.keys == ["Bearer k"]


async def test_voice_speed_and_manner_reach_the_voice() -> None:
    async with openai_audio.serving() as server:
        tts = OpenAiVoice(
            api_key="k", model="m", base_url=f"{server.address}/v1", instructions="Warmly."
        )
        for voice in (Voice("de-DE"), Voice("de-DE", "nova", 9.0)):
            async for chunk in tts.synthesize("Hallo", voice):
                assert len(chunk.audio) % 2 == 0
        await tts.close()
        first, second = server.conduct.requests
    assert first == {
        "input": "Hallo",
        "model": "m",
        "voice": "alloy",
        "response_format": "pcm",
        "instructions": "Warmly.",
    }
    assert (second["voice"], second["speed"]) == ("nova", 4.0)

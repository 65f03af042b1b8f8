"""ElevenLabs' own ways: what a connection is for, when words are said, and what errors mean."""

import json

import pytest

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.providers.base import Voice, WordTime
from gateway.providers.elevenlabs import ElevenLabs
from tests.vendors import elevenlabs
from tests.vendors.elevenlabs import CHARACTER_MS, ElevenLabsServer

SECONDS = CHARACTER_MS / 1000


def voice_of(server: ElevenLabsServer, model: str = "eleven_flash_v2_5") -> ElevenLabs:
    return ElevenLabs(api_key="k", model=model, base_url=server.address)


async def words(tts: ElevenLabs, text: str, voice: Voice) -> list[WordTime]:
    return [word async for chunk in tts.synthesize(text, voice) for word in chunk.words]


async def test_what_is_asked() -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        await words(tts, "Hallo.", Voice("de-DE", "abc", 9.0))
        await tts.close()
        (query,) = server.queries
    assert server.paths == ["/v1/text-to-speech/abc/multi-stream-input"]
    assert query["output_format"] == "ulaw_8000"
    assert query["language_code"] == "de"
    first, second, third = server.told
    assert first["voice_settings"] == {"speed": 1.2}
    assert (second["text"], second["flush"]) == ("Hallo. ", True)
    assert third["close_context"] is True
    assert len({each["context_id"] for each in server.told}) == 1


async def test_models_that_hear_the_language_are_not_told() -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server, "eleven_flash_v2")
        await words(tts, "Hello.", Voice("en-US"))
        await tts.close()
        assert "language_code" not in server.queries[0]


async def test_words_are_timed_across_pieces() -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        timed = await words(tts, "Good morning!", Voice("en-US"))
        ideographs = await words(tts, "您好", Voice("zh-CN"))
        await tts.close()
    assert [word.word for word in timed] == ["Good", "morning!"]
    assert [word.start for word in timed] == pytest.approx([0.0, 5 * SECONDS])
    assert [word.word for word in ideographs] == ["您", "好"]
    assert [word.start for word in ideographs] == pytest.approx([0.0, SECONDS])


async def test_one_connection_serves_one_text_after_the_other() -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        for text in ("One.", "Two.", "Three."):
            await words(tts, text, Voice("en-US"))
        assert server.dialled == 1
        await words(tts, "Vier.", Voice("de-DE"))
        assert server.dialled == 2, "another language is another connection"
        await tts.close()


async def test_a_line_is_ready_before_the_first_word() -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        await words(tts, "One.", Voice("en-US", "abc"))
        await tts.warm()
        await words(tts, "Two.", Voice("en-US", "abc"))
        assert server.dialled == 1
        await tts.close()


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("quota_exceeded", ProviderRefused),
        ("invalid_api_key", ProviderRefused),
        ("max_active_conversations", ProviderRateLimited),
        ("something_new", ProviderUnavailable),
    ],
)
async def test_an_error_comes_as_a_message(kind: str, meant: type[ProviderError]) -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        told = {"message": "private words", "error": kind, "code": 1008}
        server.conduct.instead = json.dumps(told)
        with pytest.raises(ProviderError) as caught:
            await words(tts, "Hello.", Voice("en-US"))
        await tts.close()
    assert type(caught.value) is meant
    assert "private words" not in str(caught.value)


@pytest.mark.parametrize(
    "instead",
    [
        '{"audio": "AAAA", "alignment": {"chars": [1], "charStartTimesMs": ["x"]}}',
        '{"what": 1}',
        "[]",
    ],
)
async def test_what_is_not_understood(instead: str) -> None:
    async with elevenlabs.serving() as server:
        tts = voice_of(server)
        server.conduct.instead = instead
        with pytest.raises(ProviderProtocol):
            await words(tts, "Hello.", Voice("en-US"))
        await tts.close()

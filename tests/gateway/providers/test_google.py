"""Google's own ways: the names of voices, and its file of a key."""

from pathlib import Path

import pytest
from google.cloud import texttospeech_v1 as texttospeech

from gateway.errors import ProviderRefused
from gateway.providers.base import TextToSpeech, Voice
from gateway.providers.google import Google, service_account
from tests.gateway.providers.vendor_voices import VOICES
from tests.vendors import google


async def say(tts: TextToSpeech, text: str, voice: Voice) -> None:
    async for _ in tts.synthesize(text, voice):
        pass


async def test_voice_language_and_speed_reach_the_vendor() -> None:
    async with google.serving() as server:
        tts = VOICES["google"].make(server.address)
        await say(tts, "Grüß Gott, 您好 🙂", Voice("de-DE", "Charon", 1.1))
        await say(tts, "Hi", Voice("en-US", "en-GB-Chirp3-HD-Leda", 9.0))
        first, second = server.configs
        await tts.close()
    assert server.texts[0] == "Grüß Gott, 您好 🙂"
    assert (first.voice.language_code, first.voice.name) == ("de-DE", "de-DE-Chirp3-HD-Charon")
    assert first.streaming_audio_config.audio_encoding == texttospeech.AudioEncoding.MULAW
    assert first.streaming_audio_config.sample_rate_hertz == 8000
    assert first.streaming_audio_config.speaking_rate == pytest.approx(1.1)
    assert second.voice.name == "en-GB-Chirp3-HD-Leda"
    assert second.streaming_audio_config.speaking_rate == 2.0


async def test_a_file_that_is_no_service_account(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    for content in (None, "{}", "s3cret"):
        if content is not None:
            file.write_text(content, "utf-8")
        tts = Google(service_account(file, "texttospeech.googleapis.com"))
        with pytest.raises(ProviderRefused) as caught:
            await tts.warm()
        assert "s3cret" not in str(caught.value)

"""Google's own ways: the names of voices, and its file of a key."""

import asyncio
import json
from base64 import urlsafe_b64decode
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
from google.cloud import texttospeech_v1 as texttospeech

from gateway.errors import ProviderRateLimited, ProviderRefused
from gateway.providers.base import TextToSpeech, Voice
from gateway.providers.google import Google, service_account
from gateway.providers.google_rpc import Account
from gateway.providers.google_stt import GoogleEar
from gateway.providers.google_stt import service_account as ear_account
from gateway.providers.streams import closing
from tests.benchmarks.crowd import certify
from tests.gateway.providers.vendor_ears import EARS
from tests.gateway.providers.vendor_voices import VOICES
from tests.vendors import google, google_stt
from tests.vendors.google_stt import ENCODINGS
from tests.waiting import until


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


def test_requests_show_a_token_that_was_signed_once(tmp_path: Path) -> None:
    certify(tmp_path)
    account = Account(tmp_path / "account.json", "speech.googleapis.com")
    shown = account.headers()
    claims = dict(shown)["authorization"].removeprefix("Bearer ").split(".")[1]
    token = json.loads(urlsafe_b64decode(claims + "=="))
    assert (account.project, token["aud"]) == ("bench", "https://speech.googleapis.com/")
    assert token["iss"] == token["sub"] == "bench@bench.iam.gserviceaccount.com"
    assert account.headers() == shown


async def test_a_refusal_before_the_text_is_read_keeps_its_reason() -> None:
    async with google.serving() as server:
        tts = VOICES["google"].make(server.address)
        server.hasty, server.conduct.status = True, 401
        asked = (say(tts, "Hello", Voice("en-US")) for _ in range(100))
        results = await asyncio.gather(*asked, return_exceptions=True)
        await tts.close()
    assert {type(each) for each in results} == {ProviderRefused}


async def test_streams_that_a_connection_does_not_take_get_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(google, "MOST_STREAMS", 4)
    async with google.serving() as server, AsyncExitStack() as calls:
        tts = VOICES["google"].make(server.address)
        server.conduct.drip = 0.02
        asked = [tts.synthesize("a" * 1000, Voice("en-US")) for _ in range(25)]
        streams = [await calls.enter_async_context(closing(each)) for each in asked]
        begun = await asyncio.gather(*(anext(each) for each in streams))
        assert all(chunk.audio for chunk in begun)
        assert (server.open, len(server.peers)) == (25, 7)
        await calls.aclose()
        await tts.close()


async def test_when_to_come_again_has_a_fraction() -> None:
    async with google.serving() as server:
        tts = VOICES["google"].make(server.address)
        server.conduct.status, server.conduct.retry_after = 429, 0.25
        with pytest.raises(ProviderRateLimited) as caught:
            await say(tts, "Hello", Voice("en-US"))
        await tts.close()
    assert caught.value.retry_after == 0.25


async def test_telephone_audio_language_and_terms_reach_the_vendor() -> None:
    async with google_stt.serving("yes") as server:
        stt = EARS["google"].make(server.address, 8000)
        async with stt.open(language="zh-CN", keyterms=("Hibari",)) as ear:
            ear.begin()
            ear.feed(np.full(800, 0.5, np.float32))
            await until(lambda: bool(server.configs))
        await stt.close()
    (first,) = server.configs
    config = first.streaming_config.config
    assert first.recognizer == "projects/project/locations/global/recognizers/_"
    assert list(config.language_codes) == ["cmn-Hans-CN"]
    assert config.explicit_decoding_config.encoding == ENCODINGS.MULAW
    (phrases,) = config.adaptation.phrase_sets
    assert [each.value for each in phrases.inline_phrase_set.phrases] == ["Hibari"]


async def test_an_ear_needs_an_account_too(tmp_path: Path) -> None:
    for content in (None, "{}", "s3cret"):
        file = tmp_path / "key.json"
        if content is not None:
            file.write_text(content, "utf-8")
        stt = GoogleEar(ear_account(file, "eu"), model="telephony", rate=8000)
        with pytest.raises(ProviderRefused) as caught:
            await stt.warm()
        assert "s3cret" not in str(caught.value)

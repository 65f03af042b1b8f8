"""What every voice promises: the real SDKs against local servers, and the embedded one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.cloud import texttospeech_v1 as texttospeech
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, TextToSpeech, Voice
from gateway.providers.google import Google, service_account
from gateway.providers.hibari import Hibari
from tests.vendors import google
from tests.vendors.conduct import until
from tests.vendors.google import GoogleServer

ENGLISH = Voice("en-US")


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[Google, GoogleServer]]:
    """Nothing is left behind: no task, and no request at the server."""
    tasks = asyncio.all_tasks()
    async with google.serving() as server:

        def connect() -> texttospeech.TextToSpeechAsyncClient:
            channel = grpc.aio.insecure_channel(server.address)
            transport = TextToSpeechGrpcAsyncIOTransport(channel=channel)
            return texttospeech.TextToSpeechAsyncClient(transport=transport)

        voice = Google(connect)
        try:
            yield voice, server
            await until(lambda: server.open == 0)
        finally:
            await voice.close()
    await until(lambda: asyncio.all_tasks() <= tasks)


async def say(tts: TextToSpeech, text: str, voice: Voice = ENGLISH) -> bytes:
    return b"".join([chunk.audio async for chunk in tts.synthesize(text, voice)])


def chunks(tts: TextToSpeech, text: str) -> AsyncGenerator[SpeechChunk, None]:
    made = tts.synthesize(text, ENGLISH)
    assert isinstance(made, AsyncGenerator)
    return made


async def test_sound_comes_as_it_is_made_in_the_telephones_format() -> None:
    async with speaking() as (tts, server):
        server.conduct.drip = 0.05
        async with aclosing(chunks(tts, "Hello, how are you today?")) as made, asyncio.timeout(3):
            first = await anext(made)
    assert first == SpeechChunk(b"H" * google.CHUNK, AudioFormat(Encoding.MULAW, 8000))


async def test_everything_is_said_in_its_order() -> None:
    async with speaking() as (tts, _):
        audio = await say(tts, "abc")
    assert audio == b"".join(
        letter * google.CHUNK * google.CHUNKS_PER_CHARACTER for letter in (b"a", b"b", b"c")
    )


async def test_voice_language_and_speed_reach_the_vendor() -> None:
    async with speaking() as (tts, server):
        await say(tts, "Grüß Gott, 您好 🙂", Voice("de-DE", "Charon", 1.1))
        await say(tts, "Hi", Voice("en-US", "en-GB-Chirp3-HD-Leda", 9.0))
        first, second = server.configs
    assert server.texts[0] == "Grüß Gott, 您好 🙂"
    assert (first.voice.language_code, first.voice.name) == ("de-DE", "de-DE-Chirp3-HD-Charon")
    assert first.streaming_audio_config.audio_encoding == texttospeech.AudioEncoding.MULAW
    assert first.streaming_audio_config.sample_rate_hertz == 8000
    assert first.streaming_audio_config.speaking_rate == pytest.approx(1.1)
    assert second.voice.name == "en-GB-Chirp3-HD-Leda"
    assert second.streaming_audio_config.speaking_rate == 2.0


async def test_nothing_to_say_is_not_asked() -> None:
    async with speaking() as (tts, server):
        assert await say(tts, " ") == b""
        assert server.configs == []


async def test_twenty_calls_at_once() -> None:
    async with speaking() as (tts, _):
        said = await asyncio.gather(*(say(tts, letter) for letter in "abcdefghijklmnopqrst"))
    assert [audio[:1] for audio in said] == [bytes([each]) for each in b"abcdefghijklmnopqrst"]


async def test_speech_that_is_closed_is_cancelled_at_the_vendor() -> None:
    async with speaking() as (tts, server):
        server.conduct.drip = 0.02
        async with aclosing(chunks(tts, "a" * 100)) as made:
            await anext(made)
        async with asyncio.timeout(5):
            await server.conduct.abandoned.wait()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefused),
        (401, ProviderRefused),
        (403, ProviderRefused),
        (429, ProviderRateLimited),
        (500, ProviderUnavailable),
        (503, ProviderUnavailable),
        (504, ProviderTimeout),
    ],
)
async def test_what_a_refusal_means(status: int, error: type[ProviderError]) -> None:
    async with speaking() as (tts, server):
        server.conduct.status = status
        with pytest.raises(ProviderError) as caught:
            await say(tts, "Hello")
    assert type(caught.value) is error
    assert "private words" not in str(caught.value)


async def test_a_connection_that_breaks_in_mid_sentence() -> None:
    async with speaking() as (tts, server):
        server.conduct.cut_after = 3
        with pytest.raises(ProviderUnavailable):
            await say(tts, "Hello")


async def test_a_sign_of_life() -> None:
    async with speaking() as (tts, server):
        await tts.warm()
        server.conduct.status = 401
        with pytest.raises(ProviderRefused):
            await tts.warm()


async def test_a_file_that_is_no_service_account(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    for content in (None, "{}", "s3cret"):
        if content is not None:
            file.write_text(content, "utf-8")
        tts = Google(service_account(file, "texttospeech.googleapis.com"))
        with pytest.raises(ProviderRefused) as caught:
            await tts.warm()
        assert "s3cret" not in str(caught.value)


async def test_the_embedded_voice_keeps_the_same_promises() -> None:
    tts = Hibari(workers=1)
    assert await say(tts, "Hello.")
    async with aclosing(chunks(tts, "Hello. Good morning.")) as made:
        assert (await anext(made)).audio
    with pytest.raises(ProviderRefused):
        await say(tts, "Hallo.", Voice("de-DE"))

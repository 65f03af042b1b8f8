"""What every voice promises: the real SDKs against local servers, and the embedded one."""

import asyncio
import string
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import cast

import pytest

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import SpeechChunk, TextToSpeech, Voice
from gateway.providers.hibari import Hibari
from tests.gateway.providers.vendor_voices import VOICES, CloudVoice, VoiceOf, VoiceServer
from tests.vendors.conduct import connections, crowd
from tests.vendors.sound import spoken
from tests.waiting import until

ENGLISH = Voice("en-US")
LETTERS = string.ascii_letters[:50]


@pytest.fixture(params=VOICES)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> VoiceOf:
    """With all the time a busy machine may need; a test of a vendor that hangs takes it back."""
    chosen = VOICES[cast(str, request.param)]
    for deadline in chosen.deadlines:
        monkeypatch.setattr(deadline, 60.0)
    return chosen


@asynccontextmanager
async def speaking(vendor: VoiceOf) -> AsyncIterator[tuple[CloudVoice, VoiceServer]]:
    """Nothing is left behind: no task, no request and no connection at the server."""
    tasks = asyncio.all_tasks()
    async with vendor.serving() as server:
        voice = vendor.make(server.address)
        try:
            yield voice, server
            await until(lambda: server.open == 0)
        finally:
            await voice.close()
        await until(lambda: connections(server) == 0)
    await until(lambda: asyncio.all_tasks() <= tasks)


async def say(tts: TextToSpeech, text: str, voice: Voice = ENGLISH) -> bytes:
    return b"".join([chunk.audio async for chunk in tts.synthesize(text, voice)])


def chunks(tts: TextToSpeech, text: str) -> AsyncGenerator[SpeechChunk, None]:
    made = tts.synthesize(text, ENGLISH)
    assert isinstance(made, AsyncGenerator)
    return made


async def test_sound_comes_as_it_is_made_in_the_telephones_format(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.drip = 0.05
        async with aclosing(chunks(tts, "Hello, how are you today?")) as made:
            first = await anext(made)
            assert server.open == 1, "the vendor is still speaking"
    assert first.audio.startswith(b"H")
    assert len(first.audio) < len(b"".join(spoken("Hello")))
    assert first.format == vendor.format


async def test_everything_is_said_in_its_order(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, _):
        audio = await say(tts, "abc")
    assert audio == b"".join(spoken("abc"))


async def test_any_script_reaches_the_vendor(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        await say(tts, "Grüß Gott, 您好 🙂", Voice("de-DE"))
    assert "".join(server.texts).strip() == "Grüß Gott, 您好 🙂"


async def test_nothing_to_say_is_not_asked(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        assert await say(tts, " ") == b""
        assert server.texts == []


async def test_fifty_calls_at_once(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, _):
        said = await asyncio.gather(*(say(tts, letter) for letter in LETTERS))
    assert [audio[:1].decode() for audio in said] == list(LETTERS)


async def test_nobody_waits_for_the_calls_of_others_to_end(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server), asyncio.TaskGroup() as calls:
        server.conduct.delay = 60.0
        await crowd(calls, lambda: say(tts, "Hello"), lambda: server.open)


async def test_speech_that_is_closed_is_cancelled_at_the_vendor(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.drip = 0.02
        async with aclosing(chunks(tts, "a" * 100)) as made:
            await anext(made)
        async with asyncio.timeout(60):
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
async def test_what_a_refusal_means(
    vendor: VoiceOf, status: int, error: type[ProviderError]
) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.status = status
        with pytest.raises(ProviderError) as caught:
            await say(tts, "Hello")
    assert type(caught.value) is error
    assert "private words" not in str(caught.value)


async def test_when_to_come_again(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.status, server.conduct.retry_after = 429, 7
        with pytest.raises(ProviderRateLimited) as caught:
            await say(tts, "Hello")
    assert caught.value.retry_after == 7


async def test_a_connection_that_breaks_in_mid_sentence(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.cut_after = 3
        with pytest.raises(ProviderUnavailable):
            await say(tts, "Hello")


async def test_nobody_is_there(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        await server.stop()
        for ask in (say(tts, "Hello"), tts.warm()):
            with pytest.raises(ProviderUnavailable):
                await ask


async def test_a_vendor_that_hangs(vendor: VoiceOf, monkeypatch: pytest.MonkeyPatch) -> None:
    for deadline in vendor.deadlines:
        monkeypatch.setattr(deadline, 0.1)
    async with speaking(vendor) as (tts, server):
        server.conduct.delay = 60.0
        with pytest.raises(ProviderTimeout):
            await say(tts, "Hello")


@pytest.mark.parametrize("vendor", [each for each in VOICES.values() if each.nonsense])
async def test_an_answer_that_is_not_understood(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.instead = vendor.nonsense
        with pytest.raises(ProviderUnavailable) as caught:
            await say(tts, "Hello")
    assert "private words" not in str(caught.value)


async def test_a_sign_of_life(vendor: VoiceOf) -> None:
    async with speaking(vendor) as (tts, server):
        server.conduct.status = 401
        with pytest.raises(ProviderRefused):
            await tts.warm()
        server.conduct.status = 200
        await tts.warm()


async def test_no_connection_is_made_in_a_turn(vendor: VoiceOf) -> None:
    """A profile's phrases are spoken at the start, so its voice is known."""
    async with speaking(vendor) as (tts, server):
        await say(tts, "Welcome.")
        await tts.warm()
        made = connections(server)
        for words in ("Hello.", "How are you?"):
            await say(tts, words)
            assert connections(server) == made


async def test_the_embedded_voice_keeps_the_same_promises() -> None:
    tts = Hibari(workers=1)
    assert await say(tts, "Hello.")
    async with aclosing(chunks(tts, "Hello. Good morning.")) as made:
        assert (await anext(made)).audio
    with pytest.raises(ProviderRefused):
        await say(tts, "Hallo.", Voice("de-DE"))

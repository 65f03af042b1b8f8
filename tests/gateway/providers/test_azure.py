"""Azure's own ways: its SDK understands our server, turns share a connection, and SSML."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.etree import ElementTree

import numpy as np
import pytest

from gateway.errors import ProviderRateLimited, ProviderRefused
from gateway.providers.azure import ssml
from gateway.providers.base import SpeechToText, Transcriber, Voice
from tests.gateway.providers.vendor_ears import EARS
from tests.vendors import azure_stt
from tests.vendors.azure_stt import AzureEarServer
from tests.waiting import until


@asynccontextmanager
async def hearing(*words: str) -> AsyncIterator[tuple[SpeechToText, AzureEarServer]]:
    async with azure_stt.serving(*words) as server:
        stt = EARS["azure"].make(server.address, 8000)
        try:
            yield stt, server
        finally:
            await stt.close()


async def final(ear: Transcriber) -> str:
    async with asyncio.timeout(60):
        async for transcript in ear.transcripts():
            if transcript.final:
                assert transcript.confidence == pytest.approx(0.9)
                return transcript.text
    raise AssertionError("no final transcript")


def say(ear: Transcriber) -> None:
    ear.begin()
    ear.feed(np.full(2000, 0.5, np.float32))
    ear.end()


async def test_the_vendors_own_sdk_understands_the_local_server() -> None:
    async with azure_stt.serving("good", "morning") as server:
        sdk = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.vendors.azure_sdk", server.address),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await sdk.communicate()
    said = output.decode().splitlines()
    assert said[0].startswith("recognizing good")
    assert said[-2:] == ["recognized good morning", "canceled CancellationReason.EndOfStream"]


async def test_the_turns_of_a_call_share_the_connection_that_was_opened_with_it() -> None:
    async with hearing("yes") as (stt, server):
        async with stt.open(language="en-US") as ear:
            assert server.connections == 1
            for _ in range(3):
                say(ear)
                assert await final(ear) == "yes"
        assert server.connections == 1
        await until(lambda: server.open == 0)


async def test_a_connection_that_azure_closed_is_opened_again() -> None:
    async with hearing("yes") as (stt, server), stt.open(language="en-US") as ear:
        await server.hang_up()
        await until(lambda: server.open == 0)
        say(ear)
        assert await final(ear) == "yes"
    assert server.connections == 2


async def test_language_and_terms_reach_the_vendor() -> None:
    terms = ("Hibari", "Asterisk")
    async with (
        hearing("ja") as (stt, server),
        stt.open(language="de-DE", keyterms=terms) as ear,
    ):
        say(ear)
        await until(lambda: bool(server.contexts))
    (query,), (context,) = server.queries, server.contexts
    assert query == {"language": "de-DE", "format": "detailed"}
    assert context["dgi"] == {
        "Groups": [{"Type": "Generic", "Items": [{"Text": "Hibari"}, {"Text": "Asterisk"}]}],
        "bias": 1.0,
    }


@pytest.mark.parametrize(
    ("status", "error"),
    [("TooManyRequests", ProviderRateLimited), ("Forbidden", ProviderRefused)],
)
async def test_a_refusal_in_mid_turn(status: str, error: type[Exception]) -> None:
    async with hearing("yes") as (stt, server):
        server.conduct.instead = f'{{"RecognitionStatus": "{status}"}}'
        async with stt.open(language="en-US") as ear:
            ear.begin()
            ear.feed(np.full(1000, 0.5, np.float32))
            ear.feed(np.full(1000, 0.5, np.float32))
            ear.end()
            with pytest.raises(error):
                await final(ear)


def test_any_text_is_only_text_in_ssml() -> None:
    said = 'Fish & <break time="9s"/> "chips" \x00\ud800 您好 🙂'
    speak = ElementTree.fromstring(ssml(said, Voice("de-DE", None, 1.25), "en-US-Ava"))
    assert "".join(speak.itertext()) == 'Fish & <break time="9s"/> "chips"    您好 🙂'
    (voice,) = speak
    assert voice.get("name") == "en-US-Ava"
    (language,) = voice
    assert language.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "de-DE"}
    (prosody,) = language
    assert prosody.get("rate") == "+25%"


@pytest.mark.parametrize(("speed", "rate"), [(1.0, "+0%"), (0.1, "-50%"), (9.0, "+100%")])
def test_speed_stays_where_azure_can_follow(speed: float, rate: str) -> None:
    assert f'rate="{rate}"' in ssml("Hello", Voice("en-US", "en-GB-Ada", speed), "x")
    assert 'name="en-GB-Ada"' in ssml("Hello", Voice("en-US", "en-GB-Ada", speed), "x")

"""Amazon's own ways: signatures, its event stream, errors by name, and voices by language."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from botocore.session import Session

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.providers import amazon
from gateway.providers.amazon import Credentials, Signer, refusal
from gateway.providers.amazon_events import decoded, encoded
from gateway.providers.amazon_stt import AmazonEar
from gateway.providers.amazon_tts import DEFAULT_VOICES, AmazonVoice, request
from gateway.providers.base import Voice
from gateway.providers.coverage import SPOKEN, vendor_code
from tests.vendors import amazon as amazon_server
from tests.vendors import amazon_stt
from tests.vendors.amazon_stt import AmazonEarServer, framed, unframed
from tests.vendors.aws_signature import SECRET
from tests.waiting import until


@asynccontextmanager
async def hearing(secret: str = SECRET) -> AsyncIterator[tuple[AmazonEar, AmazonEarServer]]:
    async with amazon_stt.serving("yes") as server:
        signer = Signer("eu-west-1", lambda: Credentials("key", secret))
        stt = AmazonEar(signer, url=server.address, rate=8000)
        try:
            yield stt, server
        finally:
            await stt.close()


async def test_telephone_audio_and_language_reach_the_vendor_signed() -> None:
    async with hearing() as (stt, server), stt.open(language="nb-NO") as ear:
        ear.begin()
        ear.feed(np.full(800, 0.5, np.float32))
        await until(lambda: bool(server.queries))
    (query,) = server.queries
    assert (query["language-code"], query["sample-rate"]) == ("no-NO", "8000")
    assert (query["media-encoding"], query["X-Amz-Expires"]) == ("pcm", "300")


async def test_another_secret_is_refused() -> None:
    async with hearing("wrong") as (stt, _):
        with pytest.raises(ProviderRefused, match="403"):
            await stt.warm()
    async with amazon_server.serving() as server:
        tts = AmazonVoice(
            Signer("eu-west-1", lambda: Credentials("key", "wrong")),
            url=server.address,
            engine="neural",
        )
        with pytest.raises(ProviderRefused):
            async for _ in tts.synthesize("Hello", Voice("en-US")):
                pass
        await tts.close()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("BadRequestException", ProviderRefused),
        ("UnrecognizedClientException", ProviderRefused),
        ("LimitExceededException", ProviderRateLimited),
        ("ThrottlingException", ProviderRateLimited),
        ("InternalFailureException", ProviderUnavailable),
        ("ServiceUnavailableException", ProviderUnavailable),
    ],
)
async def test_a_stream_is_refused_by_the_name_of_an_error(
    name: str, error: type[ProviderError]
) -> None:
    async with hearing() as (stt, server):
        server.exception = name
        with pytest.raises(ProviderError) as caught:
            await stt.warm()
    assert type(caught.value) is error
    assert name in str(caught.value)
    assert "private words" not in str(caught.value)


def test_throttling_is_told_with_status_400_as_well() -> None:
    error = refusal(400, {"x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/"})
    assert isinstance(error, ProviderRateLimited)
    assert str(error) == "amazon: 429 ThrottlingException"
    assert isinstance(refusal(400, {}), ProviderRefused)


def test_messages_are_those_of_an_event_stream() -> None:
    headers = {":message-type": "event", ":event-type": "AudioEvent"}
    message = encoded(headers, b"audio")
    assert message == framed(headers, b"audio")
    assert unframed(message) == (headers, b"audio")
    event = decoded(message)
    assert event is not None
    assert (event.headers, event.payload) == (headers, b"audio")


@pytest.mark.parametrize("damage", [b"", b"short", encoded({}, b"audio")[:-1] + b"x"])
def test_what_is_damaged_is_no_message(damage: bytes) -> None:
    assert decoded(damage) is None


def test_every_language_has_a_voice_that_amazon_knows() -> None:
    model = Session().get_service_model("polly")
    assert set(DEFAULT_VOICES.values()) <= set(model.shape_for("VoiceId").enum)
    assert set(DEFAULT_VOICES) == set(SPOKEN["amazon"])
    assert set(DEFAULT_VOICES) <= set(model.shape_for("LanguageCode").enum)


def test_what_polly_is_asked_for() -> None:
    assert request("Hallo & <b>", Voice("de-DE"), "neural") == {
        "Engine": "neural",
        "OutputFormat": "mulaw",
        "SampleRate": "8000",
        "Text": "Hallo & <b>",
        "TextType": "text",
        "VoiceId": "Vicki",
    }
    slow = request("Fish & chips", Voice("hi-IN", speed=0.9), "neural")
    assert slow["Text"] == '<speak><prosody rate="90%">Fish &amp; chips</prosody></speak>'
    assert (slow["TextType"], slow["VoiceId"], slow["LanguageCode"]) == ("ssml", "Kajal", "hi-IN")
    assert request("Hi", Voice("ru-RU"), "neural")["Engine"] == "standard"
    assert request("Hi", Voice("en-US", "Matthew"), "generative")["VoiceId"] == "Matthew"
    assert vendor_code(Kind.TTS, "amazon", "zh-CN") == "cmn-CN"


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        def get_credentials(self) -> None:
            return None

    monkeypatch.setattr(amazon, "Session", Empty)
    with pytest.raises(ProviderRefused, match="set AWS_ACCESS_KEY_ID"):
        amazon.usual_credentials()()


def test_credentials_of_the_environment_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t0ken")
    found = amazon.usual_credentials()()
    assert found == Credentials("key", "s3cret", "t0ken")
    assert "s3cret" not in repr(found)
    assert "t0ken" not in repr(found)

"""The voices of the conformance suite: for each its vendor's local server, and how it is made."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import grpc
from google.cloud import texttospeech_v1 as texttospeech
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from gateway.providers.amazon import Credentials, Signer
from gateway.providers.amazon_tts import AmazonVoice
from gateway.providers.azure import Azure
from gateway.providers.base import AudioFormat, Encoding, TextToSpeech
from gateway.providers.deepgram_voice import DeepgramVoice
from gateway.providers.elevenlabs import ElevenLabs
from gateway.providers.google import Google
from gateway.providers.google_rpc import OPTIONS, Access
from gateway.providers.openai_voice import OpenAiVoice
from tests.vendors import amazon, azure, deepgram_voice, elevenlabs, google, openai_audio
from tests.vendors.aws_signature import SECRET
from tests.vendors.conduct import VendorServer

KEY = "sk-very-secret"
TELEPHONE = AudioFormat(Encoding.MULAW, 8_000)


class VoiceServer(VendorServer, Protocol):
    """Every character sounds as CHUNKS_PER_CHARACTER chunks of a byte of its own."""

    texts: list[str]


class CloudVoice(TextToSpeech, Protocol):
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class VoiceOf:
    """`make` takes the server's address; the sound comes in `format`.

    `nonsense` stands in place of the second piece; None where the wire's own library reads it.
    `deadlines` names constants that bound the time to a connection or an answer.
    """

    serving: Callable[[], AbstractAsyncContextManager[VoiceServer]]
    make: Callable[[str], CloudVoice]
    format: AudioFormat = TELEPHONE
    nonsense: str | None = None
    deadlines: tuple[str, ...] = ()


def _google(address: str) -> CloudVoice:
    def connect() -> Access[texttospeech.TextToSpeechAsyncClient]:
        channel = grpc.aio.insecure_channel(address, OPTIONS)
        transport = TextToSpeechGrpcAsyncIOTransport(channel=channel)
        return Access(texttospeech.TextToSpeechAsyncClient(transport=transport), "project")

    return Google(connect)


def _openai(address: str) -> CloudVoice:
    return OpenAiVoice(api_key=KEY, model="m", base_url=f"{address}/v1")


def _azure(address: str) -> CloudVoice:
    return Azure(api_key=KEY, url=address, voice="en-US-AvaMultilingualNeural")


def _elevenlabs(address: str) -> CloudVoice:
    return ElevenLabs(api_key=KEY, model="eleven_flash_v2_5", base_url=address)


def _deepgram(address: str) -> CloudVoice:
    return DeepgramVoice(api_key=KEY, base_url=address)


def _amazon(address: str) -> CloudVoice:
    signer = Signer("eu-west-1", lambda: Credentials(KEY, SECRET))
    return AmazonVoice(signer, url=address, engine="neural")


VOICES: Mapping[str, VoiceOf] = {
    "elevenlabs": VoiceOf(
        elevenlabs.serving,
        _elevenlabs,
        nonsense='{"audio": "private words"}',
        deadlines=(
            "gateway.providers.lines.CONNECT_SECONDS",
            "gateway.providers.elevenlabs.IDLE_SECONDS",
        ),
    ),
    "deepgram": VoiceOf(
        deepgram_voice.serving,
        _deepgram,
        nonsense='{"type": "Private", "description": "private words"}',
        deadlines=(
            "gateway.providers.lines.CONNECT_SECONDS",
            "gateway.providers.deepgram_voice.IDLE_SECONDS",
        ),
    ),
    "openai": VoiceOf(
        openai_audio.serving,
        _openai,
        AudioFormat(Encoding.PCM_S16, 24_000),
        deadlines=("gateway.providers.openai_voice.IDLE_SECONDS",),
    ),
    "google": VoiceOf(
        google.serving, _google, deadlines=("gateway.providers.google.TOTAL_SECONDS",)
    ),
    "azure": VoiceOf(azure.serving, _azure, deadlines=("gateway.providers.azure.SILENT_SECONDS",)),
    "amazon": VoiceOf(
        amazon.serving, _amazon, deadlines=("gateway.providers.amazon_tts.SILENT_SECONDS",)
    ),
}
